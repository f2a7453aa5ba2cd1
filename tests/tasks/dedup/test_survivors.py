"""The same function only once, whatever the order of the shards."""

from tasks.dedup.survivors import Survivors
from tasks.records.drops import Drop, DropReason
from tasks.records.functions import Function


def function(number: int, identity: str) -> Function:
    return Function(
        id=f"{number:064x}",
        name="f",
        program="",
        code="",
        parameters=(),
        identity=identity,
        operations=2,
        branches=0,
        source=f"corpus/{number}.py",
        path=f"{number}.py",
        corpus="corpus",
        first_line=1,
        last_line=1,
    )


FUNCTIONS = [function(n, f"identity {n % 7}") for n in range(20)]


def seen(functions: list[Function]) -> list[tuple[str, str]]:
    return [(one.identity, one.id) for one in functions]


def kept(functions: list[Function], limit: int | None = None, seed: int = 0) -> list[str]:
    survivors = Survivors(seen(functions), limit, seed)
    return sorted(one.id for one in survivors.sift(functions) if isinstance(one, Function))


def test_one_function_of_each_identity_stays() -> None:
    assert kept(FUNCTIONS) == [one.id for one in FUNCTIONS[:7]]


def test_the_order_of_the_functions_does_not_matter() -> None:
    assert kept(FUNCTIONS) == kept(FUNCTIONS[::-1])
    assert kept(FUNCTIONS, 3) == kept(FUNCTIONS[::-1], 3)


def test_a_limit_draws_by_the_seed() -> None:
    assert len(kept(FUNCTIONS, 3)) == 3
    assert len({tuple(kept(FUNCTIONS, 3, seed)) for seed in range(10)}) > 3


def test_each_drop_says_what_it_equals_or_that_it_was_over_the_limit() -> None:
    drops = [
        one for one in Survivors(seen(FUNCTIONS), 3, 0).sift(FUNCTIONS) if isinstance(one, Drop)
    ]
    reasons = [drop.reason for drop in drops]
    assert reasons.count(DropReason.DUPLICATE) == 13
    assert reasons.count(DropReason.OVER_LIMIT) == 4
    duplicate = next(drop for drop in drops if drop.reason is DropReason.DUPLICATE)
    assert duplicate.detail == f"equals {FUNCTIONS[0].id}"


def test_what_an_earlier_data_set_holds_does_not_come_again() -> None:
    survivors = Survivors(seen(FUNCTIONS), None, 0, {"identity 3": "equals x of data set y"})
    out = list(survivors.sift(FUNCTIONS))
    assert len([one for one in out if isinstance(one, Function)]) == 6
    assert "equals x of data set y" in {one.detail for one in out if isinstance(one, Drop)}
