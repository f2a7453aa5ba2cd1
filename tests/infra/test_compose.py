"""The compose file: against the schema of compose files, and by `docker compose` where it is."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

INFRA = Path(__file__).parents[2] / "infra"
FILE = INFRA / "compose/compose.yaml"
SECRETS = {"POSTGRES_PASSWORD", "S3_ACCESS_KEY", "S3_SECRET_KEY"}


@pytest.fixture
def services() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text())["services"]
    return found


def test_it_is_a_compose_file() -> None:
    checked = subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema"),
            *("--builtin-schema", "vendor.compose-spec", str(FILE)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_docker_compose_takes_it() -> None:
    if shutil.which("docker") is None or _compose("version").returncode:
        pytest.skip("Docker's compose plugin is not installed")
    done = _compose("--file", str(FILE), "config", "--quiet")
    assert done.returncode == 0, done.stderr


def _compose(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | dict.fromkeys(SECRETS, "planted")
    return subprocess.run(
        ["docker", "compose", *arguments],  # noqa: S607 - whichever the machine has
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


def test_ports_are_open_to_this_machine_alone(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_no_secret_has_a_default_and_none_is_in_the_example() -> None:
    named = re.findall(r"\$\{(\w+)(:?[-?])", FILE.read_text())
    assert {name for name, kind in named if kind == ":?"} == SECRETS
    example = dict(
        line.split("=", 1)
        for line in (FILE.parent / "example.env").read_text().splitlines()
        if not line.startswith("#")
    )
    assert {name for name, _ in named} <= set(example)
    assert all(example[name] == "" for name in SECRETS)


def test_no_container_is_privileged_and_the_worker_has_what_the_jail_needs(
    services: dict[str, Any],
) -> None:
    assert not any({"privileged", "cap_add"} & set(service) for service in services.values())
    worker = services["worker"]
    options = dict(option.split(":", 1) for option in worker["security_opt"])
    assert options["apparmor"] == "unconfined"
    assert (FILE.parent / options["seccomp"]).resolve() == INFRA / "seccomp.json"
    assert worker["cap_drop"] == ["ALL"]
