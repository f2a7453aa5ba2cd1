"""Checks of each item by itself: names, determinism, outputs, statements in the prompt."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sandbox import Outcome, Sandbox, Status
from tasks.audit.statements import check_program, statements
from tasks.programs.behaviour import loose
from tasks.programs.calls import program_of
from tasks.programs.names import unresolved_names
from tasks.records.audits import AuditItem, Finding, Gold

_ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6,}")


@dataclass(slots=True)
class Tally:
    """What was looked at, beside what was found."""

    claims: int = 0
    false_claims: int = 0
    golds: int = 0
    wrong_golds: int = 0


def check(items: Sequence[AuditItem], sandbox: Sandbox, tally: Tally) -> Iterator[Finding]:
    """Everything that is wrong with single items, check by check."""
    for item in items:
        yield from _names(item)
    yield from _outputs(items, sandbox, tally)
    yield from _prompts(items, sandbox, tally)


def _finding(check_name: str, item: AuditItem, detail: str) -> Finding:
    function = item.function
    return Finding(check=check_name, item=function.id, name=function.name, detail=detail)


def _names(item: AuditItem) -> Iterator[Finding]:
    missing = unresolved_names(item.function.program)
    if missing:
        yield _finding("unresolved_name", item, ", ".join(sorted(missing)))
    exceptions = sum(gold.output is None for gold in item.golds)
    if exceptions:
        yield _finding("exception_as_output", item, f"{exceptions} of {len(item.golds)}")
    if any(_ADDRESS.search(gold.output or "") for gold in item.golds):
        yield _finding("address_in_output", item, "a memory address nobody can foresee")


def _outputs(items: Sequence[AuditItem], sandbox: Sandbox, tally: Tally) -> Iterator[Finding]:
    callable_items = [(item, golds) for item in items if (golds := _bound(item))]
    programs = (
        program_of(item.function, [gold.arguments for gold in golds])
        for item, golds in callable_items
    )
    for (item, golds), outcomes in zip(callable_items, sandbox.prove(programs), strict=True):
        unstable = sum(one.status is Status.NONDETERMINISTIC for one in outcomes)
        if unstable:
            yield _finding("nondeterministic", item, f"{unstable} of {len(golds)} calls")
        wrong = list(_wrong(golds, outcomes, tally))
        if wrong:
            yield _finding("wrong_output", item, f"{len(wrong)} of {len(golds)}: {wrong[0]}")


def _bound(item: AuditItem) -> list[Gold]:
    """The cases whose arguments fit the signature."""
    found = []
    for gold in item.golds:
        try:
            program_of(item.function, [gold.arguments])
        except ValueError:
            continue
        found.append(gold)
    return found


def _wrong(golds: Sequence[Gold], outcomes: Sequence[Outcome], tally: Tally) -> Iterator[str]:
    for gold, outcome in zip(golds, outcomes, strict=True):
        if gold.output is None or outcome.status not in {Status.OK, Status.RAISED}:
            continue
        tally.golds += 1
        if not _same(gold.output, outcome.value):
            tally.wrong_golds += 1
            got = outcome.value or f"{outcome.error}: {outcome.message}"
            yield f"{gold.arguments[:80]} gives {got[:80]}, not {gold.output[:80]}"


def _same(text: str, value: str | None) -> bool:
    if value is None:
        return False
    try:
        return bool(text == value or loose(text) == loose(value))
    except ValueError:
        return False


def _prompts(items: Iterable[AuditItem], sandbox: Sandbox, tally: Tally) -> Iterator[Finding]:
    stated = [(item, claims) for item in items if (claims := statements(item))]
    programs = (check_program(item, claims) for item, claims in stated)
    for (item, claims), outcomes in zip(stated, sandbox.run(programs), strict=True):
        false = [
            claim
            for claim, one in zip(claims, outcomes, strict=True)
            if one.status is not Status.OK
        ]
        tally.claims += len(claims)
        tally.false_claims += len(false)
        if false:
            yield _finding("false_claim", item, f"{len(false)} of {len(claims)}: {false[0][:160]}")
