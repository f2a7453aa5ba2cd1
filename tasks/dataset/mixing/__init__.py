"""Data sets combined at given shares, streamed."""
