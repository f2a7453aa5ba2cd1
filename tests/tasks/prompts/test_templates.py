"""What the shipped templates promise: enough of each dimension, and texts that fit together."""

import re

import pytest

from tasks.prompts.grammar import (
    CaseFormat,
    Grammar,
    Place,
    Style,
    Text,
    grammar_digest,
    load_grammar,
)

GRAMMAR = load_grammar()


def test_there_is_enough_of_every_dimension() -> None:
    assert len(GRAMMAR.instruction) >= 30
    assert len(GRAMMAR.header) >= 20
    assert len(GRAMMAR.case_format) >= 16
    assert len(GRAMMAR.orders[True]) >= 4
    assert len(GRAMMAR.orders[False]) >= 2


def test_every_style_and_both_sides_are_used() -> None:
    styles = {style for case_format in GRAMMAR.case_format for style in case_format.styles}
    assert styles == set(Style)
    assert {order.cases_first for order in GRAMMAR.part_order} == {False, True}


@pytest.mark.parametrize("text", GRAMMAR.instruction, ids=lambda text: text.name)
def test_an_instruction_reads_well_with_and_without_the_name(text: Text) -> None:
    assert "`{name}`" in text.with_name
    assert "{" not in text.without_name
    for written in (text.with_name, text.without_name):
        assert re.search(r"[.?]$", written)
        assert not re.search(r"  | [.,?:;]|[\[\]]|\(\)", written)
        assert "function" in written.lower()


@pytest.mark.parametrize("text", [*GRAMMAR.instruction, *GRAMMAR.header], ids=lambda t: t.name)
def test_a_text_that_points_somewhere_stands_on_the_right_side(text: Text) -> None:
    if re.search(r"\b(below|following|here|these sample|behind these)\b", text.text.lower()):
        assert text in GRAMMAR.header or text.place is Place.BEFORE
    if re.search(r"\b(above|preceding)\b", text.text.lower()):
        assert text.place is Place.AFTER


@pytest.mark.parametrize("case_format", GRAMMAR.case_format, ids=lambda entry: entry.name)
def test_a_format_that_speaks_python_forbids_what_its_fence_cannot_hold(
    case_format: CaseFormat,
) -> None:
    if "```" in case_format.before:
        assert "```" in case_format.forbidden
        assert case_format.after.endswith("\n```")


def test_two_entries_of_one_name_are_refused() -> None:
    data = GRAMMAR.model_dump()
    with pytest.raises(ValueError, match="same name"):
        Grammar.model_validate(data | {"header": [*data["header"], data["header"][0]]})


@pytest.mark.parametrize("case", ["{call} is {outptu}", "{call}"])
def test_a_case_format_with_a_wrong_placeholder_is_refused(case: str) -> None:
    with pytest.raises(ValueError, match=r"unknown placeholder|writes no output"):
        CaseFormat.model_validate(
            {"name": "odd", "styles": ["keyword"], "claim": "value", "case": case}
        )


def test_the_digest_stands_for_the_shipped_templates() -> None:
    assert grammar_digest() == grammar_digest()
    assert len(grammar_digest()) == 64
