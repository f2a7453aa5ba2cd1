"""The same function only once: by identity, by text, and by behaviour."""
