"""A function that answers another way in a fresh jail is dropped; too many of them end a build."""

from functools import partial

import pytest

from sandbox import Limits, Outcome, Sandbox, Status
from tasks.errors import AuditError
from tasks.execute.auditing import Auditor, require_agreement
from tasks.execute.execution import execute
from tasks.records.cases import ExecutedFunction
from tasks.records.drops import Drop, DropReason, Funnel, StepCount
from tests.sandbox.hostile.differing import differs_under
from tests.tasks.execute.test_execution import auditor, written

STEADY = written("def f(x):\n    return x + 1\n", "{'x': 1}", "{'x': 2}")
DIFFERING = written(differs_under(4_242), "{'x': 1}", "{'x': 2}")


def test_a_function_that_answers_another_way_is_dropped_and_the_others_are_kept() -> None:
    asked = auditor(one_in=1)
    with Sandbox() as sandbox:
        kept, dropped = execute([STEADY, DIFFERING], partial(sandbox.prove, arcs=True), asked)
    assert isinstance(kept, ExecutedFunction)
    assert isinstance(dropped, Drop)
    assert (dropped.step, dropped.reason) == ("execute", DropReason.AUDIT_MISMATCH)
    assert dropped.detail == "call 0: ok 1 in the build, ok 2 in a fresh jail"
    assert dropped.record is not None
    assert asked.audited == 2


def test_a_function_outside_of_the_sample_is_not_asked_again() -> None:
    asked = Auditor(one_in=10**9, seed=0, limits=Limits())
    with Sandbox() as sandbox:
        [kept] = execute([DIFFERING], sandbox.prove, asked)
    assert isinstance(kept, ExecutedFunction)
    assert asked.audited == 0


def test_a_fault_of_the_audit_s_sandbox_is_an_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = (Outcome(Status.INTERNAL_ERROR, error="lost"),) * 2
    monkeypatch.setattr("sandbox.audit._run_afresh", lambda *_: lost)
    with Sandbox() as sandbox, pytest.raises(RuntimeError, match="case2code doctor"):
        list(execute([STEADY], sandbox.prove, auditor(one_in=1)))


def funnel(differing: int) -> Funnel:
    dropped = {DropReason.DOES_NOT_LOAD: 3, DropReason.AUDIT_MISMATCH: differing}
    row = StepCount(step="execute", unit="functions", taken=20, kept=17 - differing)
    return Funnel(steps=(row.model_copy(update={"dropped": dropped}),))


@pytest.mark.parametrize(("asked", "differing"), [(0, 0), (5, 0), (5, 1), (30_000, 3)])
def test_a_lone_mismatch_and_one_in_ten_thousand_are_borne(asked: int, differing: int) -> None:
    require_agreement(asked, funnel(differing), strict=False)


@pytest.mark.parametrize(("asked", "differing"), [(5, 2), (30_000, 4)])
def test_more_end_the_build(asked: int, differing: int) -> None:
    with pytest.raises(AuditError, match=f"^{differing} of {asked} audited functions"):
        require_agreement(asked, funnel(differing), strict=False)


def test_in_continuous_integration_the_first_one_ends_the_build() -> None:
    require_agreement(30_000, funnel(0), strict=True)
    with pytest.raises(AuditError, match="at most none may"):
        require_agreement(30_000, funnel(1), strict=True)
