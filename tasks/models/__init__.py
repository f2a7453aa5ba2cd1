"""Text generation by language models."""
