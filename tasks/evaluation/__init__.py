"""Scores of models on benchmarks, and programs found from examples."""
