"""A function that stands on its own, with everything it needs to run."""

from enum import StrEnum

from pydantic import Field

from tasks.records.base import Record


class ParameterKind(StrEnum):
    """How a parameter can be passed, as in `inspect.Parameter.kind`."""

    POSITIONAL_ONLY = "positional_only"
    POSITIONAL_OR_KEYWORD = "positional_or_keyword"
    KEYWORD_ONLY = "keyword_only"


class Parameter(Record):
    """One parameter that a call can fill: `*args` and `**kwargs` never are, so are not listed."""

    name: str
    kind: ParameterKind = ParameterKind.POSITIONAL_OR_KEYWORD
    annotation: str = ""
    """Source text of the annotation, or empty."""
    default: str | None = None
    """Source text of the default value, or None for a required parameter."""


class Function(Record):
    """A self-contained program and the one callable in it that the data set is about."""

    id: str
    """sha256 of source name, entry and program: unique in a corpus, stable between runs."""
    name: str
    """Name of the function; also the name that `program` defines at module level."""
    program: str
    """Complete source: imports, constants and helpers it needs, then the function itself."""
    code: str
    """Source of the function alone, as it stands in `program`."""
    parameters: tuple[Parameter, ...]
    docstring: str = ""
    imports: tuple[str, ...] = ()
    """Top-level modules that the program imports, sorted."""
    seeds: tuple[str, ...] = ()
    """Arguments seen in doctests and call sites: literals of dicts from parameter to value."""
    identity: str
    """Hash of the program's AST with local names renamed: equal for copies with other names."""
    operations: int = Field(ge=0)
    """Calls, operators, comparisons, subscripts and comprehensions in `code`."""
    branches: int = Field(ge=0)
    """if, for, while, try-except, match-case, boolean operators, conditional expressions."""
    source: str
    """Name of the source file (`SourceFile.name`)."""
    path: str
    corpus: str
    licence: str = ""
    revision: str = ""
    first_line: int = Field(ge=1)
    tags: tuple[str, ...] = ()
    """What is known of it and no reason to drop it: `mbpp:MBPP/11` for a problem that it solves."""
    last_line: int = Field(ge=1)
    """Where `code` stands in the source, counted from 1, both included."""
