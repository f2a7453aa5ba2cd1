"""The standard library, whole: enough is kept, and all of it stands on its own."""

import hashlib
import subprocess
import sys
from typing import Any

import pytest

from sandbox import Call, Program, Sandbox, Status
from tasks.collect.corpora import open_corpora
from tasks.collect.reading import collect
from tasks.extract.extract import extract
from tasks.programs.calls import call_of
from tasks.programs.names import unresolved_names
from tasks.records.configs import CollectConfig, ExtractConfig
from tasks.records.drops import Drop
from tasks.records.functions import Function
from tasks.records.sources import SourceFile


def extracted_from(folder: str) -> list[Function | Drop]:
    """Everything from the files of the standard library whose path starts so."""
    corpora = open_corpora(["stdlib"])
    listings = (listing for listing in corpora.list() if listing.path.startswith(folder))
    collected = collect(listings, corpora, CollectConfig())
    files = [item for item in collected if isinstance(item, SourceFile)]
    return list(extract(files, ExtractConfig()))


@pytest.fixture(scope="module")
def functions() -> list[Function]:
    return [item for item in extracted_from("") if isinstance(item, Function)]


def test_at_least_420_functions_are_kept(functions: list[Function]) -> None:
    assert len({function.identity for function in functions}) >= 420


def test_every_name_resolves(functions: list[Function]) -> None:
    missing = {f.source: names for f in functions if (names := unresolved_names(f.program))}
    assert missing == {}


def test_every_program_loads_in_the_jail(functions: list[Function], jail: Sandbox) -> None:
    programs = [Program(f.program, f.name, (Call(),)) for f in functions]
    outcomes = zip(functions, jail.run(programs), strict=True)
    loaded = {Status.OK, Status.RAISED, Status.OPAQUE}
    failed = [
        (f.source, f.name, o.status, o.message) for f, [o] in outcomes if o.status not in loaded
    ]
    assert failed == []


def test_no_seed_meets_a_missing_name(functions: list[Function], jail: Sandbox) -> None:
    seeded = [function for function in functions if function.seeds]
    assert len(seeded) > 20
    programs = [
        Program(f.program, f.name, tuple(call_of(f.parameters, seed) for seed in f.seeds))
        for f in seeded
    ]
    outcomes = [outcome for result in jail.run(programs) for outcome in result]
    assert not [o for o in outcomes if o.error in {"NameError", "ImportError"}]
    assert sum(o.status is Status.OK for o in outcomes) > 0.9 * len(outcomes)


def test_the_code_stands_in_its_program_once(functions: list[Function]) -> None:
    assert all(function.program.count(function.code) == 1 for function in functions)


def test_another_hash_seed_gives_the_same_records() -> None:
    script = (
        "import runpy; module = runpy.run_path(sys.argv[1])\n"
        "print(module['digest'](module['extracted_from']('email/')))\n"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path.insert(0, '.'); {script}", __file__],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert digests == {digest(extracted_from("email/")) + "\n"}


def digest(items: list[Any]) -> str:
    return hashlib.sha256("".join(item.model_dump_json() for item in items).encode()).hexdigest()
