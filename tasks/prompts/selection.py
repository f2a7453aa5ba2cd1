"""Which templates a data set draws from: all of them, one, or some that the seed drew.

Covered: a recipe is one whole template for induction (instruction, header, layout, case format;
the style of the arguments is drawn among those that fit). Among several recipes at least one
fits every value and every signature, unless the config's own list of formats has none that does.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import TypeVar

from tasks.errors import ConfigError
from tasks.prompts.grammar import CaseFormat, Grammar, PartOrder, Question, Text
from tasks.records.base import Record
from tasks.records.configs import PromptConfig
from tasks.records.samples import Task

E = TypeVar("E", Text, PartOrder, CaseFormat, Question)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a prompt is made of, but for the function and its cases."""

    case_format: CaseFormat
    order: PartOrder
    instruction: Text
    header: Text
    signed: bool
    """The prompt shows the signature."""

    @property
    def fence(self) -> str:
        """What stands before the cases, so that no bare code is in a prompt that has Markdown."""
        language = self.case_format.language
        has_markdown = "```" in self.order.text or self.header.text.startswith(("#", "*"))
        return f"```{language}\n" if language and has_markdown else ""

    def can_hold(self, block: str) -> bool:
        """Whether the cases do not end the fence that is put around them."""
        return "```" not in block or not self.fence


@dataclass(frozen=True, slots=True)
class Selection:
    """The grammar as a config narrows it."""

    grammar: Grammar
    recipes: tuple[Recipe, ...] = ()
    """The only ones to draw from; none: any that the grammar allows."""
    questions: tuple[Question, ...] = ()
    is_single: bool = False
    """Nothing is drawn: what fits first is taken."""

    def questions_of(self, task: Task) -> list[Question]:
        """The questions for a task."""
        return [one for one in self.questions if one.task is task]


def select(grammar: Grammar, config: PromptConfig, seed: int) -> Selection:
    """What the config allows of the grammar. Raises ConfigError for a format that is not in it."""
    if config.formats:
        grammar = grammar.only(case_format=_formats(grammar, config.formats))
    if config.templates == "all":
        return Selection(grammar, questions=grammar.question)
    if config.templates == "single":
        single = _single(grammar, with_own_format=not config.formats)
        return _varied(single, config.vary) if config.vary else single
    rng = Random(f"{seed}:templates")  # noqa: S311  not for secrets
    return Selection(
        grammar,
        recipes=tuple(_recipes(grammar, config.templates, rng)),
        questions=tuple(_some_questions(grammar, config.templates, rng)),
    )


def _formats(grammar: Grammar, names: Sequence[str]) -> tuple[Record, ...]:
    known = {entry.name: entry for entry in grammar.case_format}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ConfigError(
            f"prompts.formats: no case format {', '.join(unknown)}; there are {', '.join(known)}"
        )
    return tuple(known[name] for name in names)


def _single(grammar: Grammar, *, with_own_format: bool) -> Selection:
    names = grammar.single
    case_format = (
        _named(grammar.case_format, names.case_format)
        if with_own_format
        else grammar.case_format[0]
    )
    order = _named(grammar.part_order, names.part_order)
    recipe = Recipe(
        case_format=case_format,
        order=order,
        instruction=_named(grammar.instruction, names.instruction),
        header=_named(grammar.header, names.header),
        signed=case_format.signed or order.signed,
    )
    asked = (names.output_question, names.input_question)
    return Selection(
        grammar.only(chances={"named": 1, "signed": 0}),
        recipes=(recipe,),
        questions=tuple(_named(grammar.question, name) for name in asked),
        is_single=True,
    )


def _varied(single: Selection, dimension: str) -> Selection:
    """The one template with all texts of one dimension in it that go with the rest of it."""
    grammar, recipe = single.grammar, single.recipes[0]
    first = recipe.order.cases_first
    recipes = {
        "instruction": [replace(recipe, instruction=one) for one in grammar.instructions[first]],
        "header": [
            replace(recipe, header=one) for one in grammar.headers[recipe.case_format.name, first]
        ],
        "part_order": [replace(recipe, order=one) for one in _like(grammar, recipe)],
        "case_format": [
            replace(recipe, case_format=one)
            for one in grammar.case_format
            if one.signed == recipe.case_format.signed
            and recipe.header in grammar.headers[one.name, first]
        ],
    }[dimension]
    return replace(single, recipes=tuple(recipes))


def _like(grammar: Grammar, recipe: Recipe) -> list[PartOrder]:
    """The part orders that suit the same instruction and header."""
    return [
        order
        for order in grammar.orders[recipe.signed]
        if recipe.instruction in grammar.instructions[order.cases_first]
        and recipe.header in grammar.headers[recipe.case_format.name, order.cases_first]
    ]


def _named(entries: Iterable[E], name: str) -> E:
    return next(entry for entry in entries if entry.name == name)


def _recipes(grammar: Grammar, count: int, rng: Random) -> list[Recipe]:
    """So many different ones, or as many as there are found."""
    formats = grammar.case_format
    first = [entry for entry in formats if entry.fits_all] or list(formats)
    found = [draw_recipe(grammar, rng.choice(first), rng)]
    for _ in range(_TRIES * count):
        if len(found) == count:
            break
        recipe = draw_recipe(grammar, rng.choice(formats), rng)
        if recipe not in found:
            found.append(recipe)
    return found


_TRIES = 20
"""Draws for each recipe that is wanted, before there are taken to be no more."""


def draw_recipe(grammar: Grammar, case_format: CaseFormat, rng: Random) -> Recipe:
    """Layout and texts for a case format."""
    signed = case_format.signed or rng.random() < grammar.chances.signed
    order = rng.choice(grammar.orders[signed and not case_format.signed])
    return Recipe(
        case_format=case_format,
        order=order,
        instruction=rng.choice(grammar.instructions[order.cases_first]),
        header=rng.choice(grammar.headers[case_format.name, order.cases_first]),
        signed=signed,
    )


def _some_questions(grammar: Grammar, count: int, rng: Random) -> list[Question]:
    """Of each task so many, one of which fits whatever is asked for."""
    found: list[Question] = []
    for questions in grammar.questions.values():
        if questions:
            first = rng.choice([entry for entry in questions if entry.fits_all])
            others = [entry for entry in questions if entry is not first]
            found += [first, *rng.sample(others, min(count - 1, len(others)))]
    return found
