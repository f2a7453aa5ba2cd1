"""`case2code audit`: what is wrong in words, and all of it on demand."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from tasks.errors import ConfigError

GOOD = "def wrap(text):\n    return '*' + text.strip() + '*'\n"
LOST = "def lost(a):\n    return missing + a\n"


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    items = [
        {"code": GOOD, "prompt": "assert wrap('a') == '*b*'\nassert wrap('a') == '*a*'\n"},
        {"code": LOST},
        {"text": "no code"},
    ]
    path.write_text("".join(json.dumps(item) + "\n" for item in items))
    return path


def audited(rows: Path, *options: str) -> str:
    arguments = ["audit", str(rows), "--benchmarks", "none", *options]
    done = CliRunner().invoke(app, arguments, env={"COLUMNS": "120"})
    if done.exception is not None:
        raise done.exception
    return done.stdout


def test_each_check_is_said_in_words_with_a_share_and_an_example(rows: Path) -> None:
    said = audited(rows)
    assert "2 items, of which" in said
    assert "50.0%  use a name that nothing defines" in said
    assert "unresolved_name: lost: missing" in said
    assert "1 of 2 statements in prompts are false" in said
    assert "1 rows hold no function that can be read" in said


def test_all_findings_of_a_check_are_lines_with_their_evidence(rows: Path) -> None:
    assert audited(rows, "--list", "unresolved_name") == "unresolved_name\tlost\tmissing\n"
    assert len(audited(rows, "--list", "all").splitlines()) == 2


def test_a_check_that_does_not_exist_is_said_so_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--list colour: no such check; there are all, "):
        audited(tmp_path / "no such file", "--list", "colour")


def test_json_has_counts_and_findings(rows: Path) -> None:
    report = json.loads(audited(rows, "--json"))
    assert report["counts"] == {"false_claim": 1, "unresolved_name": 1}
    assert {one["check"] for one in report["findings"]} == {"false_claim", "unresolved_name"}
