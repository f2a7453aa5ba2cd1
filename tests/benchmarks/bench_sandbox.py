"""How fast the sandbox is, against the other ways of running the same programs.

    make bench NAME=sandbox ARGS="--dataset FILE --programs 300 --rounds 5"

Covered: CPU time of all processes, in rounds in which the ways take turns, so that whatever else
the machine does falls on all of them; every ratio is taken within a round, and the median of the
rounds is printed. The last line is JSON. Not covered: what a caller spends on reading inputs
from text (`decode_ms` says how much that is) and on writing the files of (a).
"""

import argparse
import dataclasses
import json
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from types import CodeType
from typing import TypeVar
from unittest.mock import patch

import sandbox_ways as ways
from sandbox_agreement import disagreements
from sandbox_cost import Cost, descendants, measured, resident_megabytes
from sandbox_programs import Item, read_items

from sandbox import Program, Sandbox
from sandbox.gate import Verdict, judge

REPEATS = 4
"""Times that the quick ways run all programs in a round, each time with another text: the CPU
time that a jail's processes collected from their children is counted in ticks of 10 ms."""

STARTS = 15
"""Sandboxes started to find the time until a first result."""

T = TypeVar("T")

NAMES = {
    "file": "(a) python file.py, as the published executor",
    "plain": "(a') python file.py without its guard",
    "fork": "(b) fork and guard",
    "nsjail": "(c) nsjail and a fresh python",
    "batched": "(d) this sandbox",
    "strict": "(d) this sandbox, a fork per program",
    "proved": "(e) this sandbox, proved",
    "arcs": "(e') this sandbox with branch arcs",
    "floor": "(f) exec in process",
}


@dataclass
class Row:
    """One way of running, round by round."""

    programs: int
    calls: int
    costs: list[Cost] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    """Wall seconds of a program, where the way takes one at a time."""

    @property
    def cpu(self) -> float:
        """CPU seconds per program, median of the rounds."""
        return median(cost.cpu for cost in self.costs) / self.programs

    @property
    def rate(self) -> float:
        """Programs per wall second, median of the rounds."""
        return self.programs / median(cost.wall for cost in self.costs)


@dataclass(frozen=True)
class Way:
    """How to run all items once; it appends to the latencies."""

    run: Callable[[list[float]], object]
    repeats: int


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures and prints; the last line is JSON."""
    options = _options(arguments)
    items = read_items(options.dataset, options.programs)
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[-1:])
    with tempfile.TemporaryDirectory() as folder, Sandbox() as sandbox, ways.silence():
        rows = _rounds(items, _ways(items, sandbox, Path(folder)), options.rounds)
        differing = disagreements(items, sandbox, Path(folder))
    summary = {
        **_ratios(rows),
        "two_cores": _two_cores(items, cores, options.rounds),
        **_start(items[0].program),
        "decode_ms": _decode_ms(items),
        "programs": len(items),
        "disagreements": sum(differing.values()),
        "reasons": differing,
    }
    print(_table(rows))
    print(json.dumps({name: _rounded(value) for name, value in summary.items()}))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", type=Path, help="Parquet file or folder of samples")
    parser.add_argument("--programs", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args(arguments)


def _rounded(value: object) -> object:
    return round(value, 3) if isinstance(value, float) else value


# --- the rounds


def _ways(items: list[Item], sandbox: Sandbox, folder: Path) -> dict[str, Way]:
    guarded = ways.write_files(items, folder, guarded=True)
    plain = ways.write_files(items, folder, guarded=False)
    jail = ways.FreshJail(folder)
    quick = _Quick(items, sandbox)
    return {
        "file": Way(lambda log: _timed(ways.run_file, guarded, log), 1),
        "plain": Way(lambda log: _timed(ways.run_file, plain, log), 1),
        "fork": Way(lambda log: _timed(ways.run_forked, items, log), 1),
        "nsjail": Way(lambda log: _timed(jail.run, items, log), 1),
        "batched": Way(quick.batched, REPEATS),
        "strict": Way(quick.strict, REPEATS),
        "proved": Way(quick.proved, REPEATS),
        "arcs": Way(quick.arcs, REPEATS),
        "floor": Way(quick.floor, REPEATS),
    }


def _timed(run: Callable[[T], object], things: Iterable[T], log: list[float]) -> None:
    for thing in things:
        start = time.perf_counter()
        run(thing)
        log.append(time.perf_counter() - start)


def _trust_nobody(code: CodeType) -> Verdict:
    """The gate's verdict, save that every program must run alone."""
    return dataclasses.replace(judge(code), shareable=False)


class _Quick:
    """The ways that run all items several times, with another text each time."""

    def __init__(self, items: list[Item], sandbox: Sandbox) -> None:
        self._items, self._sandbox, self._mark = items, sandbox, 0
        self._programs = [item.program for item in items]

    def _fresh(self) -> list[Program]:
        self._mark += 1
        return [
            Program(f"{one.source}\n# {self._mark}\n", one.entry, one.calls)
            for one in self._programs
        ]

    def batched(self, _: list[float]) -> None:
        list(self._sandbox.run(self._fresh()))

    def stream(self) -> None:
        """All programs, over and over, in one run."""
        programs = (program for _ in range(2 * REPEATS) for program in self._fresh())
        for _ in self._sandbox.run(programs):
            pass

    def proved(self, _: list[float]) -> None:
        list(self._sandbox.prove(self._fresh()))

    def arcs(self, _: list[float]) -> None:
        list(self._sandbox.run(self._fresh(), arcs=True))

    def strict(self, log: list[float]) -> None:
        programs = self._fresh()
        with patch("sandbox.prepare.judge", _trust_nobody):
            _timed(self._alone, programs, log)

    def _alone(self, program: Program) -> None:
        list(self._sandbox.run([program]))

    def floor(self, log: list[float]) -> None:
        self._mark += 1
        _timed(ways.run_in_process, [item.marked(self._mark) for item in self._items], log)


