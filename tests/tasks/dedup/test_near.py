"""Near-copies over shards: found, explained, and the same in any order."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tasks.dedup import near
from tasks.dedup.near import near_duplicates
from tasks.dedup.sketching import sketch
from tasks.records.functions import Function
from tasks.records.sketches import Sketch
from tasks.store.tables import write_records
from tests.tasks.dedup.conftest import Make

LONG = """def count(text, mark):
    total = 0
    for letter in text.lower():
        if letter == mark and not letter.isspace():
            total = total + 1
        elif letter.isdigit():
            total = total + int(letter)
    return total * 2
"""
RENAMED_AND_MORE = LONG.replace("count", "tally").replace("letter", "sign").replace("* 2", "* 3")
OTHER = """def join(rows, glue=", "):
    parts = [str(row) for row in rows if row is not None]
    return glue.join(sorted(parts, key=len)) or "nothing"
"""


def tables(tmp_path: Path, *shards: Sequence[Function]) -> list[Path]:
    paths = [tmp_path / f"{number}.parquet" for number in range(len(shards))]
    for path, functions in zip(paths, shards, strict=True):
        write_records(path, Sketch, sketch(functions))
    return paths


def dropped(paths: list[Path], fixed: int = 0, jaccard: float = 0.7) -> dict[str, str]:
    found = near_duplicates(paths, fixed, jaccard, lambda *_: True)
    return {gone: one.id for gone, one in found.items()}


def test_a_renamed_copy_with_a_change_is_near_and_another_function_is_not(
    make: Make, tmp_path: Path
) -> None:
    functions = [make(LONG, key="1"), make(RENAMED_AND_MORE, key="2"), make(OTHER, key="3")]
    assert dropped(tables(tmp_path, functions)) == {"2": "1"}


def test_shards_in_any_order_and_division_drop_the_same(make: Make, tmp_path: Path) -> None:
    one, two, three = make(LONG, key="b"), make(RENAMED_AND_MORE, key="a"), make(OTHER, key="c")
    assert dropped(tables(tmp_path, [one, two, three])) == {"b": "a"}
    assert dropped(tables(tmp_path, [three], [two], [one])) == {"b": "a"}


def test_what_stands_in_an_earlier_table_always_stays(make: Make, tmp_path: Path) -> None:
    paths = tables(tmp_path, [make(LONG, key="z")], [make(RENAMED_AND_MORE, key="a")])
    assert dropped(paths, fixed=1) == {"a": "z"}


def test_earlier_tables_are_not_compared_with_each_other(make: Make, tmp_path: Path) -> None:
    paths = tables(tmp_path, [make(LONG, key="1")], [make(RENAMED_AND_MORE, key="2")])
    assert dropped(paths, fixed=2) == {}


def test_a_helper_that_both_carry_does_not_make_them_near(make: Make, tmp_path: Path) -> None:
    first = "def up(a):\n    return count(a, 'x') + 1\n"
    second = "def down(rows):\n    return [count(row, 'y') % 7 for row in rows if row]\n"
    functions = [make(code, program=LONG + code, key=code[4]) for code in (first, second)]
    assert dropped(tables(tmp_path, functions)) == {}


def test_a_stricter_limit_lets_both_stay(make: Make, tmp_path: Path) -> None:
    paths = tables(tmp_path, [make(LONG, key="1"), make(RENAMED_AND_MORE, key="2")])
    assert dropped(paths, jaccard=0.99) == {}


def test_portions_and_passes_change_nothing(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    functions = [
        make(LONG.replace("* 2", f"* {number}").replace("total", name), key=f"{number:02}")
        for number, name in enumerate(["total", "summed", "seen", "found"])
    ]
    functions += [make(OTHER.replace("nothing", word), key=word) for word in ("none", "void")]
    paths = tables(tmp_path, functions)
    whole = dropped(paths)
    monkeypatch.setattr(near, "MEMBERS_AT_ONCE", 1)
    monkeypatch.setattr(near, "BANDS_AT_ONCE", 5)
    assert dropped(paths) == whole
    assert set(whole) == {"01", "02", "03", "void"}


def test_no_function_at_all_is_no_error(tmp_path: Path) -> None:
    assert dropped(tables(tmp_path, [])) == {}
