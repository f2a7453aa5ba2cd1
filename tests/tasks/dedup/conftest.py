"""Functions for the tests of duplicates."""

from collections.abc import Callable

import pytest

from tasks.programs.identity import identity
from tasks.records.base import digest_of
from tasks.records.functions import Function, Parameter

Make = Callable[..., Function]


@pytest.fixture
def make() -> Make:
    """A function from its source; its id is drawn from the source unless one is given."""

    def function(code: str, program: str = "", key: str = "", parameters: int = 1) -> Function:
        program = program or code
        name = code.partition("def ")[2].partition("(")[0]
        return Function(
            id=key or digest_of(program),
            name=name,
            program=program,
            code=code,
            parameters=tuple(Parameter(name=f"p{number}") for number in range(parameters)),
            identity=identity(program, name),
            operations=2,
            branches=0,
            source="corpus/a.py",
            path="a.py",
            corpus="corpus",
            first_line=1,
            last_line=1,
        )

    return function