def _rounds(items: list[Item], ways_by_name: dict[str, Way], rounds: int) -> dict[str, Row]:
    rows = {
        name: Row(
            len(items) * way.repeats, sum(len(item.arguments) for item in items) * way.repeats
        )
        for name, way in ways_by_name.items()
    }
    for way in ways_by_name.values():
        if way.repeats > 1:
            way.run([])  # nothing is cold when the first round begins
    for number in range(rounds):
        names = list(ways_by_name)
        random.Random(number).shuffle(names)
        for name in names:
            _measure(ways_by_name[name], rows[name])
    return rows


def _measure(way: Way, row: Row) -> None:
    with measured() as cost:
        for _ in range(way.repeats):
            way.run(row.latencies)
    row.costs.append(cost)


# --- figures


def _ratios(rows: dict[str, Row]) -> dict[str, float]:
    strict = _percentiles(rows["strict"].latencies)
    return {
        "over_subprocess": _over(rows, "file", "batched"),
        "over_subprocess_proved": _over(rows, "file", "proved"),
        "over_subprocess_strict": _over(rows, "file", "strict"),
        "of_floor": _over(rows, "floor", "batched"),
        "over_plain_subprocess": _over(rows, "plain", "batched"),
        "arcs_over_none": _over(rows, "arcs", "batched"),
        "strict_p50_ms": strict[0],
        "strict_p99_ms": strict[1],
    }


def _over(rows: dict[str, Row], slow: str, quick: str) -> float:
    """How many times more CPU a program takes one way than the other: within rounds, median."""
    pairs = zip(rows[slow].costs, rows[quick].costs, strict=True)
    scale = rows[quick].programs / rows[slow].programs
    return scale * median(one.cpu / other.cpu for one, other in pairs)


def _percentiles(seconds: list[float]) -> tuple[float, float]:
    cuts = quantiles(seconds, n=100)
    return cuts[49] * 1000, cuts[98] * 1000


def _table(rows: dict[str, Row]) -> str:
    head = f"{'':47}{'CPU ms':>9}{'programs/s':>12}{'cases/s':>9}{'p50 ms':>8}{'p99 ms':>8}"
    head += f"{'over (a)':>10}{'of (f)':>8}"
    lines = []
    for name, row in rows.items():
        p50, p99 = _percentiles(row.latencies) if row.latencies else (0.0, 0.0)
        cases = row.rate * row.calls / row.programs
        lines.append(
            f"{NAMES[name]:47}{row.cpu * 1000:9.3f}{row.rate:12.0f}{cases:9.0f}{p50:8.2f}{p99:8.2f}"
            f"{_over(rows, 'file', name):10.1f}{_over(rows, 'floor', name):8.3f}"
        )
    return "\n".join([head, *lines])


def _two_cores(items: list[Item], cores: list[int], rounds: int) -> float:
    """Programs per second with two workers on two cores, over one on one: median of rounds."""
    if len(cores) < 2:
        os.sched_setaffinity(0, cores)
        return 0.0
    with ExitStack() as stack:
        os.sched_setaffinity(0, cores[:1])
        one = stack.enter_context(Sandbox(workers=1))
        os.sched_setaffinity(0, cores[:2])
        two = stack.enter_context(Sandbox(workers=2))
        lone, pair = _Quick(items, one), _Quick(items, two)
        ratios = [
            _wall(lone, cores[:1]) / _wall(pair, cores[:2]) for _ in range(max(rounds, 5) + 1)
        ]
    os.sched_setaffinity(0, cores)
    return median(ratios[1:])  # the first starts the jails, which stay on the cores of then


def _wall(quick: _Quick, cores: list[int]) -> float:
    """Wall seconds of one long stream of programs on these cores."""
    os.sched_setaffinity(0, cores)
    start = time.perf_counter()
    quick.stream()
    return time.perf_counter() - start


def _start(program: Program) -> dict[str, float]:
    """Milliseconds until a first result, and megabytes of the worker that gave it."""
    times, sizes = [], []
    before = set(descendants(os.getpid()))
    for _ in range(STARTS):
        start = time.perf_counter()
        with Sandbox() as sandbox:
            list(sandbox.run([program]))
            times.append((time.perf_counter() - start) * 1000)
            worker = [pid for pid in descendants(os.getpid()) if pid not in before]
            sizes.append(resident_megabytes(worker))
    return {"first_result_ms": median(times), "idle_mb": median(sizes)}


def _decode_ms(items: list[Item]) -> float:
    start = time.process_time()
    for item in items:
        assert item.program.calls or not item.arguments
    return (time.process_time() - start) / len(items) * 1000


if __name__ == "__main__":
    main()
