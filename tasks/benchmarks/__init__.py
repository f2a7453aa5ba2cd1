"""The benchmarks of the field: HumanEval, MBPP and files of the same shape."""
