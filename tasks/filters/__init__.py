"""Which executed functions say enough to become samples."""
