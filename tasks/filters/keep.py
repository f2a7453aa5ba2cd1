"""Which cases are evidence, and which functions have enough of it.

Covered: a case counts if its call returned a value and both texts are short enough; a
function counts if enough cases are left, their outputs differ, and it does more than hand
back an argument. A case whose call changed its arguments stays: the value returned is
true all the same, and `Case.mutated` says so for whoever wants to select on it.

Not covered: whether a function is interesting, or a copy of another.
"""

from collections import Counter
from collections.abc import Sequence

from sandbox import Status, encode
from tasks.filters.order import by_coverage
from tasks.programs.calls import decode_arguments
from tasks.records.cases import Case, ExecutedFunction
from tasks.records.configs import FilterConfig
from tasks.records.drops import Drop, DropReason

STEP = "filters"


def keep(executed: ExecutedFunction, config: FilterConfig) -> ExecutedFunction | Drop:
    """The function with its best cases, or why it is left out.

    The cases of the result have distinct arguments, are at most `config.max_cases`, and come
    in the order of what each adds to the ones before it: any first few of them are the best
    few to show.
    """
    returned = _returned(executed.cases)
    short = [case for case in returned if _is_short(case, config)]
    reason, detail = _verdict(executed.cases, returned, short, config)
    if reason is not None:
        return Drop(
            step=STEP,
            reason=reason,
            subject=executed.function.id,
            detail=detail,
            record=executed.model_dump_json(),
        )
    cases = by_coverage(short, config.max_cases)
    return ExecutedFunction(function=executed.function, cases=tuple(cases))


def _returned(cases: Sequence[Case]) -> list[Case]:
    """Cases with a value, the first of each set of equal arguments."""
    found: dict[str, Case] = {}
    for case in cases:
        if case.status == Status.OK and case.output is not None:
            found.setdefault(case.arguments, case)
    return list(found.values())


def _is_short(case: Case, config: FilterConfig) -> bool:
    return max(len(case.arguments), len(case.output or "")) <= config.max_value_chars


def _verdict(
    cases: Sequence[Case], returned: Sequence[Case], short: Sequence[Case], config: FilterConfig
) -> tuple[DropReason | None, str]:
    """The first reason to drop the function, with its detail; None where there is none."""
    if any(case.status == Status.NONDETERMINISTIC for case in cases):
        return DropReason.NONDETERMINISTIC, ""
    if not returned:
        return DropReason.NEVER_RETURNS, _commonest_failure(cases)
    if len(short) < config.min_cases:
        lengthy = len(returned) >= config.min_cases
        reason = DropReason.LONG_VALUES if lengthy else DropReason.TOO_FEW_CASES
        return reason, f"{len(short)} of {len(cases)}"
    return _verdict_on_outputs(short, config)


def _commonest_failure(cases: Sequence[Case]) -> str:
    """How most calls ended; the one that came first where several are as common."""
    endings = Counter(f"{case.status} {case.error}".strip() for case in cases)
    return endings.most_common(1)[0][0] if endings else "no call"


def _verdict_on_outputs(
    cases: Sequence[Case], config: FilterConfig
) -> tuple[DropReason | None, str]:
    outputs = {case.output for case in cases}
    if len(outputs) == 1:
        return DropReason.CONSTANT, (cases[0].output or "")[:80]
    if name := _handed_back(cases):
        return DropReason.IDENTITY, name
    if len(outputs) < config.min_distinct_outputs and outputs != {"False", "True"}:
        return DropReason.TOO_FEW_OUTPUTS, str(len(outputs))
    return None, ""


def _handed_back(cases: Sequence[Case]) -> str:
    """Name of the parameter that every case returns unchanged, or an empty string."""
    # Cheap and true of nearly all functions, so that few arguments need decoding.
    if any((case.output or "") not in case.arguments for case in cases):
        return ""
    values = [decode_arguments(case.arguments) for case in cases]
    for name in values[0]:
        if all(
            name in given and encode(given[name]) == case.output
            for given, case in zip(values, cases, strict=True)
        ):
            return name
    return ""
