"""How fast functions are taken out of files, against parsing them and the published rules.

    make bench NAME=extract ARGS="--megabytes 40 --rounds 5 --dense sdists"

Covered: one core, CPU time, rounds in which the ways take turns on the same files in memory,
ratios within a round and their median, with and without the arguments that authors pass (which
the published rules do not look for); recall and names against the whole-file way; two
processes at once; growth of memory while projects stream through. The last line is JSON.
Not covered: reading files, and writing records.
"""

import argparse
import ast
import gc
import json
import multiprocessing
import subprocess
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

from extract_corpora import Package, default_folder, dense, mixed, size_of
from extract_reference import functions_of

from tasks.extract.extract import extract, extract_whole
from tasks.programs.names import unresolved_names
from tasks.records.configs import ExtractConfig
from tasks.records.functions import Function

CONFIG = ExtractConfig()
WITHOUT_SEEDS = ExtractConfig(max_seeds=0)
Way = Callable[[Sequence[Package]], int]


def parse_all(packages: Sequence[Package]) -> int:
    """The floor of everything that parses files."""
    parsed = 0
    for package in packages:
        for file in package:
            try:
                ast.parse(file.text)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            parsed += 1
    return parsed


def by_reference(packages: Sequence[Package]) -> int:
    """The published rules."""
    return sum(1 for package in packages for file in package for _ in functions_of(file.text))


def ours(packages: Sequence[Package], config: ExtractConfig = WITHOUT_SEEDS) -> int:
    """The functions, which is what the other ways look for."""
    return sum(
        isinstance(item, Function) for package in packages for item in extract(package, config)
    )


def with_seeds(packages: Sequence[Package]) -> int:
    """What a build does: the arguments in doctests and at call sites are looked for, too."""
    return ours(packages, CONFIG)


WAYS: dict[str, Way] = {
    "reference": by_reference,
    "parse": parse_all,
    "ours": ours,
    "with_seeds": with_seeds,
}
Times = list[dict[str, float]]


def take_turns(packages: Sequence[Package], rounds: int) -> Times:
    """Seconds of CPU time of each way, round by round; the first of them changes."""
    times: Times = []
    for number in range(rounds):
        names = list(WAYS)
        names = names[number % len(names) :] + names[: number % len(names)]
        times.append({name: _cpu(WAYS[name], packages) for name in names})
    return times


def _cpu(way: Way, packages: Sequence[Package]) -> float:
    gc.collect()
    start = time.process_time()
    way(packages)
    return time.process_time() - start


def compared(packages: Sequence[Package]) -> dict[str, float]:
    """What the whole-file way keeps and ours keeps the same, and names that do not resolve."""
    expected = _kept(extract_whole, packages)
    found = _kept(extract, packages)
    same = sum(found.get(key) == record for key, record in expected.items())
    print(f"  kept {len(found)}, whole-file {len(expected)}, the same records {same}")
    return {
        "recall": round(same / len(expected), 4) if expected else 1.0,
        "unresolved": sum(bool(unresolved_names(one.program)) for one in found.values()),
    }


def _kept(way: Callable[..., Iterable[Any]], packages: Sequence[Package]) -> dict[str, Function]:
    items = (item for package in packages for item in way(package, CONFIG))
    return {item.id: item for item in items if isinstance(item, Function)}


def two_cores(packages: Sequence[Package]) -> float:
    """CPU time of one process over that of the busier of two which run at once."""
    halves: list[list[Package]] = [[], []]
    for package in sorted(packages, key=lambda one: -size_of([one])):
        min(halves, key=size_of).append(package)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        list(pool.map(_measured, [packages[:1]] * 2))  # started, and imports done
        both = list(pool.map(_measured, halves))
        alone = pool.submit(_measured, packages).result()
    return alone / max(both)


def _measured(packages: Sequence[Package]) -> float:
    warnings.simplefilter("ignore")
    return _cpu(with_seeds, packages)


def growth_mb(packages: Sequence[Package]) -> float:
    """Growth of the peak of memory of a process that holds the files already."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_growth, packages).result()


def _growth(packages: Sequence[Package]) -> float:
    warnings.simplefilter("ignore")
    with_seeds(packages[:3])
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts again from here
    before = _status_mb("VmRSS")
    with_seeds(packages)
    return _status_mb("VmHWM") - before


def _status_mb(field: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    [value] = [line.split()[1] for line in lines if line.startswith(f"{field}:")]
    return int(value) / 1024


def ratios(times: Times) -> dict[str, float]:
    """Medians over the rounds of what the others take for each second that ours takes."""
    return {
        "over_reference_rules": round(median(t["reference"] / t["ours"] for t in times), 2),
        "over_ast_parse": round(median(t["parse"] / t["ours"] for t in times), 2),
        "with_seeds_over_ast_parse": round(median(t["parse"] / t["with_seeds"] for t in times), 2),
    }


def measure(name: str, packages: Sequence[Package], rounds: int) -> tuple[Times, dict[str, float]]:
    """One corpus: times of all rounds, and its row of the result."""
    megabytes = size_of(packages)
    files = sum(map(len, packages))
    print(f"{name}: {files} files, {megabytes:.1f} MB, {len(packages)} projects", flush=True)
    times = take_turns(packages, rounds)
    for way in WAYS:
        best = min(t[way] for t in times)
        print(f"  {way:<10}{best:8.2f} s at best {megabytes / best:8.1f} MB/s", flush=True)
    row = ratios(times) | compared(packages)
    row["two_cores"] = round(two_cores(packages), 2)
    row["growth_mb"] = round(growth_mb(packages), 1)
    print(f"  {row}", flush=True)
    return times, row


def _corpora(options: argparse.Namespace) -> Iterable[tuple[str, list[Package]]]:
    if options.corpus != "dense":
        yield "mixed", mixed(None if options.all else options.megabytes, options.seed)
    if options.corpus == "mixed":
        return
    try:
        yield "dense", dense(options.dense)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"dense: left out, the source distributions are not to be had ({error})")


def main() -> None:
    """Measures, prints a table and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--megabytes", type=float, default=20.0, help="of the mixed corpus")
    parser.add_argument("--all", action="store_true", help="all of the mixed corpus")
    parser.add_argument("--corpus", choices=("mixed", "dense", "both"), default="both")
    parser.add_argument("--dense", type=Path, default=default_folder(), help="folder of sdists")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # what the parser says of other people's code
    measured = {n: measure(n, found, options.rounds) for n, found in _corpora(options)}
    every = [times for times, _ in measured.values()]
    summed = [{way: sum(t[way] for t in turn) for way in WAYS} for turn in zip(*every, strict=True)]
    rows = {name: row for name, (_, row) in measured.items()}
    print(json.dumps(_in_all(rows, summed) | rows))


def _in_all(rows: dict[str, dict[str, float]], summed: Times) -> dict[str, Any]:
    """Ratios of the sums; of the rest, the worst corpus."""
    worst = {
        "recall": min(row["recall"] for row in rows.values()),
        "unresolved": sum(row["unresolved"] for row in rows.values()),
        "two_cores": min(row["two_cores"] for row in rows.values()),
        "growth_mb": max(row["growth_mb"] for row in rows.values()),
    }
    return ratios(summed) | worst


if __name__ == "__main__":
    main()
