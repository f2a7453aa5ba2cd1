"""Extracting from sources written in a test, and running what was kept in the jail."""

from collections.abc import Callable, Iterator
from textwrap import dedent
from typing import Any

import pytest

from sandbox import Call, Outcome, Program, Sandbox
from tasks.extract.extract import extract
from tasks.records.configs import ExtractConfig
from tasks.records.drops import Drop
from tasks.records.functions import Function
from tasks.records.sources import SourceFile


class Extracted:
    """What became of the functions of some files, by name."""

    def __init__(self, files: dict[str, str], **config: int) -> None:
        sources = [
            SourceFile(
                name=f"c/{path}", path=path, corpus="c", text=dedent(text), licence="", revision="1"
            )
            for path, text in files.items()
        ]
        items = list(extract(sources, ExtractConfig(**config)))
        self.functions = [item for item in items if isinstance(item, Function)]
        self.drops = [item for item in items if isinstance(item, Drop)]

    def __getitem__(self, name: str) -> Function:
        """The kept function of that name."""
        found = [function for function in self.functions if function.name == name]
        assert found, [(drop.subject, drop.reason, drop.detail) for drop in self.drops]
        return found[0]

    def why(self, name: str) -> tuple[str, str]:
        """Reason and detail of the drop of that name; a dropped file has its path for name."""
        assert name not in {function.name for function in self.functions}
        [drop] = [d for d in self.drops if d.subject.split(":")[-1] in {name, f"c/{name}"}]
        return drop.reason.value, drop.detail


@pytest.fixture
def extracted() -> Callable[..., Extracted]:
    """Extract from one source, or from files given by path."""

    def run(source: str | dict[str, str], **config: int) -> Extracted:
        return Extracted({"m.py": source} if isinstance(source, str) else source, **config)

    return run


@pytest.fixture(scope="session")
def jail() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def call(jail: Sandbox) -> Callable[..., Outcome]:
    """Call a kept function in the jail."""

    def run(function: Function, *args: Any, **kwargs: Any) -> Outcome:
        program = Program(function.program, function.name, (Call(args, kwargs),))
        [[outcome]] = jail.run([program])
        return outcome

    return run
