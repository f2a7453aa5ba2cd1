"""What is counted of a data set while its samples go by, once: memory does not grow with it.

What belongs to a function is counted once for it, however many samples it has. But for 16 bytes
of a hash a function and the samples that are shown, only counts are kept.
"""

import heapq
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tasks.records.base import digest_of
from tasks.records.samples import Sample, Shown

SAMPLES_SHOWN = 300
LONGEST_SHOWN = 12_000
"""Characters of a sample in the browser: a longer one is not shown, rather than cut."""

_IMPORT = re.compile(r"^(?:from|import) (\w+)", re.MULTILINE)

OF_FUNCTIONS: Mapping[str, Callable[[Sample], int | None]] = {
    "lines": lambda sample: len(program_of(sample).splitlines()),
    "cases": lambda sample: len(cases_of(sample)),
    "distinct_outputs": lambda sample: len({case.output for case in cases_of(sample)}),
    "operations": lambda sample: sample.difficulty.operations,
    "branches": lambda sample: sample.difficulty.branches,
    "branch_coverage": lambda sample: _percent(sample.evidence.branch_coverage),
    "mutants_killed": lambda sample: _share(sample.evidence.killed, sample.evidence.mutants),
    "mutants_killed_by_shown": lambda sample: _share(
        sample.evidence.killed_shown, sample.evidence.mutants
    ),
}
"""Whole numbers of a function, shares in per cent; None is not counted."""

OF_SAMPLES: Mapping[str, Callable[[Sample], int | None]] = {
    "prompt_characters": lambda sample: len(sample.prompt),
    "prompt_tokens": lambda sample: sample.prompt_tokens,
    "cases_shown": lambda sample: len(sample.shown),
}

KINDS_OF_FUNCTIONS: Mapping[str, Callable[[Sample], Iterable[str]]] = {
    "licence": lambda sample: [sample.licence or "not known"],
    "corpus": lambda sample: [sample.source.partition("/")[0]],
    "input_type": lambda sample: sample.evidence.input_types,
    "output_type": lambda sample: sample.evidence.output_types,
    "module": lambda sample: sorted(set(_IMPORT.findall(program_of(sample)))),
    "name": lambda sample: [sample.name] if sample.template.named else [],
    "tag": lambda sample: sample.tags,
}

KINDS_OF_SAMPLES: Mapping[str, Callable[[Sample], Iterable[str]]] = {
    "split": lambda sample: [sample.split],
    "task": lambda sample: [str(sample.task)],
    "instruction": lambda sample: [sample.template.instruction],
    "header": lambda sample: [sample.template.header or "none"],
    "case_format": lambda sample: [sample.template.case_format],
    "argument_style": lambda sample: [sample.template.argument_style],
    "part_order": lambda sample: [sample.template.part_order],
    "name_given": lambda sample: ["yes" if sample.template.named else "no"],
    "signature_given": lambda sample: ["yes" if sample.template.signed else "no"],
}


@dataclass
class Measures:
    """The counts so far."""

    numbers: dict[str, Counter[int]] = field(default_factory=dict)
    """How often each value came, by measure."""
    kinds: dict[str, Counter[str]] = field(default_factory=dict)
    samples: int = 0
    functions: set[bytes] = field(default_factory=set)
    cases: int = 0
    """Verified cases of all functions, shown and hidden."""
    _shown: list[tuple[str, Sample]] = field(default_factory=list)

    def add(self, sample: Sample) -> None:
        """Counts a sample."""
        self.samples += 1
        self._count(sample, OF_SAMPLES, KINDS_OF_SAMPLES)
        key = bytes.fromhex(sample.function_id[:32])
        if key not in self.functions:
            self.functions.add(key)
            self.cases += len(cases_of(sample))
            self._count(sample, OF_FUNCTIONS, KINDS_OF_FUNCTIONS)
        if _length(sample) <= LONGEST_SHOWN:
            self._shown.append((digest_of("shown", sample.id), sample))
        if len(self._shown) >= 2 * SAMPLES_SHOWN:
            self._shown = heapq.nsmallest(SAMPLES_SHOWN, self._shown, key=lambda one: one[0])

    @property
    def shown(self) -> Iterator[Sample]:
        """Samples to look at: those whose hash comes first, sorted by where they come from."""
        drawn = heapq.nsmallest(SAMPLES_SHOWN, self._shown, key=lambda one: one[0])
        yield from sorted((one for _, one in drawn), key=lambda one: (one.source, one.id))

    def _count(
        self,
        sample: Sample,
        numbers: Mapping[str, Callable[[Sample], int | None]],
        kinds: Mapping[str, Callable[[Sample], Iterable[str]]],
    ) -> None:
        for name, measure in numbers.items():
            value = measure(sample)
            if value is not None:
                self.numbers.setdefault(name, Counter())[value] += 1
        for name, kind in kinds.items():
            self.kinds.setdefault(name, Counter()).update(kind(sample))


def program_of(sample: Sample) -> str:
    """The program that the cases are of."""
    return sample.program or sample.completion


def cases_of(sample: Sample) -> tuple[Shown, ...]:
    """Shown and hidden."""
    return sample.shown + sample.hidden


def _length(sample: Sample) -> int:
    values = sum(len(case.arguments) + len(case.output) for case in cases_of(sample))
    return len(sample.prompt) + len(sample.completion) + len(sample.program) + values


def _percent(share: float | None) -> int | None:
    return None if share is None else round(100 * share)


def _share(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None
