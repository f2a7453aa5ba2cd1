"""The templates, read once from `templates.toml` and checked while they are read.

Covered: names are unique within a dimension, placeholders are known, and every case format
writes an output. Not covered: whether a text is good English, which only a reader can tell.
"""

import re
import tomllib
from enum import StrEnum
from functools import cache, cached_property
from importlib.resources import files
from string import Formatter
from typing import Annotated, Self, TypeVar

from pydantic import AfterValidator, Field, model_validator

from tasks.records.base import Record, digest_of
from tasks.records.samples import Task


class Place(StrEnum):
    """Where a text must stand, seen from the text it speaks of."""

    BEFORE = "before"
    AFTER = "after"
    ANY = "any"


class Style(StrEnum):
    """How the arguments of a case are written; `templates.toml` shows each."""

    POSITIONAL = "positional"
    KEYWORD = "keyword"
    MIXED = "mixed"
    BINDINGS = "bindings"
    VALUES = "values"
    TUPLE = "tuple"
    OBJECT = "object"
    ARRAY = "array"
    COLUMNS = "columns"


CALL_STYLES = frozenset({Style.POSITIONAL, Style.KEYWORD, Style.MIXED})
"""The styles that write a call; only membership is asked of this set."""


class Claim(StrEnum):
    """What a case says of the function, and so what must be true of it."""

    STATEMENT = "statement"
    EQUAL = "equal"
    PRINTED = "printed"
    VALUE = "value"
    JSON = "json"


class Text(Record):
    """An instruction or a header."""

    name: str
    text: str
    place: Place = Place.ANY
    claims: tuple[Claim, ...] = ()
    """Of the case formats that a header suits; empty for all."""
    not_with: tuple[str, ...] = ()
    """Names of case formats that a header does not suit."""

    def suits(self, case_format: "CaseFormat") -> bool:
        """Whether a header can announce such cases."""
        return (
            not self.claims or case_format.claim in self.claims
        ) and case_format.name not in self.not_with

    @cached_property
    def with_name(self) -> str:
        """The text with its optional parts."""
        return re.sub(r"[\[\]]", "", self.text)

    @cached_property
    def without_name(self) -> str:
        """The text without its optional parts."""
        return re.sub(r"\[.*?\]", "", self.text)


class PartOrder(Record):
    """A layout of the whole prompt."""

    name: str
    text: str

    @cached_property
    def signed(self) -> bool:
        """Whether it shows the signature, and with it the name."""
        return "{signature}" in self.text

    @cached_property
    def cases_first(self) -> bool:
        """Whether the cases stand before the instruction."""
        return self.text.index("{cases}") < self.text.index("{instruction}")


class CaseFormat(Record):
    """How cases are written."""

    name: str
    styles: tuple[Style, ...] = Field(min_length=1)
    claim: Claim
    case: str
    before: str = ""
    between: str = "\n"
    after: str = ""
    separator: str = ""
    last_column: str = ""
    forbidden: tuple[str, ...] = ()
    binds: tuple[str, ...] = ()
    signed: bool = False
    """It shows the signature itself."""
    language: str = ""
    """Of the cases, for a fence around them; empty where they are Markdown or prose."""

    @cached_property
    def fits_all(self) -> bool:
        """Whether there is no value and no function that it could not show."""
        plain = not (self.forbidden or self.binds or self.signed)
        return plain and self.claim is Claim.VALUE and CALL_STYLES.issuperset(self.styles)

    @cached_property
    def shows_name(self) -> bool:
        """Whether a reader can tell from the cases what the function is called."""
        whole = self.before + self.case + self.after
        # A name inside another (test_NAME) could be read in two ways.
        return "{call}" in whole or "{bound_call}" in whole or "{name}(" in whole or self.signed

    @model_validator(mode="after")
    def _knows_its_placeholders(self) -> Self:
        case, frame = _fields(self.case), _fields(self.before + self.after)
        known = {"call", "arguments", "cells", "output", "number"}
        if case - known or frame - _FRAME:
            raise ValueError(f"case format {self.name}: unknown placeholder")
        if not case & {"output", "cells"}:
            raise ValueError(f"case format {self.name}: writes no output")
        return self


