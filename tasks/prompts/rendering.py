"""One executed function as samples: choose cases, draw a template, write both.

Promised: every case in a prompt is true of its program, by the claim of its format (see
`templates.toml`); every call in it can be made as it is written; the name that an answer must
define or call stands in the prompt; what was drawn is in `Sample.template`. The same function,
config and seed give the same samples.

Not covered: the truth of what the sandbox saw, and of what was written. `checking` runs both.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from random import Random

from tasks.errors import ConfigError
from tasks.prompts.blocks import Subject
from tasks.prompts.choose import Showable, choose, says_enough, showable
from tasks.prompts.completion import completion_of
from tasks.prompts.drafts import Draft, NotPhrasedError, Wanted, sample_of
from tasks.prompts.grammar import Grammar, load_grammar
from tasks.prompts.induction import induce
from tasks.prompts.naming import free_names, renamed, signature_of
from tasks.prompts.questions import ask
from tasks.prompts.selection import select
from tasks.prompts.twins import twin_of
from tasks.records.cases import WeighedFunction
from tasks.records.configs import PromptConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.functions import Function
from tasks.records.samples import Sample, Task

TokenCount = Callable[[str], int]


def render(
    weighed: WeighedFunction,
    config: PromptConfig,
    seed: int,
    grammar: Grammar | None = None,
) -> Iterator[Sample | Drop]:
    """All samples of a function, each followed by its twin; drops for what cannot be.

    Expects the cases in the order that the filters give.

    Raises:
        ConfigError: the config contradicts itself, or names what is not there.
    """
    phraser = Phraser(config, seed, grammar)
    for wanted in phraser.wanted(weighed):
        yield from phraser.phrase(wanted)


class Phraser:
    """Phrases functions under one config and seed.

    Args:
        config: What is drawn, and from what.
        seed: Of the run.
        grammar: The templates; those shipped with the code if None.
        count: Tokens of a text, where there is a tokenizer.

    Raises:
        ConfigError: the config contradicts itself, or names what is not there.
    """

    def __init__(
        self,
        config: PromptConfig,
        seed: int,
        grammar: Grammar | None = None,
        count: TokenCount | None = None,
    ) -> None:
        if config.min_shown > config.max_shown:
            raise ConfigError(
                f"prompts.min_shown ({config.min_shown}) is above max_shown ({config.max_shown})"
            )
        if config.max_prompt_tokens is not None and count is None:
            raise ConfigError("prompts.max_prompt_tokens needs prompts.tokenizer to count with")
        self._config, self._seed, self._count = config, seed, count
        self._selection = select(grammar or load_grammar(), config, seed)

    def wanted(self, weighed: WeighedFunction) -> Iterator[Wanted]:
        """The samples that the config asks for."""
        cases = showable(weighed)
        taken: set[str] = set()
        for task in self._config.tasks:
            for index in range(self._config.samples_per_function):
                yield Wanted(weighed, cases, task, index, taken)

    def phrase(self, wanted: Wanted, avoided: Collection[str] = ()) -> Iterator[Sample | Drop]:
        """A sample, its twin beside it or in its place as the config asks; or why there is none.

        Args:
            wanted: Which one.
            avoided: Names of the case formats and questions that have been tried before.
        """
        rng = self._rng(wanted, len(avoided))
        try:
            draft = self._fitted(self._draft(wanted, avoided, rng), wanted)
            sample = sample_of(wanted, draft, self._tokens(draft))
        except NotPhrasedError as why:
            yield wanted.drop(why.reason, why.detail)
            return
        if sample.id in wanted.taken:
            yield wanted.drop(DropReason.SAME_SAMPLE)
            return
        wanted.taken.add(sample.id)
        if not self._config.neutral_names:
            yield sample
        if self._config.twins or self._config.neutral_names:
            yield self._twin(wanted, draft, sample)

    def _twin(self, wanted: Wanted, draft: Draft, sample: Sample) -> Sample | Drop:
        """The sample with neutral names. Alone, it is the twin of nothing."""
        twin = twin_of(wanted, draft, sample, self._selection.grammar, self._count)
        if isinstance(twin, Sample) and self._config.neutral_names:
            return twin.model_copy(update={"twin_of": ""})
        return twin

    def _rng(self, wanted: Wanted, attempt: int) -> Random:
        parts = [str(self._seed), wanted.function.id, str(wanted.index)]
        parts += [wanted.task] if wanted.task is not Task.INDUCTION else []
        parts += [f"again {attempt}"] if attempt else []
        return Random(":".join(parts))  # noqa: S311  not for secrets

    def _draft(self, wanted: Wanted, avoided: Collection[str], rng: Random) -> Draft:
        if wanted.task is Task.INDUCTION:
            shown = self._chosen(wanted, rng)
            subject = self._subject(wanted.function, rng)
            return induce(subject, shown, self._selection, avoided, rng)
        return ask(wanted, self._subject(wanted.function, rng), self._selection, avoided, rng)

    def _chosen(self, wanted: Wanted, rng: Random) -> list[Showable]:
        total = len(wanted.weighed.executed.cases)
        shown = choose(wanted.cases, total, self._config, rng) if wanted.cases else []
        self._require_enough(shown)
        return shown

    def _require_enough(self, shown: Sequence[Showable]) -> None:
        if len(shown) < self._config.min_shown:
            raise NotPhrasedError(DropReason.TOO_FEW_TO_SHOW, f"{len(shown)} cases")
        if not says_enough(shown):
            raise NotPhrasedError(DropReason.TOO_FEW_TO_SHOW, "they do nothing, or one thing")

    def _subject(self, function: Function, rng: Random) -> Subject:
        """The function under its own name, or a neutral one where drawn and safe."""
        grammar = self._selection.grammar
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

    def _tokens(self, draft: Draft) -> int | None:
        return self._count(draft.text.prompt) if self._count else None

    def _fitted(self, draft: Draft, wanted: Wanted) -> Draft:
        """The draft with as few cases less as it takes to have no more tokens than the limit.

        Raises:
            NotPhrasedError: it has more tokens with the fewest cases that may be shown.
        """
        most = self._config.max_prompt_tokens
        if most is None:
            return draft
        while (tokens := self._tokens(draft) or 0) > most:
            if wanted.task is not Task.INDUCTION or len(draft.shown) <= self._config.min_shown:
                raise NotPhrasedError(DropReason.PROMPT_TOO_LONG, f"{tokens} tokens")
            shown = _without_longest(draft.shown)
            self._require_enough(shown)
            shorter = draft.written_for(draft.subject, shown)
            if shorter is None:
                raise NotPhrasedError(DropReason.PROMPT_TOO_LONG, f"{tokens} tokens")
            draft = shorter
        return draft


def _without_longest(shown: Sequence[Showable]) -> list[Showable]:
    longest = max(shown, key=lambda case: len(case.arguments) + len(case.output))
    return [case for case in shown if case is not longest]
