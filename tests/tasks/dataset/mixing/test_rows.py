import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.dataset.mixing.finding import files_of, label_of, to_train_on
from tasks.dataset.mixing.rows import row_of, rows_of
from tasks.errors import ConfigError

TURNS = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}]


@pytest.mark.parametrize(
    ("values", "kind", "whole"),
    [
        ({"prompt": "p", "completion": "c", "text": "t"}, "prompt", "p\nc"),
        ({"instruction": "do", "input": "this", "output": "done"}, "prompt", "do\n\nthis\ndone"),
        ({"instruction": "do", "input": "", "response": "done"}, "prompt", "do\ndone"),
        ({"question": "q", "answer": "a"}, "prompt", "q\na"),
        ({"messages": TURNS}, "messages", "hi\nho"),
        ({"prompt": TURNS[:1], "completion": TURNS[1:]}, "messages", "hi\nho"),
        ({"conversations": [{"from": "human", "value": "hi"}]}, "messages", "hi"),
        ({"text": "plain"}, "text", "plain"),
        ({"content": "code"}, "text", "code"),
    ],
)
def test_rows_are_known_by_the_names_of_their_columns(
    values: dict[str, Any], kind: str, whole: str
) -> None:
    row = row_of(values)
    assert row is not None
    assert row.whole == whole
    filled = {name for name in ("prompt", "messages", "text") if getattr(row, name) is not None}
    assert filled == {kind}
    assert row.id == (row_of(values) or row).id


@pytest.mark.parametrize(
    "values",
    [{}, {"text": " \n"}, {"text": 3}, {"messages": [{"role": "user"}]}, {"messages": ["hi"]}],
)
def test_a_row_with_nothing_to_learn_from_is_none(values: dict[str, Any]) -> None:
    assert row_of(values) is None


def test_files_of_every_kind_are_read(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"text": f"zeile ü {n}"}) + "\n" for n in range(3)) + "\n"
    (tmp_path / "a.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    with pa.output_stream(str(tmp_path / "c.jsonl.zst"), compression="zstd") as out:
        out.write(lines.encode())
    pq.write_table(pa.table({"text": ["x"] * 700, "other": [1] * 700}), tmp_path / "d.parquet")
    files = files_of(str(tmp_path))
    assert [path.name for path in files] == ["a.jsonl", "b.jsonl.gz", "c.jsonl.zst", "d.parquet"]
    found = [row.text for row in rows_of(files) if row]
    assert found[:9] == [f"zeile ü {n}" for n in range(3)] * 3
    assert len(found) == 709


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "x"}\n{broken\n')
    with pytest.raises(ConfigError, match="line 2"):
        list(rows_of(files_of(str(tmp_path / "a.jsonl"))))


def test_of_a_data_set_with_splits_only_what_is_trained_on_is_taken() -> None:
    ours = ["attribution.parquet", "data/test-0.parquet", "data/train-0.parquet"]
    assert to_train_on(ours) == ["data/train-0.parquet"]
    assert to_train_on(["x/train/a.jsonl", "x/test/a.jsonl"]) == ["x/train/a.jsonl"]
    assert to_train_on(["a.parquet", "training.txt"]) == ["a.parquet"]


@pytest.mark.parametrize(
    ("data", "label"), [("/x/web.jsonl.gz", "web"), ("hf://o/name@main", "name"), ("n@3", "n")]
)
def test_a_part_is_called_by_what_it_lies_in(data: str, label: str) -> None:
    assert label_of(data) == label
