"""Completions: each asked for once, whatever happened before."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tasks.evaluation.completing import Asking, complete
from tasks.models.keeping import KeptAnswers
from tasks.models.requests import Generate, Reply, Request
from tasks.records.evaluations import AskStyle
from tasks.records.problems import Problem
from tasks.settings import Settings
from tasks.store.artifacts import ArtifactStore, open_store

PROBLEMS = [
    Problem(
        benchmark="own",
        id=f"own/{number}",
        prompt=f"def f{number}(x):\n",
        entry=f"f{number}",
        solution="",
        tests="",
    )
    for number in range(4)
]


class KilledError(Exception):
    """Stands for a process that dies."""


def echo(seen: list[str], dies_after: int = 99) -> Callable[[], Generate]:
    def generate(requests: Iterable[Request]) -> Iterator[Reply]:
        for request in reversed(list(requests)):
            if len(seen) == dies_after:
                raise KilledError
            seen.append(request.key)
            yield Reply(request.key, f"answer to {request.key}", 3, 4)

    return lambda: generate


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[ArtifactStore]:
    with open_store(str(tmp_path / "store"), Settings()) as opened:
        yield opened


def test_a_killed_run_goes_on_with_what_is_missing(folder: ArtifactStore, tmp_path: Path) -> None:
    seen: list[str] = []
    asking = Asking(PROBLEMS, AskStyle(), None)
    with pytest.raises(KilledError), KeptAnswers(folder, "m", tmp_path) as kept:
        list(complete(asking, kept, echo(seen, dies_after=3)))
    with KeptAnswers(folder, "m", tmp_path) as kept:
        done = list(complete(asking, kept, echo(seen)))
    assert len(seen) == len(set(seen)) == 4
    assert [one.problem for one in done] == [problem.id for problem in PROBLEMS]
    assert done[0].text == "answer to own own/0 0"
    with KeptAnswers(folder, "m", tmp_path) as kept:
        more = Asking(PROBLEMS[:2], AskStyle(samples=1), None)
        assert len(list(complete(more, kept, echo(seen, dies_after=0)))) == 2


def test_a_refused_request_is_a_completion_with_its_error(
    folder: ArtifactStore, tmp_path: Path
) -> None:
    def refuse(requests: Iterable[Request]) -> Iterator[Reply]:
        for request in requests:
            yield Reply(request.key, "", error="too long")

    with KeptAnswers(folder, "m", tmp_path) as kept:
        [one] = complete(Asking(PROBLEMS[:1], AskStyle(), None), kept, lambda: refuse)
    assert (one.text, one.error) == ("", "too long")
