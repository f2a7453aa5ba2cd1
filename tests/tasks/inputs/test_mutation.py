"""A mutant has the type of the original, all the way down, and the original stays as it was."""

import copy
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tasks.inputs.facts import Pool
from tasks.inputs.mutation import mutate

POOL = Pool(ints=(7,), floats=(0.5,), texts=("key",), alphabet="key")
SCALARS = st.booleans() | st.integers() | st.text(max_size=5) | st.floats(-1e9, 1e9) | st.none()
VALUES = st.recursive(
    SCALARS | st.binary(max_size=5) | st.sets(st.integers(), max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES, st.integers(0, 1000))
def test_types_stay_and_originals_too(value: Any, seed: int) -> None:
    before = copy.deepcopy(value)

    changed = mutate(value, POOL, Random(seed))

    assert type(changed) is type(value)
    assert value == before


def test_most_mutants_differ() -> None:
    rng = Random(0)

    same = sum(mutate([1, "ab", 2.5], POOL, rng) == [1, "ab", 2.5] for _ in range(100))

    assert same < 30
