"""Functions read out of an earlier data set, whatever its samples ask for."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.dedup.earlier import sketches_of

PROGRAM = "def add(n):\n    return n + 1\n"


def test_a_function_is_its_program_where_the_answer_is_a_value(tmp_path: Path) -> None:
    rows = [
        {"function_id": "a", "completion": "3", "name": "add", "program": PROGRAM},
        {"function_id": "b", "completion": PROGRAM.replace("1", "2"), "name": "add", "program": ""},
    ]
    path = tmp_path / "new.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    assert [sketch.id for sketch in sketches_of([path])] == ["a", "b"]


def test_a_data_set_of_before_there_were_other_tasks_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.parquet"
    rows = [{"function_id": "a", "completion": PROGRAM, "name": "add"}]
    pq.write_table(pa.Table.from_pylist(rows), path)
    assert [sketch.id for sketch in sketches_of([path])] == ["a"]
