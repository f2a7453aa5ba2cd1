from collections.abc import Iterable

import pytest

from tasks.dataset.diffing import changes, config_changes, known
from tasks.records.base import digest_of
from tasks.records.diffs import Change
from tasks.records.drops import Drop, DropReason
from tasks.records.samples import Sample


def told(old: Iterable[Sample], new: Iterable[Sample]) -> list[tuple[str, str]]:
    found = changes(known(old), known(new))
    return [(str(one.change), one.function[:4]) for one in found]


def moved(sample: Sample, name: str, line: int) -> Sample:
    """The sample as one of another function in the same file."""
    changed = {"function_id": digest_of(name, str(line)), "name": name, "first_line": line}
    return sample.model_copy(update=changed | {"last_line": line + 3, "id": digest_of(name)})


@pytest.fixture
def one(samples: list[Sample]) -> Sample:
    return samples[0]


def test_a_data_set_does_not_differ_from_itself_in_another_order(samples: list[Sample]) -> None:
    assert told(samples, samples[::-1]) == []


def test_functions_come_and_go(samples: list[Sample]) -> None:
    far = moved(samples[0], "elsewhere", 100).model_copy(update={"source": "stdlib/other.py"})
    assert told(samples, [*samples[1:], far]) == [
        ("came", far.function_id[:4]),
        ("went", samples[0].function_id[:4]),
    ]


def test_another_program_at_the_same_place_is_a_change_of_code(one: Sample) -> None:
    renamed = moved(one, "plus", one.first_line)
    further_down = moved(one, one.name, 50)
    for after in (renamed, further_down):
        assert told([one], [after]) == [("code", after.function_id[:4])]
    both = told([one, moved(one, "g", 9)], [moved(one, "g", 8), moved(one, one.name, 2)])
    assert [change for change, _ in both] == ["code", "code"]


def test_other_cases_and_other_phrasing_are_told_apart(one: Sample) -> None:
    fewer = one.model_copy(update={"hidden": one.hidden[:-1]})
    assert [change for change, _ in told([one], [fewer])] == ["cases"]
    swapped = one.model_copy(
        update={"shown": one.shown + one.hidden[:1], "hidden": one.hidden[1:], "prompt": "other"}
    )
    assert [change for change, _ in told([one], [swapped])] == ["prompts"]
    moved_split = one.model_copy(update={"split": "test"})
    assert [change for change, _ in told([one], [moved_split])] == ["prompts"]


@pytest.mark.parametrize("by", ["id", "place", "file"])
def test_what_went_says_why_where_a_drop_does(one: Sample, by: str) -> None:
    subject = {
        "id": one.function_id,
        "place": f"{one.source}:{one.first_line}:{one.name}",
        "file": one.source,
    }[by]
    drop = Drop(step="filters", reason=DropReason.CONSTANT, subject=subject, detail="5")
    other = Drop(step="filters", reason=DropReason.IDENTITY, subject="another")
    [went] = changes(known([one]), {}, dropped_from_new=[other, drop])
    assert (went.change, went.reason, went.detail) == (Change.WENT, "filters: constant", "5")
    [came] = changes({}, known([one]), dropped_from_old=[drop])
    assert (came.change, came.reason) == (Change.CAME, "filters: constant")
    [silent] = changes(known([one]), {})
    assert silent.reason == ""


def test_configs_differ_by_their_parameters() -> None:
    old = {"seed": 0, "filters": {"min_cases": 3, "max": 1}, "gone": 1}
    new = {"seed": 0, "filters": {"min_cases": 5, "max": 1}}
    assert config_changes(old, new) == ["filters.min_cases: 3 -> 5", "gone: 1 -> None"]
