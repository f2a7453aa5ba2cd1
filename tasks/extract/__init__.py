"""From source files to functions that stand on their own: start reading at `extract`."""
