"""Questions about the method, answered by builds, trainings and evaluations side by side."""
