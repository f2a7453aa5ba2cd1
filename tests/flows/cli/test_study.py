"""The command: what it prints without running anything, and what it says of a wrong name."""

import pytest
from typer.testing import CliRunner

from flows.cli.main import app
from tasks.errors import ConfigError
from tasks.studies.grid import find_study, shipped


@pytest.mark.parametrize("name", shipped())
def test_a_study_can_be_printed_to_be_changed(name: str) -> None:
    result = CliRunner().invoke(app, ["study", name, "--show"])
    assert result.exit_code == 0, result.output
    assert result.output == find_study(name).read_text(encoding="utf-8")


def test_an_unknown_study_names_those_there_are() -> None:
    result = CliRunner().invoke(app, ["study", "nowhere"])
    assert isinstance(result.exception, ConfigError)
    assert "templates" in str(result.exception)
