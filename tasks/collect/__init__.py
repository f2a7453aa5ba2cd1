"""From corpora to decoded source files: `corpora` lists them, `reading` reads a shard of them."""
