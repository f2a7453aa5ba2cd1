"""Somebody else's rows, and what is wrong with them."""

import json
from pathlib import Path

import pytest

from flows.audit_dataset import audit_dataset
from tasks.errors import CorpusError
from tasks.records.audits import AuditReport

DATA = Path(__file__).parents[4] / "shared" / "data" / "case2code_test_200.jsonl"
GOOD = "def wrap(text, mark='*'):\n    return mark + text.strip() + mark\n"
COPY = "def pad(word, sign='*'):\n    return sign + word.strip() + sign\n"


def report(tmp_path: Path, *rows: object) -> AuditReport:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return audit_dataset(path, [])


def checks(found: AuditReport) -> set[tuple[str, str]]:
    return {(one.check, one.name) for one in found.findings}


def test_a_sound_row_has_no_finding(tmp_path: Path) -> None:
    row = {"code": GOOD, "prompt": "assert wrap('a') == '*a*'\n>>> wrap(' b ', '')\n'b'\n"}
    found = report(tmp_path, row)
    assert (checks(found), found.items, found.claims, found.false_claims) == (set(), 1, 2, 0)


def test_false_assertions_doctests_and_pairs_are_told(tmp_path: Path) -> None:
    prompt = "assert wrap('a') == '*b*'\n>>> wrap('a')\n'a'\n"
    pairs = "Input: dict(text='a'), Output: \"'*a*'\"\n"
    found = report(
        tmp_path, {"code": GOOD, "prompt": prompt}, {"code": GOOD + "\n", "prompt": pairs}
    )
    assert (found.claims, found.false_claims) == (3, 3)
    assert ("false_claim", "wrap") in checks(found)


def test_copies_names_and_chance_are_told(tmp_path: Path) -> None:
    lost = "def lost(a):\n    return missing + a\n"
    dice = "import random\ndef dice(a):\n    return random.random() + a\n"
    published = {
        "code": dice,
        "func_name": "dice",
        "example_str": "examples = [dict(a=1)]",
        "example_outputs": [{"return": '"1.5"'}],
    }
    found = report(tmp_path, {"code": GOOD}, {"code": COPY}, {"code": lost}, published)
    assert ("unresolved_name", "lost") in checks(found)
    assert ("nondeterministic", "dice") in checks(found)
    assert {"duplicate", "same_behaviour"} <= {check for check, _ in checks(found)}


def test_alike_on_two_sides_of_a_split_is_a_leak(tmp_path: Path) -> None:
    other = "def f(t, m='*'):\n    return f'{m}{t.strip()}{m}'\n"
    found = report(tmp_path, {"code": GOOD, "split": "train"}, {"code": other, "split": "test"})
    assert ("split_leak", "f") in checks(found)


def test_rows_that_hold_no_function_are_counted(tmp_path: Path) -> None:
    found = report(tmp_path, {"code": GOOD}, {"code": "def f(:"}, {"text": "x"}, {"code": "x = 1"})
    assert (found.items, found.unreadable) == (1, 3)


def test_a_file_that_is_no_json_lines_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(CorpusError, match="JSON lines"):
        audit_dataset(tmp_path / "a.jsonl", [])


def test_the_published_items_show_what_is_known_of_them() -> None:
    if not DATA.exists():
        pytest.skip("the items are not at hand")
    found = audit_dataset(DATA, ["installed"])
    assert found.items == 200
    assert len({hit.function for hit in found.hits}) >= 10
    assert found.false_claims == found.claims > 1_000
    assert {"unresolved_name", "duplicate", "address_in_output"} <= {
        one.check for one in found.findings
    }
