"""Solve rates: who is asked, what counts, and where it is written."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.evaluation.difficulty import problems_in, with_rates

ROW = {
    "id": "a",
    "task": "induction",
    "twin_of": "",
    "prompt": "write f",
    "completion": "def f(n):\n    return n\n",
    "name": "f",
    "shown": [{"arguments": "{'n': 1}", "output": "1"}],
    "hidden": [{"arguments": "{'n': 2}", "output": "2"}],
    "difficulty": {"outputs": 2, "solve_rate": None},
}


def test_only_samples_that_ask_for_a_program_are_asked() -> None:
    rows = [ROW, ROW | {"id": "b", "task": "output_prediction"}, ROW | {"id": "c", "twin_of": "a"}]
    assert [one.id for one in problems_in(rows)] == ["a"]


def test_without_hidden_cases_the_shown_ones_grade() -> None:
    [hidden] = problems_in([ROW])
    [shown] = problems_in([ROW | {"hidden": []}])
    assert [case.output for case in hidden.hidden] == ["2"]
    assert [case.output for case in shown.hidden] == ["1"]


@pytest.mark.parametrize(("rates", "wanted"), [({"a": 0.25}, [0.25, None]), ({}, [None, None])])
def test_a_rate_is_all_that_changes_in_a_file(
    rates: dict[str, float], wanted: list[float | None], tmp_path: Path
) -> None:
    difficulty = pa.struct([("outputs", pa.int64()), ("solve_rate", pa.float64())])
    table = pa.Table.from_pylist([ROW, ROW | {"id": "b"}])
    place = table.schema.get_field_index("difficulty")
    table = table.set_column(
        place, "difficulty", pa.array([ROW["difficulty"]] * 2, type=difficulty)
    )
    pq.write_table(table, tmp_path / "in.parquet")
    with_rates(tmp_path / "in.parquet", tmp_path / "out.parquet", rates)
    found = pq.read_table(tmp_path / "out.parquet")
    assert found.schema == table.schema
    assert [row["difficulty"]["solve_rate"] for row in found.to_pylist()] == wanted
    assert found.drop_columns("difficulty") == table.drop_columns("difficulty")
