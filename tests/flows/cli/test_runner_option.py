"""How a task runner is named on the command line and in a form."""

import pytest
from pydantic import ValidationError

from flows.cli.options import runner_of
from tasks.errors import ConfigError
from tasks.records.runners import Runner, RunnerKind


@pytest.mark.parametrize(
    ("text", "kind", "address"),
    [
        ("threads", RunnerKind.THREADS, ""),
        ("processes", RunnerKind.PROCESSES, ""),
        ("dask", RunnerKind.DASK, ""),
        ("dask:tcp://scheduler:8786", RunnerKind.DASK, "tcp://scheduler:8786"),
        ("ray:ray://head:10001", RunnerKind.RAY, "ray://head:10001"),
    ],
)
def test_a_runner_is_a_kind_and_perhaps_an_address(
    text: str, kind: RunnerKind, address: str
) -> None:
    assert runner_of(text) == Runner(kind=kind, address=address)


@pytest.mark.parametrize("text", ["", "spark", "threads:tcp://host:1"])
def test_what_is_none_is_refused_with_those_that_are(text: str) -> None:
    with pytest.raises(ConfigError, match=r"write threads, processes, dask, ray, dask:tcp://"):
        runner_of(text)


def test_only_a_cluster_has_an_address() -> None:
    with pytest.raises(ValidationError, match="processes has no address"):
        Runner(kind=RunnerKind.PROCESSES, address="tcp://host:1")
