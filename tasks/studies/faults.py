"""Faults put into a build on purpose: mutated functions, an unreliable executor, shuffled outputs.

Promised: every draw is seeded by the run's seed and the function, so that the same faults fall
on the same functions whatever else is built. The executor's faults follow what the real one
promises: each call is run twice, and a call whose two outcomes disagree is nondeterministic.
"""

from collections.abc import Iterable, Iterator, Sequence
from math import isfinite
from random import Random
from typing import Any

from sandbox import Status, decode, encode
from tasks.programs.mutants import mutants
from tasks.records.cases import Case, ExecutedFunction, WeighedFunction, WrittenFunction
from tasks.records.faults import FaultConfig
from tasks.records.functions import Function


def mutated(
    written: Iterable[WrittenFunction], share: float, seed: int
) -> Iterator[WrittenFunction]:
    """The functions, a drawn share of them with one small mistake; they keep their ids.

    A function in which nothing can be changed stays as it is.
    """
    for one in written:
        rng = _rng(seed, "mutate", one.function)
        if rng.random() < share:
            yield one.model_copy(update={"function": _with_mistake(one.function, rng)})
        else:
            yield one


def _with_mistake(function: Function, rng: Random) -> Function:
    found = mutants(function.program, 1, rng)
    if not found:
        return function
    program = found[0].source
    before, _, after = function.program.partition(function.code)
    inside = program.startswith(before) and program.endswith(after)
    # The mistake may be in a helper: then the function's own lines are the same.
    code = program[len(before) : len(program) - len(after)] if inside else function.code
    return function.model_copy(update={"program": program, "code": code})


def noisy(
    executed: Iterable[ExecutedFunction], faults: FaultConfig, seed: int
) -> Iterator[ExecutedFunction]:
    """The functions with their cases as an unreliable executor would report them."""
    for one in executed:
        rng = _rng(seed, "noise", one.function)
        cases = tuple(_reported(case, faults, rng) for case in one.cases)
        yield one.model_copy(update={"cases": cases})


def _reported(case: Case, faults: FaultConfig, rng: Random) -> Case:
    """What is believed of a call after its two runs."""
    first = _one_run(case, faults, rng)
    second = first if faults.alike else _one_run(case, faults, rng)
    if first == second:
        return first
    return case.model_copy(update={"status": Status.NONDETERMINISTIC, "output": None})


def _one_run(case: Case, faults: FaultConfig, rng: Random) -> Case:
    place = rng.random()
    if place < faults.lost:
        return case.model_copy(update={"status": Status.CRASHED, "output": None})
    if place < faults.lost + faults.late:
        return case.model_copy(update={"status": Status.TIMEOUT, "output": None})
    if place < faults.lost + faults.late + faults.wrong and case.output is not None:
        return case.model_copy(update={"output": encode(wrong(decode(case.output), rng))})
    return case


def wrong(value: Any, rng: Random) -> Any:
    """Another value, near the right one and of its type where that can be."""
    match value:
        case bool():
            found: Any = not value
        case int():
            found = value + rng.choice((-2, -1, 1, 2))
        case float():
            # Added, not multiplied: 0.0 must change. Where adding changes nothing, 0.0 is wrong.
            found = value + 1.0 if value + 1.0 != value and isfinite(value) else 0.0
        case str():
            found = _wrong_text(value, rng)
        case list() | tuple() | dict() if value:
            found = _wrong_part(value, rng)
        case _:
            found = 0 if value is None else None
    return found


def _wrong_part(value: Any, rng: Random) -> Any:
    keys = list(value) if isinstance(value, dict) else range(len(value))
    at = rng.choice(keys)
    changed = {key: wrong(value[key], rng) if key == at else value[key] for key in keys}
    return changed if isinstance(value, dict) else type(value)(changed.values())


def _wrong_text(text: str, rng: Random) -> str:
    at = rng.randrange(len(text) + 1)
    letter = rng.choice("abcdefghijklmnopqrstuvwxyz0123456789")
    if at < len(text) and letter != text[at]:
        return text[:at] + letter + text[at + 1 :]
    return text[:at] + letter + text[at:]


def shuffled(weighed: Iterable[WeighedFunction], seed: int) -> Iterator[WeighedFunction]:
    """The functions with outputs that belong to other arguments, as far as they differ."""
    for one in weighed:
        cases = _moved(one.executed.cases, _rng(seed, "shuffle", one.executed.function))
        executed = one.executed.model_copy(update={"cases": cases})
        yield one.model_copy(update={"executed": executed})


def _moved(cases: Sequence[Case], rng: Random) -> tuple[Case, ...]:
    """Every case with the output of another, none its own where outputs are all distinct."""
    if not cases:
        return ()
    order = list(range(len(cases)))
    rng.shuffle(order)
    # Along one cycle through all cases: no case keeps its place.
    given = {order[at]: cases[order[(at + 1) % len(order)]].output for at in range(len(order))}
    return tuple(
        case.model_copy(update={"output": given[place]}) for place, case in enumerate(cases)
    )


def _rng(seed: int, what: str, function: Function) -> Random:
    return Random(f"{what} {seed} {function.id}")  # noqa: S311 - drawn mistakes are no secrets
