"""Names and work among millions: in bounded memory, in order."""

import itertools
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.collect.ahead import ahead
from tasks.collect.unique import UniqueNames


@given(st.lists(st.sampled_from(["a", "a#2", "a#3", "b", "a#2#2"])))
def test_names_are_told_apart_and_the_first_keeps_its_own(names: list[str]) -> None:
    with UniqueNames() as unique:
        given = [unique.unique(name) for name in names]
    assert len(set(given)) == len(given)
    if names:
        assert given[0] == names[0]


def test_the_same_names_in_the_same_order_come_out_the_same() -> None:
    with UniqueNames() as unique:
        assert [unique.unique(name) for name in ("a", "a", "b", "a")] == ["a", "a#2", "b", "a#3"]


@pytest.mark.parametrize("threads", [1, 4])
def test_results_come_in_order_and_only_so_many_ahead(threads: int) -> None:
    taken = 0

    def counted() -> "itertools.count[int]":
        nonlocal taken
        for number in itertools.count():
            taken += 1
            yield number

    def slow_first(number: int) -> int:
        time.sleep(0.01 if number % 3 == 0 else 0)
        return number

    results = ahead(slow_first, counted(), threads)
    for expected in range(20):
        assert next(results) == expected
        assert taken - expected <= threads + 1
    results.close()


def test_work_is_done_at_the_same_time() -> None:
    together = threading.Barrier(4, timeout=30)

    def wait(_: int) -> bool:
        together.wait()
        return True

    assert all(ahead(wait, range(8), 4))


def test_an_error_of_one_is_raised_in_its_place() -> None:
    def failing(number: int) -> int:
        if number == 3:
            raise LookupError(number)
        return number

    results = ahead(failing, range(10), 4)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(LookupError, match="3"):
        next(results)
