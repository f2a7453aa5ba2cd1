"""What the layout promises and no linter checks."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PURE = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for folder in ("tasks", "sandbox")
    for path in (ROOT / folder).rglob("*.py")
    if path.name != "__init__.py"
    and not path.name.endswith(("step.py", "steps.py"))
    and "injail" not in path.parts
)


def test_only_steps_and_flows_import_prefect() -> None:
    """`import prefect` costs a second, which workers and ranks of pure code must not pay."""
    code = f"import sys\nfor name in {PURE}: __import__(name)\nprint('prefect' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


def test_the_sandbox_needs_the_standard_library_alone() -> None:
    code = (
        "import sys, sandbox\n"
        "known = set(sys.stdlib_module_names) | {'sandbox', '__main__'}\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} - known))"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("folder", ["flows", "tasks", "sandbox"])
def test_no_file_is_too_long_to_read(folder: str) -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in (ROOT / folder).rglob("*.py")
    }
    assert {path: lines for path, lines in lengths.items() if lines > 400} == {}
