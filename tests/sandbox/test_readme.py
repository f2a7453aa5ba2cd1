"""The example of the README does what the README says."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "sandbox/README.md").read_text()


def test_the_example_prints_what_stands_below_it() -> None:
    [(example, printed)] = re.findall(
        r"```python\n(.*?)```\n\n```text\n(.*?)```", README, re.DOTALL
    )
    command = [sys.executable, "-c", example]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == printed


def test_every_test_file_that_is_named_is_there() -> None:
    named = set(re.findall(r"`(test_\w+\.py)`", README))
    assert len(named) > 15
    assert not [name for name in named if not (ROOT / "tests/sandbox" / name).exists()]


def test_every_test_that_is_named_is_there() -> None:
    tests = "".join(path.read_text() for path in (ROOT / "tests/sandbox").glob("test_*.py"))
    named = re.findall(r"\(`([a-z_]+)`\)", README)
    assert len(named) > 9
    assert not [name for name in named if name not in tests]
