"""How many of the functions that extraction keeps can be run: on 160 tried inputs, 8 valid cases.

    make bench NAME=yield ARGS="--functions 200 --seed 0 --list"

Measured on the corpora of `bench_extract.py`: the standard library, the site-packages of this
environment and the source distributions (left out where they are not to be had). Distinct
functions are drawn by the seed, the same number of each corpus; the search writes their inputs
(160 tried, 10 chosen) and the 10 are run once more. `valid_8` in all is weighed by how many each
corpus keeps. The last line is JSON.
"""

import argparse
import json
import random
import subprocess
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from bench_writers import CHOSEN
from extract_corpora import Package, default_folder, dense, mixed

from sandbox import Outcome, Sandbox, Status
from tasks.extract.extract import extract
from tasks.inputs.writing import LIMITS, write_inputs
from tasks.programs.calls import program_of
from tasks.records.cases import WrittenFunction
from tasks.records.configs import ExtractConfig, InputsConfig
from tasks.records.functions import Function

MARKS = (1, 3, 8)


def kept_in(projects: Iterable[Package]) -> list[Function]:
    """Distinct functions, in the order of their ids."""
    found: dict[str, Function] = {}
    for project in projects:
        for item in extract(project, ExtractConfig()):
            if isinstance(item, Function):
                found.setdefault(item.identity, item)
    return sorted(found.values(), key=lambda one: one.id)


def valid_cases(functions: Sequence[Function], seed: int) -> dict[str, int]:
    """Valid cases of each function by id, of the 10 inputs chosen from 160 tried."""
    config = InputsConfig(chosen=CHOSEN, budget=160)
    counts = {function.id: 0 for function in functions}
    with Sandbox(limits=LIMITS) as sandbox:

        def run(programs: Any) -> Any:
            return sandbox.run(programs, arcs=True)

        results = write_inputs(functions, {}, run, config, seed)
        written = [one for one in results if isinstance(one, WrittenFunction)]
    programs = [program_of(one.function, [i.arguments for i in one.inputs]) for one in written]
    with Sandbox() as sandbox:
        for one, outcomes in zip(written, sandbox.run(programs), strict=True):
            counts[one.function.id] = sum(map(_is_valid, outcomes))
    return counts


def _is_valid(outcome: Outcome) -> bool:
    return outcome.status is Status.OK


def row_of(
    functions: Sequence[Function], number: int, seed: int, *, listed: bool
) -> dict[str, Any]:
    """The shares of one corpus, of a seeded draw of its functions."""
    drawn = random.Random(seed).sample(functions, min(number, len(functions)))
    counts = valid_cases(drawn, seed)
    if listed:
        for function in drawn:
            if counts[function.id] < MARKS[-1]:
                print(f"    {counts[function.id]} {function.source}:{function.first_line}")
    shares = {f"valid_{n}": sum(c >= n for c in counts.values()) / len(drawn) for n in MARKS}
    return {name: round(share, 3) for name, share in shares.items()} | {
        "functions": len(drawn),
        "kept": len(functions),
    }


def corpora(folder: Path) -> Iterable[tuple[str, list[Package]]]:
    """The corpora by name."""
    everything = mixed(None, 0)
    for name in ("stdlib", "site-packages"):
        yield name, [project for project in everything if project[0].corpus == name]
    try:
        yield "dense", dense(folder)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"dense: left out, the source distributions are not to be had ({error})")


def main() -> None:
    """Measures, prints a row for each corpus and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--functions", type=int, default=200, help="drawn of each corpus")
    parser.add_argument("--dense", type=Path, default=default_folder(), help="folder of sdists")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--list", action="store_true", help="name those that fall short")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # what the parser says of other people's code
    rows: dict[str, dict[str, Any]] = {}
    for name, projects in corpora(options.dense):
        rows[name] = row_of(kept_in(projects), options.functions, options.seed, listed=options.list)
        print(f"{name}: {rows[name]}", flush=True)
    kept = sum(row["kept"] for row in rows.values())
    in_all = sum(row["valid_8"] * row["kept"] for row in rows.values()) / kept
    print(json.dumps({"valid_8": round(in_all, 3)} | rows))


if __name__ == "__main__":
    main()
