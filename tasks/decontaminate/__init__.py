"""No benchmark in the training data: finds what solves a problem, by text and by behaviour."""
