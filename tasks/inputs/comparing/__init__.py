"""How good the inputs of each writer are, on the same functions."""
