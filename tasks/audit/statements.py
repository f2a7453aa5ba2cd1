"""What a prompt states about calls: assertions, doctests, and `Input: ..., Output: ...` lines."""

import doctest
import re
from collections.abc import Iterator, Sequence

from sandbox import Call, Program
from sandbox.parsing import parse_module
from tasks.records.audits import AuditItem

_IN_OUT = re.compile(r"^Input: (?P<given>.+), Output: (?P<output>.+)$", re.MULTILINE)


def statements(item: AuditItem) -> list[str]:
    """Python that fails unless the prompt is right, one statement for each thing that it says."""
    return [*_assertions(item.prompt), *_doctests(item.prompt), *_pairs(item)]


def check_program(item: AuditItem, claims: Sequence[str]) -> Program:
    """A program whose call number `n` fails unless claim `n` is true of the item's code."""
    entry = "claim_holds"
    while entry in item.function.program:
        entry += "_"
    lines = [item.function.program, "", f"def {entry}(number):"]
    for number, claim in enumerate(claims):
        lines.append(f"    if number == {number}:")
        lines += [f"        {line}" for line in claim.split("\n")]
    lines += ["    return True", ""]
    return Program("\n".join(lines), entry, tuple(Call((n,)) for n in range(len(claims))))


def _assertions(prompt: str) -> Iterator[str]:
    for line in prompt.split("\n"):
        if line.strip().startswith("assert ") and _parses(line.strip()):
            yield line.strip()


def _doctests(prompt: str) -> Iterator[str]:
    try:
        examples = doctest.DocTestParser().get_examples(prompt)
    except ValueError:
        return
    for example in examples:
        call, wanted = example.source.strip(), example.want.strip()
        if wanted and "\n" not in call and _parses(f"({call})"):
            yield f"assert repr({call}) == {wanted!r}"


def _pairs(item: AuditItem) -> Iterator[str]:
    for match in _IN_OUT.finditer(item.prompt):
        claim = f"assert {item.function.name}(**({match['given']})) == ({match['output']})"
        if _parses(claim):
            yield claim


def _parses(text: str) -> bool:
    try:
        parse_module(text)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True
