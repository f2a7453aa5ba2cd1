"""Records in Parquet."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from tasks.records.cases import Case, ExecutedFunction
from tasks.records.drops import Drop, DropReason
from tasks.records.functions import Function, Parameter
from tasks.records.samples import Sample
from tasks.store.tables import arrow_schema, read_records, write_records


def executed(number: int) -> ExecutedFunction:
    function = Function(
        id=f"id-{number}",
        name="double",
        program="def double(x): return 2 * x\n",
        code="def double(x): return 2 * x\n",
        parameters=(Parameter(name="x", default=None),),
        identity="i",
        operations=1,
        branches=0,
        source="corpus/a.py",
        path="a.py",
        corpus="corpus",
        first_line=1,
        last_line=1,
    )
    case = Case(
        arguments="{'x': '\\ud800'}",
        writer="search",
        status="ok",
        output="2",
        arcs=((-1, 1), (1, -1)),
    )
    return ExecutedFunction(function=function, cases=(case,) * (number % 3))


def test_nested_records_come_back_equal(tmp_path: Path) -> None:
    path = tmp_path / "part.parquet"
    records = [executed(number) for number in range(2_500)]
    assert write_records(path, ExecutedFunction, records) == 2_500
    assert list(read_records(path, ExecutedFunction)) == records


def test_no_records_still_make_a_table_with_its_schema(tmp_path: Path) -> None:
    path = tmp_path / "part.parquet"
    assert write_records(path, Sample, iter(())) == 0
    assert list(read_records(path, Sample)) == []


def test_none_and_enums_survive(tmp_path: Path) -> None:
    path = tmp_path / "part.parquet"
    drops = [
        Drop(step="collect", reason=DropReason.EMPTY, subject="a.py"),
        Drop(step="collect", reason=DropReason.EMPTY, subject="b.py", record="{}"),
    ]
    write_records(path, Drop, drops)
    assert list(read_records(path, Drop)) == drops


def test_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for path in paths:
        write_records(path, ExecutedFunction, (executed(number) for number in range(10)))
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_field_without_a_parquet_type_names_itself() -> None:
    class Odd(BaseModel):
        when: complex

    with pytest.raises(TypeError, match=r"Odd\.when"):
        arrow_schema(Odd)
