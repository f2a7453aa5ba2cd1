import pytest

from tasks.records.samples import Difficulty, Evidence, Sample, Shown, Task, Template

TEMPLATE = Template(
    instruction="short",
    header="",
    case_format="asserts",
    argument_style="positional",
    part_order="instruction_cases",
    named=True,
    signed=False,
)


@pytest.fixture
def sample() -> Sample:
    return Sample(
        id="ab" * 32,
        function_id="cd" * 32,
        split="train",
        prompt="Implement `add`.\n\nassert add(1) == 2",
        completion="import math\n\n\ndef add(n):\n    return n + 1\n",
        name="add",
        signature="(n)",
        shown=(Shown(arguments="{'n': 1}", output="2"), Shown(arguments="{'n': 2}", output="3")),
        hidden=(Shown(arguments="{'n': 3}", output="3"),),
        template=TEMPLATE,
        difficulty=Difficulty(operations=1, branches=2, outputs=2),
        evidence=Evidence(
            branch_coverage=0.5, mutants=4, killed=3, input_types=("int",), output_types=("int",)
        ),
        task=Task.INDUCTION,
        group="g",
        source="corpus/pkg/a.py",
        licence="MIT",
        revision="1.0",
        first_line=3,
        last_line=9,
    )
