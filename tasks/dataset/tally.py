"""What a data set comes to, counted while its samples go by."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from tasks.dataset.splits import SPLITS
from tasks.records.samples import Sample

MANY_CASES = 8
"""Cases from which on a function counts as well covered."""

_EXAMPLE_CHARS = 1_500
"""Of prompt and completion: what a reader of the card takes in at a glance."""


@dataclass(frozen=True)
class Assembled:
    """What a data set came to."""

    samples: int
    functions: int
    functions_with_8_cases: int
    """Functions with at least eight verified cases, shown and hidden together."""
    splits: Mapping[str, int]
    """Samples of each split that has any."""
    licences: Mapping[str, int]
    """Samples by licence; the empty one is not known."""
    tasks: Mapping[str, int] = field(default_factory=dict)
    """Samples by what they ask for."""
    meta: Mapping[str, Any] = field(default_factory=dict)
    """For the manifest: what was given, and the counts."""


@dataclass
class Tally:
    """The counts so far."""

    functions: set[bytes] = field(default_factory=set)
    rich: set[bytes] = field(default_factory=set)
    splits: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    tasks: Counter[str] = field(default_factory=Counter)
    example: Sample | None = None
    """Of the samples that are short enough, the one whose id comes first."""

    def add(self, sample: Sample) -> None:
        """Counts a sample whose split is filled."""
        # 16 bytes of a hash tell a billion functions apart, in a quarter of the memory.
        key = bytes.fromhex(sample.function_id[:32])
        self.functions.add(key)
        if len(sample.shown) + len(sample.hidden) >= MANY_CASES:
            self.rich.add(key)
        self.splits[sample.split] += 1
        self.licences[sample.licence] += 1
        self.tasks[sample.task] += 1
        is_first = self.example is None or sample.id < self.example.id
        if is_first and len(sample.prompt) + len(sample.completion) <= _EXAMPLE_CHARS:
            self.example = sample

    def result(self, meta: Mapping[str, Any]) -> Assembled:
        """The counts of everything, also added to `meta`."""
        assembled = Assembled(
            samples=self.splits.total(),
            functions=len(self.functions),
            functions_with_8_cases=len(self.rich),
            splits={name: self.splits[name] for name in SPLITS if self.splits[name]},
            licences=dict(sorted(self.licences.items())),
            tasks=dict(sorted(self.tasks.items())),
        )
        counts = {name: value for name, value in asdict(assembled).items() if name != "meta"}
        return replace(assembled, meta={**meta, "counts": counts})
