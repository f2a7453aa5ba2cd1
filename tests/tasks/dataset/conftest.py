import pytest

from tasks.records.base import digest_of
from tasks.records.drops import DropReason, Funnel, StepCount
from tasks.records.samples import Sample, Shown, Template

TEMPLATE = Template(
    instruction="short_implement",
    header="examples",
    case_format="asserts",
    argument_style="positional",
    part_order="instruction_cases",
    named=True,
    signed=False,
)


def sample_of(number: int) -> Sample:
    cases = tuple(
        Shown(arguments=f"{{'n': {n}}}", output=str(n + number)) for n in range(7 + number % 2)
    )
    return Sample(
        id=digest_of("sample", str(number)),
        function_id=digest_of("function", str(number)),
        prompt=f"Implement the function `add` in Python.\n\nassert add(1) == {number + 1}",
        completion=f"def add(n):\n    return n + {number}\n",
        name="add",
        signature="(n)",
        shown=cases[:3],
        hidden=cases[3:],
        template=TEMPLATE,
        group=digest_of("group", str(number // 2)),
        source="stdlib/ä.py",
        licence=("PSF-2.0", "MIT", "")[number % 3],
        revision="3.11",
        first_line=1,
        last_line=2,
    )


@pytest.fixture
def samples() -> list[Sample]:
    """Sixty samples, two and two of one group."""
    return [sample_of(number) for number in range(60)]


@pytest.fixture
def funnel() -> Funnel:
    return Funnel(
        steps=(
            StepCount(step="collect", unit="files", taken=9, kept=9),
            StepCount(
                step="filters",
                unit="functions",
                taken=70,
                kept=60,
                dropped={DropReason.TOO_FEW_CASES: 3, DropReason.CONSTANT: 7},
            ),
        )
    )
