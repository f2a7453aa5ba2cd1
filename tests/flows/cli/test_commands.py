"""The commands as a person meets them."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.flows.cli.conftest import Command, result_of
from tests.flows.corpus import write_corpus


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path)


def test_build_and_show_print_one_json_object_each(
    case2code: Command, corpus: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    built = result_of(
        case2code("build", "--corpus", corpus, "--store", store, "--limit", 5, "--json")
    )
    assert set(built) >= {
        "ref",
        "path",
        "functions",
        "samples",
        "functions_with_8_cases",
        "seconds",
        "cached_steps",
        "funnel",
    }
    assert 0 < built["functions"] <= 5
    shown = result_of(case2code("show", built["ref"][:10], "--store", store, "-n", 2, "--json"))
    assert shown["ref"] == built["ref"]
    assert shown["funnel"] == built["funnel"]
    assert len(shown["samples"]) == 2
    by_folder = result_of(case2code("show", built["path"], "-n", 2, "--json"))
    assert by_folder["samples"] == shown["samples"]
    assert built["report"] == shown["report"] == by_folder["report"]
    assert Path(built["report"]).read_text().startswith("<!doctype html>")
    [version] = result_of(case2code("ls", "--store", store, "--json"))["versions"]
    assert (version["name"], version["version"], version["ref"]) == ("corpus", "1", built["ref"])
    assert version["latest"]
    found = result_of(case2code("diff", "corpus", "corpus@1", "--store", store, "--json"))
    assert (found["same"], found["changes"]) == (built["functions"], [])


def test_build_shows_funnel_samples_place_and_what_to_try_next(
    case2code: Command, corpus: Path, tmp_path: Path
) -> None:
    done = case2code("build", "--corpus", corpus, "--store", tmp_path / "store")
    assert done.returncode == 0, done.stderr
    for wanted in (
        "Funnel",
        "dropped, by reason",
        "answer:",
        "next      python -m flows.cli.main show ",
    ):
        assert wanted in done.stdout
    assert str(tmp_path / "store" / "artifacts" / "dataset") in done.stdout
    command = done.stdout.partition("flows.cli.main")[2].split()
    assert command[2:] == ["--store", str(tmp_path / "store")]
    assert case2code(*command).returncode == 0
    assert "deduplicate" in done.stderr, "progress goes to standard error"


@pytest.mark.parametrize("command", ["build", "up", "show", "doctor"])
def test_help_says_what_each_command_does(case2code: Command, command: str) -> None:
    done = case2code(command, "--help")
    assert done.returncode == 0
    assert "--json" in done.stdout
    assert command in case2code("--help").stdout


def test_a_damaged_data_set_is_named_and_not_touched(
    case2code: Command, corpus: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    built = result_of(case2code("build", "--corpus", corpus, "--store", store, "--json"))
    folder = Path(built["path"])
    with (folder / "funnel.json").open("a") as damaged:
        damaged.write("x")
    for ref in (built["ref"], folder):
        done = case2code("show", ref, "--store", store)
        assert done.returncode == 1
        assert "funnel.json" in done.stderr
        assert "Traceback" not in done.stderr
    assert (folder / "funnel.json").exists()
    again = result_of(case2code("build", "--corpus", corpus, "--store", store, "--json"))
    assert again["ref"] == built["ref"]
    assert case2code("show", built["ref"], "--store", store).returncode == 0


def empty_folder(tmp_path: Path) -> list[object]:
    (tmp_path / "empty").mkdir()
    return ["build", "--corpus", tmp_path / "empty"]


def closed_folder(tmp_path: Path) -> list[object]:
    (tmp_path / "closed").mkdir(mode=0)
    return ["build", "--corpus", tmp_path / "closed"]


def store_in_the_way(tmp_path: Path) -> list[object]:
    (tmp_path / "file").write_text("")
    return ["build", "--store", tmp_path / "file" / "store"]


def unknown_key(tmp_path: Path) -> list[object]:
    (tmp_path / "config.yaml").write_text("sede: 1\n")
    return ["build", "--config", tmp_path / "config.yaml"]


MISTAKES: dict[str, tuple[Callable[[Path], list[object]], str]] = {
    "empty corpus": (empty_folder, "holds no Python code"),
    "closed corpus": (closed_folder, "permission"),
    "missing corpus": (lambda _: ["build", "--corpus", "/nowhere"], "There is no /nowhere"),
    "store in the way": (store_in_the_way, "--store"),
    "store of another kind": (lambda _: ["build", "--store", "gs://b"], "s3://bucket/prefix"),
    "unknown key": (unknown_key, "sede is no key of the config"),
    "no model server": (lambda _: ["build", "--writer", "openai:tiny"], "CASE2CODE_LLM_URL"),
    "unknown writer": (lambda _: ["build", "--writer", "gpt"], "is no writer"),
    "unknown data set": (lambda _: ["show", "0123"], "no dataset"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_cannot_work_is_one_clear_error(
    case2code: Command, tmp_path: Path, mistake: str
) -> None:
    words, said = MISTAKES[mistake]
    if words is closed_folder and os.geteuid() == 0:
        pytest.skip("root may read every folder")
    done = case2code(*words(tmp_path))
    assert done.returncode == 1
    assert "error: " in done.stderr
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_bucket_that_does_not_exist_and_a_wrong_endpoint_are_said_so(
    case2code: Command, s3_endpoint: str, corpus: Path
) -> None:
    keys = {"CASE2CODE_S3_ACCESS_KEY": "k", "CASE2CODE_S3_SECRET_KEY": "k"}
    keys |= {"CASE2CODE_S3_REGION": "us-east-1"}
    words = ("build", "--corpus", corpus, "--store", "s3://no-bucket-of-that-name/x")
    missing = case2code(*words, CASE2CODE_S3_ENDPOINT=s3_endpoint, **keys)
    assert missing.returncode == 1
    assert "the bucket does not exist" in " ".join(missing.stderr.split())
    wrong = case2code(*words, CASE2CODE_S3_ENDPOINT="http://127.0.0.1:9", **keys)
    assert wrong.returncode == 1
    assert "CASE2CODE_S3_ENDPOINT" in wrong.stderr
    for done in (missing, wrong):
        assert "Traceback" not in done.stderr


def test_doctor_checks_what_a_build_stands_on(case2code: Command, tmp_path: Path) -> None:
    report = result_of(case2code("doctor", "--store", tmp_path / "store", "--json"))
    assert report["works"]
    names = [check["name"] for check in report["checks"]]
    assert {"python", "store", "prefect"} <= set(names)
    assert any(name.startswith("sandbox") for name in names)


def test_doctor_ends_with_1_and_says_how_to_mend(case2code: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done: subprocess.CompletedProcess[str] = case2code(
        "doctor", "--store", tmp_path / "file", CASE2CODE_LLM_URL="http://127.0.0.1:9/v1"
    )
    assert done.returncode == 1
    said = " ".join(done.stdout.split())
    assert "name another with --store" in said
    assert "cannot be reached" in said
