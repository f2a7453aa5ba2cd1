"""Every record that crosses a step; each kind has its one home in here."""
