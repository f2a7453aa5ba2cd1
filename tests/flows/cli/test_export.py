"""`case2code export`: from a data set in a store to a file that a trainer takes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from tasks.dataset.assemble import assemble
from tasks.prompts.rendering import render
from tasks.prompts.weighing import unweighed
from tasks.records.base import digest_of
from tasks.records.cases import Case, ExecutedFunction
from tasks.records.configs import DatasetConfig, PromptConfig
from tasks.records.drops import Funnel
from tasks.records.functions import Function, Parameter
from tasks.records.samples import Sample, Task
from tasks.settings import Settings
from tasks.store.artifacts import open_store

CONFIG = PromptConfig(tasks=tuple(Task), samples_per_function=1)


def executed(number: int) -> ExecutedFunction:
    program = f"def add(n):\n    return n + {number}\n"
    function = Function(
        id=digest_of(program), name="add", program=program, code=program,
        parameters=(Parameter(name="n"),), identity=digest_of(program), operations=1, branches=0,
        source="corpus/a.py", path="a.py", corpus="corpus", first_line=1, last_line=2,
    )  # fmt: skip
    cases = [
        Case(arguments=f"{{'n': {n}}}", writer="search", status="ok", output=str(n + number))
        for n in range(6)
    ]
    return ExecutedFunction(function=function, cases=tuple(cases))


@pytest.fixture
def reference(tmp_path: Path) -> str:
    """A data set of the three tasks, in the store beside it."""
    rendered = (one for k in range(1, 21) for one in render(unweighed(executed(k)), CONFIG, 0))
    samples = [one for one in rendered if isinstance(one, Sample)]
    folder = tmp_path / "made"
    config = DatasetConfig(validation_share=0.2, test_share=0.2)
    made = assemble(samples, Funnel(steps=()), {}, folder, config, 0)
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.*")}
    with open_store(str(tmp_path / "store"), Settings()) as store:
        return store.put("dataset", files, rows=made.samples, meta=made.meta).digest


def run(tmp_path: Path, *arguments: str) -> tuple[int, str]:
    store = ["--store", str(tmp_path / "store")]
    done = CliRunner().invoke(app, ["export", *arguments, *store])
    return done.exit_code, done.output if done.exception is None else str(done.exception)


def test_only_what_is_to_be_trained_on_is_written(reference: str, tmp_path: Path) -> None:
    to = tmp_path / "train.jsonl"
    code, said = run(tmp_path, reference, "--to", str(to), "--json")
    rows = [json.loads(line) for line in to.read_text().splitlines()]
    assert code == 0
    assert json.loads(said)["rows"] == len(rows) < 60
    assert set(rows[0]) == {"id", "prompt", "completion"}
    every = tmp_path / "all.jsonl"
    assert run(tmp_path, reference, "--to", str(every), "--split", "all")[0] == 0
    assert len(every.read_text().splitlines()) == 60


def test_tasks_and_forms_are_chosen(reference: str, tmp_path: Path) -> None:
    to = tmp_path / "rl.jsonl"
    arguments = ["--to", str(to), "--form", "rl", "--task", "output_prediction", "--split", "all"]
    assert run(tmp_path, reference, *arguments)[0] == 0
    rows = [json.loads(line) for line in to.read_text().splitlines()]
    assert len(rows) == 20
    assert {row["verification_info"]["task"] for row in rows} == {"output_prediction"}


def test_a_split_that_there_is_not_is_an_error_that_lists_those_that_are(
    reference: str, tmp_path: Path
) -> None:
    code, said = run(tmp_path, reference, "--to", str(tmp_path / "x.jsonl"), "--split", "dev")
    assert code != 0
    assert "train, validation, test, all" in said
