"""The task induction: cases are given, the program is the answer."""

from collections.abc import Collection, Iterator, Sequence
from functools import partial
from random import Random

from tasks.prompts.blocks import Subject, write_block
from tasks.prompts.choose import Showable
from tasks.prompts.drafts import Draft, NotPhrasedError, Text
from tasks.prompts.grammar import CaseFormat, Style
from tasks.prompts.selection import Recipe, Selection, draw_recipe
from tasks.records.drops import DropReason
from tasks.records.samples import Template


def induce(
    subject: Subject,
    shown: Sequence[Showable],
    selection: Selection,
    avoided: Collection[str],
    rng: Random,
) -> Draft:
    """A prompt that shows the cases.

    Args:
        subject: The function under the name that the prompt gives it.
        shown: The cases.
        selection: What there is to draw from.
        avoided: Case formats that are not to be used.
        rng: Draws.

    Raises:
        NotPhrasedError: no case format can say what these cases are.
    """
    for case_format, recipe in _order(selection, avoided, rng):
        for style in _styles(case_format, selection, rng):
            block = write_block(case_format, style, subject, shown)
            if block is not None:
                chosen = recipe or draw_recipe(selection.grammar, case_format, rng)
                if chosen.can_hold(block):
                    return _draft(chosen, style, subject, shown, block)
    raise NotPhrasedError(DropReason.NO_TEMPLATE)


def _order(
    selection: Selection, avoided: Collection[str], rng: Random
) -> Iterator[tuple[CaseFormat, Recipe | None]]:
    """The formats in a drawn order; where recipes are given, each with its recipe."""
    if selection.recipes:
        left: list[tuple[CaseFormat, Recipe | None]] = [
            (recipe.case_format, recipe) for recipe in selection.recipes
        ]
    else:
        left = [(entry, None) for entry in selection.grammar.case_format]
    while left:
        one = left.pop(rng.randrange(len(left)))
        if one[0].name not in avoided:
            yield one


def _styles(case_format: CaseFormat, selection: Selection, rng: Random) -> Iterator[Style]:
    left = list(case_format.styles)
    while left:
        yield left.pop(0 if selection.is_single else rng.randrange(len(left)))


def _draft(
    recipe: Recipe, style: Style, subject: Subject, shown: Sequence[Showable], block: str
) -> Draft:
    order, case_format = recipe.order, recipe.case_format
    plain = not subject.named and (order.signed or case_format.shows_name)
    return Draft(
        subject=subject,
        text=_laid_out(recipe, subject, block, plain=plain),
        shown=shown,
        template=Template(
            instruction=recipe.instruction.name,
            header=recipe.header.name,
            case_format=case_format.name,
            argument_style=style.value,
            part_order=order.name,
            claim=case_format.claim.value,
            cases_first=order.cases_first,
            named=subject.named,
            signed=recipe.signed,
        ),
        write=partial(_rewritten, recipe, style, plain),
    )


def _laid_out(recipe: Recipe, subject: Subject, block: str, *, plain: bool) -> Text:
    text = recipe.instruction.without_name if plain else recipe.instruction.with_name
    fence = recipe.fence
    prompt = recipe.order.text.format(
        instruction=text.format(name=subject.name),
        header=recipe.header.text,
        cases=f"{fence}{block}\n```" if fence else block,
        name=subject.name,
        signature=subject.signature,
    )
    return Text(prompt, subject.completion)


def _rewritten(
    recipe: Recipe, style: Style, plain: bool, subject: Subject, shown: Sequence[Showable]
) -> Text | None:
    block = write_block(recipe.case_format, style, subject, shown)
    if block is None or not recipe.can_hold(block):
        return None
    return _laid_out(recipe, subject, block, plain=plain)
