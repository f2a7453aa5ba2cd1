from collections import Counter

from tasks.dataset.report.measures import LONGEST_SHOWN, SAMPLES_SHOWN, Measures
from tasks.records.base import digest_of
from tasks.records.samples import Sample, Shown, Task


def measured(samples: list[Sample]) -> Measures:
    measures = Measures()
    for one in samples:
        measures.add(one)
    return measures


def another(sample: Sample, number: int, **others: object) -> Sample:
    return sample.model_copy(update={"id": digest_of(str(number)), **others})


def test_what_belongs_to_a_function_counts_once_however_many_samples_it_has(sample: Sample) -> None:
    asked = another(
        sample, 1, task=Task.OUTPUT_PREDICTION, program=sample.completion, completion="3"
    )
    measures = measured([sample, asked])
    assert measures.samples == 2
    assert len(measures.functions) == 1
    assert measures.cases == 3
    assert measures.numbers["lines"] == Counter({5: 1})
    assert measures.numbers["distinct_outputs"] == Counter({2: 1})
    assert measures.numbers["branch_coverage"] == Counter({50: 1})
    assert measures.numbers["mutants_killed"] == Counter({75: 1})
    assert measures.kinds["module"] == Counter({"math": 1})
    assert measures.kinds["task"] == Counter({"induction": 1, "output_prediction": 1})


def test_what_is_not_known_is_not_counted(sample: Sample) -> None:
    bare = Sample.model_validate(sample.model_dump(exclude={"evidence"}))
    numbers = measured([bare]).numbers
    assert "prompt_tokens" not in numbers
    assert "branch_coverage" not in numbers
    assert "mutants_killed" not in numbers
    assert measured([another(sample, 1, prompt_tokens=0)]).numbers["prompt_tokens"][0] == 1


def test_samples_to_look_at_are_a_draw_that_the_order_does_not_change(sample: Sample) -> None:
    many = [another(sample, number) for number in range(3 * SAMPLES_SHOWN)]
    forward, backward = list(measured(many).shown), list(measured(many[::-1]).shown)
    assert forward == backward
    assert len(forward) == SAMPLES_SHOWN


def test_a_sample_too_long_to_show_is_left_out_and_not_cut(sample: Sample) -> None:
    long = (Shown(arguments="{'n': 1}", output="x" * LONGEST_SHOWN),)
    measures = measured([sample, another(sample, 1, hidden=long)])
    assert list(measures.shown) == [sample]
    assert measures.samples == 2
