import json
from pathlib import Path

from tasks.dataset.report.dropped import examples, meanings
from tasks.records.drops import Drop, DropReason
from tasks.store.tables import write_records

LONG = json.dumps({"name": "long", "code": "\n".join(f"line {n}" for n in range(99))})
SHORT = json.dumps({"name": "f", "code": "def f(x):\n    return x\n"})
INSIDE = json.dumps(
    {"function": {"name": "g", "source": "c/a.py", "first_line": 7, "code": "def g(): ..."}}
)


def drop(subject: str, record: str | None, reason: DropReason = DropReason.TRIVIAL) -> Drop:
    return Drop(step="extract", reason=reason, subject=subject, detail="why", record=record)


def table(folder: Path, name: str, *drops: Drop) -> Path:
    write_records(folder / name, Drop, drops)
    return folder / name


def test_the_example_is_short_and_has_code_where_any_was_kept(tmp_path: Path) -> None:
    one = table(tmp_path, "1", drop("a", None), drop("b", LONG))
    two = table(tmp_path, "2", drop("c", SHORT), drop("d", None))
    found = examples([one, two])["extract", "trivial"]
    assert (found.subject, found.detail, found.lines) == ("c", "why", 2)
    assert examples([two, one]) == examples([one, two])


def test_a_reason_without_code_still_names_one(tmp_path: Path) -> None:
    path = table(tmp_path, "1", drop("corpus/a.py", None, DropReason.SYNTAX))
    found = examples([path])
    assert list(found) == [("extract", "syntax")]
    assert found["extract", "syntax"].subject == "corpus/a.py"
    assert found["extract", "syntax"].code == ""


def test_a_function_inside_a_record_says_where_it_stands(tmp_path: Path) -> None:
    found = examples([table(tmp_path, "1", drop("f" * 64, INSIDE))])["extract", "trivial"]
    assert (found.subject, found.code) == ("c/a.py:7:g", "def g(): ...")


def test_a_record_that_is_no_json_is_shown_as_it_is(tmp_path: Path) -> None:
    found = examples([table(tmp_path, "1", drop("a", "def f(:"))])["extract", "trivial"]
    assert found.code == "def f(:"


def test_every_reason_has_a_meaning() -> None:
    assert set(meanings()) == {str(reason) for reason in DropReason}
    assert meanings()["empty"] == "Nothing but white space."