class Question(Record):
    """A whole prompt for a task that gives the program."""

    name: str
    task: Task
    claim: Claim
    text: str
    forbidden: tuple[str, ...] = ()

    @cached_property
    def fits_all(self) -> bool:
        """Whether there is no value and no program that it could not ask for."""
        return self.claim is Claim.VALUE and not self.forbidden

    @model_validator(mode="after")
    def _asks_for_the_other(self) -> Self:
        given = {Task.OUTPUT_PREDICTION: "call", Task.INPUT_PREDICTION: "output"}.get(self.task)
        if given is None or not {"program", given} <= _fields(self.text) <= {
            "program",
            "name",
            given,
        }:
            raise ValueError(f"question {self.name}: wrong task or placeholders")
        return self


class Single(Record):
    """The names that make up the one fixed template."""

    instruction: str
    header: str
    part_order: str
    case_format: str
    output_question: str
    input_question: str


_SIDES = (False, True)
_FRAME = {"name", "test_name", "signature", "columns", "rule", "bound_call"}
"""What the text around the cases may speak of; only membership is asked of this set."""

T = TypeVar("T", Text, PartOrder, CaseFormat, Question)


def _fields(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field is not None}


def _distinct(entries: tuple[T, ...]) -> tuple[T, ...]:
    names = [entry.name for entry in entries]
    if len(set(names)) != len(names):
        raise ValueError("two entries have the same name")
    return entries


class Chances(Record):
    """Shares of the samples that give something away."""

    named: float = Field(ge=0, le=1)
    signed: float = Field(ge=0, le=1)


class Grammar(Record):
    """Everything that a prompt can be drawn from."""

    neutral_names: tuple[str, ...] = Field(min_length=1)
    neutral_parameters: tuple[str, ...] = Field(min_length=1)
    neutral_helper: str = Field(min_length=1)
    single: Single
    chances: Chances
    instruction: Annotated[tuple[Text, ...], AfterValidator(_distinct)]
    header: Annotated[tuple[Text, ...], AfterValidator(_distinct)]
    part_order: Annotated[tuple[PartOrder, ...], AfterValidator(_distinct)]
    case_format: Annotated[tuple[CaseFormat, ...], AfterValidator(_distinct)]
    question: Annotated[tuple[Question, ...], AfterValidator(_distinct)]

    def only(self, **entries: object) -> "Grammar":
        """The same grammar with other entries in the dimensions given, mostly fewer.

        Not a `model_copy`, which would copy what was worked out for the entries of before.
        """
        mine = {name: getattr(self, name) for name in type(self).model_fields}
        return Grammar.model_validate(mine | entries)

    @cached_property
    def _formats(self) -> dict[str, CaseFormat]:
        return {entry.name: entry for entry in self.case_format}

    @cached_property
    def questions(self) -> dict[Task, tuple[Question, ...]]:
        """The questions by their task."""
        return {task: tuple(e for e in self.question if e.task is task) for task in Task}

    def format_of(self, name: str) -> CaseFormat:
        """The case format of that name; KeyError where the grammar has none."""
        return self._formats[name]

    def question_of(self, name: str) -> Question:
        """The question of that name; StopIteration where the grammar has none."""
        return next(entry for entry in self.question if entry.name == name)

    @cached_property
    def orders(self) -> dict[bool, tuple[PartOrder, ...]]:
        """The layouts by whether they show the signature."""
        return {side: tuple(e for e in self.part_order if e.signed is side) for side in _SIDES}

    @cached_property
    def instructions(self) -> dict[bool, tuple[Text, ...]]:
        """The instructions that fit a layout, by whether its cases come first."""
        misfit = {True: Place.BEFORE, False: Place.AFTER}
        return {
            side: tuple(e for e in self.instruction if e.place is not misfit[side])
            for side in _SIDES
        }

    @cached_property
    def headers(self) -> dict[tuple[str, bool], tuple[Text, ...]]:
        """The headers by case format, and by whether the cases come first."""
        misfit = {True: Place.AFTER, False: Place.BEFORE}
        return {
            (one.name, side): tuple(
                e for e in self.header if e.place is not misfit[side] and e.suits(one)
            )
            for one in self.case_format
            for side in _SIDES
        }


def _source() -> bytes:
    return files("tasks.prompts").joinpath("templates.toml").read_bytes()


@cache
def load_grammar() -> Grammar:
    """The grammar that is shipped with the code."""
    return Grammar.model_validate(tomllib.loads(_source().decode()))


@cache
def grammar_digest() -> str:
    """The sha256 of the templates: part of the cache key of whatever renders with them."""
    return digest_of(_source())
