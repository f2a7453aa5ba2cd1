"""When an answer counts as right: by value, by EvalPlus's rules, by the rules of Case2Code.

Only plain values come here (`sandbox.decode`), so no comparison asks an object of a program.
Covered of EvalPlus 0.3.1: equality, tolerance for floats (which, once a problem has had an answer
of floats, holds for the rest of its inputs), and the oracles of the problems that have their own.
Not covered: numpy's broadcasting of lists of different shapes.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

RELATIVE = 1e-7
"""Of numpy's assert_allclose, which EvalPlus follows."""
FLOAT_ATOL = 1e-6
"""EvalPlus's, where the expected answer is made of floats and the problem names no tolerance."""
LOOSE_RELATIVE = 1e-9
LOOSE_ABSOLUTE = 1e-12

SET_EQUAL = frozenset(
    (
        *("similar_elements", "find_char_long", "common_in_nested_lists", "extract_singly"),
        *("larg_nnum", "intersection_array", "find_dissimilar", "Diff"),
    )
)
"""Problems of MBPP+ whose lists have no order."""
NOT_NONE = frozenset(("check_str", "text_match_three", "text_starta_endb"))
"""Problems of MBPP+ of whose answers only counts whether they are None."""


def loosely_equal(left: Any, right: Any) -> bool:
    """By value: floats nearly, nan as nan, sets and dicts in any order, a list is no tuple."""
    if isinstance(left, float) or isinstance(right, float):
        return _nearly(left, right)
    if type(left) is not type(right):
        return bool(left == right)
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(
            loosely_equal(left[key], right[key]) for key in left
        )
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(loosely_equal, left, right))
    return bool(left == right)


def _nearly(left: Any, right: Any) -> bool:
    if not all(isinstance(value, int | float) for value in (left, right)):
        return bool(left == right)
    try:
        return (left != left and right != right) or math.isclose(  # noqa: PLR0124 - so nan is told
            left, right, rel_tol=LOOSE_RELATIVE, abs_tol=LOOSE_ABSOLUTE
        )
    except OverflowError:
        return False


def tolerances(expected: Sequence[Any], atol: float) -> list[float]:
    """The absolute tolerance of each answer: from the first floats on there is one."""
    found: list[float] = []
    for answer in expected:
        atol = FLOAT_ATOL if atol == 0 and _is_floats(answer) else atol
        found.append(atol)
    return found


def equal_by_evalplus(
    entry: str, arguments: Sequence[Any], answer: Any, expected: Any, atol: float
) -> bool:
    """Whether EvalPlus calls the answer to one input right.

    Args:
        entry: Name of the function: some problems have oracles of their own.
        arguments: Of the call.
        answer: What the completion returned.
        expected: What the benchmark's own solution returned.
        atol: Of `tolerances`.
    """
    try:
        if entry in _ORACLES:
            return _ORACLES[entry](arguments, answer, expected, atol)
        return _exactly(entry, answer, expected) or (
            atol != 0 and _all_close(answer, expected, atol)
        )
    except (TypeError, ValueError, OverflowError, ArithmeticError):
        return False  # as an exception of its comparison fails a completion in EvalPlus


def _exactly(entry: str, answer: Any, expected: Any) -> bool:
    if entry in SET_EQUAL:
        return bool(set(answer) == set(expected))
    if entry in NOT_NONE and not isinstance(answer, bool):
        return expected is (answer is not None)
    return bool(answer == expected)


def _is_floats(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return bool(value) and all(isinstance(item, float) for item in value)
    return isinstance(value, float)


def _all_close(answer: Any, expected: Any, atol: float) -> bool:
    return type(answer) is type(expected) and _close(answer, expected, atol)


def _close(answer: Any, expected: Any, atol: float) -> bool:
    if isinstance(expected, list | tuple):
        if not isinstance(answer, list | tuple) or len(answer) != len(expected):
            return False
        return all(_close(*pair, atol) for pair in zip(answer, expected, strict=True))
    if not all(isinstance(value, int | float | complex) for value in (answer, expected)):
        return False
    return bool(answer == expected or abs(answer - expected) <= atol + RELATIVE * abs(expected))


def _zero(arguments: Sequence[Any], answer: Any, _: Any, atol: float) -> bool:
    """HumanEval/32: any zero of the polynomial."""
    [coefficients] = arguments
    value = sum(factor * math.pow(answer, power) for power, factor in enumerate(coefficients))
    return bool(abs(value) <= atol)


def _surface(arguments: Sequence[Any], answer: Any, expected: Any, atol: float) -> bool:
    """Mbpp/581: the height may also be meant as that of the pyramid, not of its sides."""
    edge, height = arguments
    slant = math.sqrt((edge / 2) ** 2 + height**2)
    upright = round(edge**2 + 4 * (edge * slant) / 2)
    close = atol != 0 and _all_close(answer, expected, atol)
    return bool(answer == expected or close or abs(answer - upright) <= atol)


def _distance(arguments: Sequence[Any], answer: Any, expected: Any, atol: float) -> bool:
    """Mbpp/558: digits may also be compared one with the other, the shorter number filled up."""
    first, second = map(str, arguments)
    length = max(len(first), len(second))
    pairs = zip(first.zfill(length), second.zfill(length), strict=True)
    each = sum(abs(int(left) - int(right)) for left, right in pairs)
    close = atol != 0 and _all_close(answer, expected, atol)
    return bool(answer in (expected, each) or close)


def _sum_or_none(_: Sequence[Any], answer: Any, expected: Any, atol: float) -> bool:
    """Mbpp/295: what has no divisors may have the sum 0."""
    close = atol != 0 and _all_close(answer, expected, atol)
    return bool(answer in (expected, 0) or close)


def _anything(*_: Any) -> bool:
    """Mbpp/164: the problem's own solution is wrong."""
    return True


_ORACLES: dict[str, Callable[[Sequence[Any], Any, Any, float], bool]] = {
    "find_zero": _zero,
    "surface_Area": _surface,
    "digit_distance_nums": _distance,
    "sum_div": _sum_or_none,
    "are_equivalent": _anything,
}
