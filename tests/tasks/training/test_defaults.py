import pytest

from tasks.training.defaults import defaults_for, dividing, micro_batch_for


def test_a_larger_model_takes_smaller_steps_in_larger_batches() -> None:
    sizes = [10**7, 10**8, 10**9, 5 * 10**9, 7 * 10**10]
    chosen = [defaults_for(size) for size in sizes]
    rates = [one.rate("lora") for one in chosen]
    assert rates == sorted(rates, reverse=True)
    assert [one.batch for one in chosen] == sorted(one.batch for one in chosen)
    assert all(one.rate("full") < one.rate("lora") for one in chosen)


@pytest.mark.parametrize("processes", [1, 2, 8])
@pytest.mark.parametrize("memory", [None, 24 << 30, 80 << 30])
def test_what_a_device_holds_divides_its_share_of_the_batch(
    processes: int, memory: int | None
) -> None:
    micro = micro_batch_for(500_000_000, 32, processes, memory)
    assert (32 // processes) % micro == 0


def test_a_model_that_hardly_fits_is_given_one_sequence() -> None:
    assert micro_batch_for(4_900_000_000, 64, 1, 80 << 30) == 1


@pytest.mark.parametrize(
    ("batch", "processes", "wanted", "taken"),
    [(8, 1, 4, 4), (8, 1, 3, 2), (8, 1, 16, 8), (5, 1, 2, 1), (8, 4, 8, 2), (2, 8, 4, 1)],
)
def test_a_micro_batch_leaves_the_batch_what_the_config_says(
    batch: int, processes: int, wanted: int, taken: int
) -> None:
    assert dividing(batch, processes, wanted) == taken
