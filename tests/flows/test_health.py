"""What is said of a machine on which no jail starts, and of one on which they do."""

from pathlib import Path

import pytest

from flows import health
from sandbox import Check, Limits
from tests.sandbox.test_remedies import AS_ROOT


def test_a_machine_without_jails_is_told_what_to_do_and_no_escape_is_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    remedy = "user namespaces are switched off: sysctl -w user.max_user_namespaces=10000"
    checks = [Check("nsjail runs", ok=True), Check("a jail starts", ok=False, remedy=remedy)]
    monkeypatch.setattr(health, "check_host", lambda: checks)
    rows = list(health._check_sandbox())
    assert [(row.name, row.works) for row in rows] == [
        ("sandbox: nsjail runs", True),
        ("sandbox: a jail starts", False),
    ]
    assert rows[1].detail == remedy


@AS_ROOT
def test_the_remedy_is_the_one_that_the_jail_itself_gave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr("sandbox.image.default_cache_dir", lambda: closed / "cache")
    *_, last = health._check_sandbox()
    assert not last.works
    assert f"chmod o+x {closed}" in last.detail


def test_every_escape_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "ESCAPE_LIMITS", Limits(cpu_seconds=0.2))
    rows = list(health._check_sandbox())
    assert all(row.works for row in rows), rows
    assert sum(row.name.startswith("escape: ") for row in rows) >= 12
