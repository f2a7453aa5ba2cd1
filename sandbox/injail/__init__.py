"""The code inside the jail. It imports what is built into Python and nothing of this package."""
