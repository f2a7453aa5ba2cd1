"""Asks a model for completions, each of them once.

Every answer is kept the moment it arrives (`tasks.models.keeping`), under all that it depends on:
a run that is killed goes on with what is missing, another number of samples or of problems asks
for no answer twice, and styles of one prompt share their answers.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from tasks.evaluation.styles import asked_of, program_in, request_for, shots_of, style_for
from tasks.models.keeping import KeptAnswers
from tasks.models.requests import Generate, Reply, Request
from tasks.records.evaluations import AskStyle, Completion
from tasks.records.problems import Problem

Opened = Callable[[], Generate]
"""Opens the model; called only where an answer is missing."""


class Asking:
    """The problems of benchmarks in one style."""

    def __init__(self, problems: Sequence[Problem], config: AskStyle, limit: int | None) -> None:
        """Raises ConfigError where the style cannot ask for one of them."""
        self.config = config
        self._shots = {
            name: shots_of(list(own)) for name, own in groupby(problems, lambda one: one.benchmark)
        }
        self.problems = asked_of(problems, limit)
        self._styles = {
            problem.benchmark: style_for(problem, config.style, self._shots[problem.benchmark])
            for problem in self.problems
        }

    def requests(self) -> Iterator[tuple[Problem, Request]]:
        """All samples of each problem, in order."""
        for problem in self.problems:
            style, shots = self._styles[problem.benchmark], self._shots[problem.benchmark]
            for sample in range(self.config.samples):
                yield problem, request_for(problem, style, shots, self.config, sample)

    def program(self, problem: Problem, text: str) -> str:
        """What is run of an answer."""
        shots = self._shots[problem.benchmark]
        return program_in(problem, self._styles[problem.benchmark], shots, text)


def complete(asking: Asking, kept: KeptAnswers, opened: Opened) -> Iterator[Completion]:
    """A completion for each request, in order. Raises WriterError where nobody answers."""
    wanted = list(asking.requests())
    replies = asked_once(kept, opened)(request for _, request in wanted)
    for (problem, request), reply in zip(wanted, replies, strict=True):
        yield Completion(
            benchmark=problem.benchmark,
            problem=problem.id,
            sample=request.sample,
            text=reply.text,
            prompt_tokens=reply.prompt_tokens,
            completion_tokens=reply.completion_tokens,
            cut=reply.cut,
            error=reply.error,
        )


def asked_once(kept: KeptAnswers, opened: Opened) -> Generate:
    """Asks the model for what is not kept, and keeps it; replies follow the requests' order."""

    def generate(requests: Iterable[Request]) -> Iterator[Reply]:
        wanted = list(requests)
        missing = {request.key: request for request in wanted if kept.reply(request) is None}
        failed: dict[str, Reply] = {}
        if missing:
            for reply in opened()(missing.values()):
                kept.add(missing[reply.key], reply)
                if reply.error:
                    failed[reply.key] = reply
        for request in wanted:
            yield kept.reply(request) or failed[request.key]

    return generate
