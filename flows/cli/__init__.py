"""The `case2code` command: parse, call a flow, show the result. No logic."""
