"""Where a program run as a file and the same program run by the sandbox come to other answers."""

import ast
from collections import Counter
from pathlib import Path

import sandbox_ways as ways
from sandbox_programs import Item

from sandbox import Outcome, Sandbox, Status, encode


def disagreements(items: list[Item], sandbox: Sandbox, folder: Path) -> dict[str, int]:
    """Programs on which the two disagree, counted by the first reason."""
    files = ways.write_files(items, folder, guarded=True)
    programs = [item.program for item in items]
    reasons: Counter[str] = Counter()
    for file, ours, proved in zip(
        files, sandbox.run(programs), sandbox.prove(programs), strict=True
    ):
        reason = _reason(ways.run_file(file), ours, proved)
        if reason:
            reasons[reason] += 1
    return dict(sorted(reasons.items()))


def _reason(theirs: ways.Answers, ours: tuple[Outcome, ...], proved: tuple[Outcome, ...]) -> str:
    """Why a program's answers differ; empty where they do not."""
    if len(theirs) != len(ours):
        return "the file printed no answer for some call"
    for answer, outcome, twice in zip(theirs, ours, proved, strict=True):
        if not _agree(answer, outcome):
            return _name(answer, outcome, twice)
    return ""


def _agree(answer: tuple[str, str], outcome: Outcome) -> bool:
    kind, text = answer
    if kind != "ok":
        return outcome.status is Status.RAISED and outcome.error.rpartition(".")[2] == kind
    return outcome.status is Status.OK and outcome.value in (text, _canonical(text))


def _canonical(text: str) -> str | None:
    """The canonical literal of what a repr says, where it can be read back."""
    try:
        return encode(ast.literal_eval(text))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        readable = {"nan": "float('nan')", "inf": "float('inf')", "-inf": "float('-inf')"}
        return readable.get(text)


def _name(answer: tuple[str, str], outcome: Outcome, twice: Outcome) -> str:
    if twice.status is Status.NONDETERMINISTIC:
        return "changes from run to run"
    if outcome.status is Status.OPAQUE:
        return "no literal says what it returned"
    if outcome.status is Status.OK and answer[0] == "ok":
        return "another value"
    return f"{outcome.status} here, {answer[0]} there"
