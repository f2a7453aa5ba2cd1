"""Orchestration only: which step follows which, over which shards, and the command line."""
