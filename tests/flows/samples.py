"""A small data set of our own, in a store, for flows that take one."""

from collections.abc import Iterator
from pathlib import Path

from tasks.records.artifacts import ArtifactRef
from tasks.records.base import digest_of
from tasks.records.samples import Sample, Shown, Task, Template
from tasks.settings import Settings
from tasks.store.artifacts import open_store
from tasks.store.tables import write_records

ANSWER = "```python\ndef add(n):\n    return n + 1\n```"
"""What solves the samples that add one, and no other."""
ADDED = {"train": (1, 2), "test": (1, 3)}
"""What the functions of each split add."""

_TEMPLATE = Template(
    instruction="short",
    header="",
    case_format="asserts",
    argument_style="positional",
    part_order="instruction_cases",
    named=True,
    signed=False,
)


def write_dataset(store_url: str, folder: Path) -> ArtifactRef:
    """Puts it into the store: two splits, with a twin and another task among the samples."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    rows = 0
    for split, numbers in ADDED.items():
        path = folder / f"{split}.parquet"
        rows += write_records(path, Sample, _samples(split, numbers))
        files[f"data/{split}-00000-of-00001.parquet"] = path
    with open_store(store_url, Settings()) as store:
        return store.put("dataset", files, rows=rows, meta={"benchmarks": []})


def _samples(split: str, numbers: tuple[int, ...]) -> Iterator[Sample]:
    for number in numbers:
        sample = _sample(split, number)
        yield sample
        yield sample.model_copy(update={"id": digest_of(sample.id, "t"), "twin_of": sample.id})
        yield sample.model_copy(
            update={"id": digest_of(sample.id, "o"), "task": Task.OUTPUT_PREDICTION}
        )


def _sample(split: str, number: int) -> Sample:
    return Sample(
        id=digest_of(split, str(number)),
        function_id=digest_of(str(number)),
        split=split,
        prompt=f"Write `add`.\n\nassert add(1) == {1 + number}\n",
        completion=f"def add(n):\n    return n + {number}\n",
        name="add",
        signature="(n)",
        shown=(Shown(arguments="{'n': 1}", output=str(1 + number)),),
        hidden=tuple(Shown(arguments=f"{{'n': {n}}}", output=str(n + number)) for n in (4, 5)),
        template=_TEMPLATE,
        group=split,
        source="corpus/a.py",
        licence="MIT",
        revision="",
        first_line=1,
        last_line=2,
    )
