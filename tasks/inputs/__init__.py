"""Inputs for functions: mined, searched by type, mutated, or written by a language model."""
