"""One executed function as samples: draw a template, choose cases, write both.

Promised: every case in a prompt is true of the completion, by the claim of its format (see
`templates.toml`); every call in it can be made as it is written; the name that an answer must
define stands in the prompt; what was drawn is in `Sample.template`. The same function, config
and seed give the same samples.

Not covered: the truth of what the sandbox saw. `claims` turns a sample back into Python that
the sandbox can run.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from random import Random

from tasks.errors import ConfigError
from tasks.prompts.blocks import Subject, write_block
from tasks.prompts.choose import Showable, choose, says_enough, showable
from tasks.prompts.completion import completion_of
from tasks.prompts.grammar import CaseFormat, Claim, Grammar, Style, load_grammar
from tasks.prompts.naming import free_names, renamed, signature_of
from tasks.records.base import digest_of
from tasks.records.cases import ExecutedFunction
from tasks.records.configs import PromptConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.functions import Function
from tasks.records.samples import Sample, Shown, Template

STEP = "prompts"


def render(
    executed: ExecutedFunction,
    config: PromptConfig,
    seed: int,
    grammar: Grammar | None = None,
) -> Iterator[Sample | Drop]:
    """`config.samples_per_function` samples, or a drop for what cannot be or is drawn twice.

    Expects the cases in the order that the filters give.

    Raises:
        ConfigError: the config asks for more cases than it allows.
    """
    if config.min_shown > config.max_shown:
        raise ConfigError(
            f"prompts.min_shown ({config.min_shown}) is above max_shown ({config.max_shown})"
        )
    drop = partial(Drop, step=STEP, subject=executed.function.id)
    cases = showable(executed)
    seen: set[str] = set()
    for index in range(config.samples_per_function):
        rng = Random(f"{seed}:{executed.function.id}:{index}")  # noqa: S311  not for secrets
        shown = choose(cases, len(executed.cases), config, rng) if cases else []
        if len(shown) < config.min_shown:
            yield drop(reason=DropReason.TOO_FEW_TO_SHOW, detail=f"{len(shown)} cases")
            return
        if not says_enough(shown):
            yield drop(reason=DropReason.TOO_FEW_TO_SHOW, detail="they do nothing, or one thing")
            return
        sample = _sample(executed, shown, grammar or load_grammar(), rng)
        if sample.id in seen:
            yield drop(reason=DropReason.SAME_SAMPLE)
        else:
            seen.add(sample.id)
            yield sample


def _sample(
    executed: ExecutedFunction, shown: Sequence[Showable], grammar: Grammar, rng: Random
) -> Sample:
    function = executed.function
    subject = _subject(function, grammar, rng)
    prompt, template = _phrase(subject, shown, grammar, rng)
    texts = {case.arguments for case in shown}
    hidden = [case for case in executed.cases if case.arguments not in texts]
    return Sample(
        id=digest_of(function.id, prompt),
        function_id=function.id,
        prompt=prompt,
        completion=subject.completion,
        name=subject.name,
        signature=subject.signature,
        shown=tuple(Shown(arguments=case.arguments, output=case.output) for case in shown),
        hidden=tuple(
            Shown(arguments=case.arguments, output=case.output)
            for case in hidden
            if case.output is not None
        ),
        template=template,
        group=executed.group or function.identity,
        tags=function.tags,
        source=function.source,
        licence=function.licence,
        revision=function.revision,
        first_line=function.first_line,
        last_line=function.last_line,
    )


def _subject(function: Function, grammar: Grammar, rng: Random) -> Subject:
    """The function under its own name, or a neutral one where drawn and safe."""
    name, completion = function.name, completion_of(function.program)
    named = rng.random() < grammar.chances.named
    if not named and (neutral := free_names(grammar.neutral_names, completion)):
        other = rng.choice(neutral)
        if (program := renamed(completion, name, other)) is not None:
            name, completion = other, program
    return Subject(
        name=name,
        named=name == function.name,
        completion=completion,
        parameters=function.parameters,
        signature=signature_of(function.parameters),
    )


def _phrase(
    subject: Subject, shown: Sequence[Showable], grammar: Grammar, rng: Random
) -> tuple[str, Template]:
    case_format, style, block = _drawn_block(subject, shown, grammar, rng)
    signed = case_format.signed or rng.random() < grammar.chances.signed
    order = rng.choice(grammar.orders[signed and not case_format.signed])
    instruction = rng.choice(grammar.instructions[order.cases_first])
    header = rng.choice(grammar.headers[order.cases_first])
    plain = not subject.named and (order.signed or case_format.shows_name)
    text = instruction.without_name if plain else instruction.with_name
    prompt = order.text.format(
        instruction=text.format(name=subject.name),
        header=header.text,
        cases=block,
        name=subject.name,
        signature=subject.signature,
    )
    template = Template(
        instruction=instruction.name,
        header=header.name,
        case_format=case_format.name,
        argument_style=style.value,
        part_order=order.name,
        named=subject.named,
        signed=signed,
    )
    return prompt, template


def _drawn_block(
    subject: Subject, shown: Sequence[Showable], grammar: Grammar, rng: Random
) -> tuple[CaseFormat, Style, str]:
    """A format and a style that fit all of the cases, and the cases written in them."""
    formats = list(grammar.case_format)
    while formats:
        case_format = formats.pop(rng.randrange(len(formats)))
        styles = list(case_format.styles) if _fits(case_format, subject, shown) else []
        while styles:
            style = styles.pop(rng.randrange(len(styles)))
            block = write_block(case_format, style, subject, shown)
            if block is not None:
                return case_format, style, block
    raise ConfigError("the templates have no case format that fits every value")


def _fits(case_format: CaseFormat, subject: Subject, shown: Sequence[Showable]) -> bool:
    """Whether the claims of the format are true of the cases, and nothing breaks it."""
    return (
        all(_is_true(case_format.claim, case) for case in shown)
        and _has_room_for_names(case_format, subject)
        and not any(
            text in case.arguments or text in case.output
            for text in case_format.forbidden
            for case in shown
        )
    )


def _is_true(claim: Claim, case: Showable) -> bool:
    if claim is Claim.STATEMENT or claim is Claim.EQUAL:
        return case.comparable
    if claim is Claim.PRINTED:
        # The interpreter prints nothing for None.
        return case.printable and case.output != "None"
    return True


def _has_room_for_names(case_format: CaseFormat, subject: Subject) -> bool:
    """Whether no name of the function means something else in the format."""
    if subject.name in case_format.binds:
        return False
    if not case_format.last_column:
        return True
    parameters = {parameter.name for parameter in subject.parameters}
    return case_format.last_column not in parameters and subject.name not in parameters
