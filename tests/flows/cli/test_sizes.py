import pytest

from flows.cli.sizes import in_words


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (None, ""),
        (0, "0 B"),
        (999, "999 B"),
        (4_100, "4.1 kB"),
        (999_960, "1.0 MB"),
        (1_500_000, "1.5 MB"),
        (1_204_500_000_000, "1,204.5 GB"),
    ],
)
def test_a_size_is_told_in_the_unit_that_fits(size: int | None, words: str) -> None:
    assert in_words(size) == words
