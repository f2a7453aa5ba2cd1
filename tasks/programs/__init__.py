"""What several steps know of code: identity of programs, slices of them, and calls."""
