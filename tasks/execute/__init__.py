"""Runs the chosen inputs in the sandbox, twice, for outputs that are true."""
