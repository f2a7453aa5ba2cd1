"""What a build makes of functions that answer another way when they are asked once more."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from flows.build_dataset import build_dataset
from sandbox import Outcome, Program
from sandbox.audit import Mismatch, audit
from tasks.errors import AuditError
from tasks.records.configs import BuildConfig, ExecuteConfig
from tasks.records.drops import DropReason
from tasks.records.steps import BuildSummary

pytestmark = pytest.mark.usefixtures("prefect_server", "no_waiting")

SOURCE = """
def shifted(text: str, by: int) -> str:
    return "".join(chr((ord(letter) - 97 + by) % 26 + 97) for letter in text)


def middle(numbers: list[int]) -> int:
    ordered = sorted(numbers)
    return ordered[len(ordered) // 2] if ordered else 0
"""


@pytest.fixture(autouse=True)
def unsteady(monkeypatch: pytest.MonkeyPatch) -> None:
    """The jail of an audit says something else of one function than all the jails before."""

    def ask(program: Program, recorded: Sequence[Outcome], **same: Any) -> tuple[Mismatch, ...]:
        known = audit(program, recorded, **same)
        return known or (Mismatch(0, *recorded[:2]),) if program.entry == "middle" else known

    monkeypatch.setattr("tasks.execute.auditing.audit", ask)


def build(folder: Path) -> BuildSummary:
    (folder / "corpus").mkdir()
    (folder / "corpus/texts.py").write_text(SOURCE)
    config = BuildConfig(
        corpus=(str(folder / "corpus"),),
        shards=1,
        benchmarks=(),
        execute=ExecuteConfig(audit_one_in=1),
    )
    return build_dataset(config, store=str(folder / "store"), workers=1)


def test_it_is_left_out_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    summary = build(tmp_path)
    rows = {row.step: row for row in summary.dataset.funnel.steps}
    assert rows["execute"].dropped == {DropReason.AUDIT_MISMATCH: 1}
    assert summary.dataset.functions == 1
    record = json.loads(Path(f"{summary.path}.run.json").read_bytes())
    assert record["audit"] == {"functions": 2, "mismatches": 1}


def test_in_continuous_integration_it_ends_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(AuditError, match="1 of 2 audited functions"):
        build(tmp_path)
