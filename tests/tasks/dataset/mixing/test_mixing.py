from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from random import Random

import pytest

from tasks.dataset.mixing.mixing import Mixer, Part, shuffled
from tasks.dataset.mixing.tokens import measure
from tasks.errors import ConfigError
from tasks.records.mixes import MixConfig, MixedRow, MixPart


def rows(name: str, number: int, words: int = 1) -> Callable[[], Iterable[MixedRow]]:
    def opened() -> Iterator[MixedRow]:
        for index in range(number):
            yield MixedRow(id=f"{name}{index}", text="word " * (words + index % 3))

    return opened


def mixer(shares: list[float], sizes: list[int], **others: object) -> Mixer:
    parts = tuple(MixPart(data="x", share=share) for share in shares)
    config = MixConfig.model_validate({"parts": parts} | others)
    streams = [
        Part(name, share, rows(name, size, 1 + 4 * number))
        for number, (name, share, size) in enumerate(zip("abc", shares, sizes, strict=False))
    ]
    return Mixer(streams, config, measure(""))


@pytest.mark.parametrize("shares", [[1, 1], [3, 1], [0.1, 0.2, 0.7]])
def test_every_beginning_of_a_mix_has_the_shares_to_within_a_row(shares: list[float]) -> None:
    taken: Counter[str] = Counter()
    for number, row in enumerate(mixer(shares, [500] * len(shares), rows=400), 1):
        taken[row.part] += 1
        for name, share in zip("abc", shares, strict=False):
            assert abs(taken[name] - number * share / sum(shares)) <= 1
    assert taken.total() == 400


def test_shares_of_tokens_hold_to_within_the_longest_row() -> None:
    mixed = mixer([1, 1], [900, 900], by="tokens", tokens=2_000)
    tokens: Counter[str] = Counter()
    for row in mixed:
        tokens[row.part] += row.tokens
        assert abs(tokens["a"] - tokens["b"]) <= 7
    assert mixed.taken[0].rows > 2 * mixed.taken[1].rows, "rows of b are longer"


def test_without_repeat_a_mix_ends_with_the_part_that_is_used_up_and_says_which() -> None:
    mixed = mixer([1, 1], [30, 10])
    assert sum(1 for _ in mixed) == 21
    assert mixed.ended == "b is used up"
    ids = [row.id for row in mixer([1, 1], [30, 10])]
    assert len(set(ids)) == len(ids)


def test_a_part_that_repeats_comes_in_another_order_each_time() -> None:
    ids = [row.id for row in mixer([1, 1], [100, 10], rows=40, repeat=True) if row.part == "b"]
    assert sorted(ids[:10]) == sorted(ids[10:20])
    assert ids[:10] != ids[10:20]


def test_the_seed_and_nothing_else_decides_the_order() -> None:
    def drawn(seed: int) -> list[str]:
        return [row.id for row in mixer([1, 2], [50, 50], seed=seed)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_a_buffer_is_all_that_is_held() -> None:
    read = 0

    def endless() -> Iterator[MixedRow]:
        nonlocal read
        while True:
            read += 1
            yield MixedRow(id=str(read), text="x")

    drawn = list(islice(shuffled(endless(), 10, Random(0)), 100))
    assert read == 110
    assert len({row.id for row in drawn}) == 100


def test_a_part_without_rows_is_said_so() -> None:
    with pytest.raises(ConfigError, match="b holds no row"):
        list(mixer([1, 1], [5, 0]))


def test_a_mix_that_would_never_end_is_refused() -> None:
    with pytest.raises(ValueError, match="never ends"):
        mixer([1], [5], repeat=True)
