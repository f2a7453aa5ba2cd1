"""What is read from the environment is checked, and no secret comes back in a message."""

import sys
from pathlib import Path

import pytest

from flows.cli.main import main
from tasks.errors import ConfigError
from tasks.settings import Settings, load_settings, without_credentials
from tasks.store.artifacts import open_store

SECRET = "hunter2hunter2"  # noqa: S105 - planted


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CASE2CODE_STORE", f"s3://AKIA:{SECRET}@bucket/prefix"),
        ("CASE2CODE_STORE", f"s3://{SECRET}@bucket"),
        ("CASE2CODE_S3_ENDPOINT", f"https://name:{SECRET}@host"),
        ("CASE2CODE_LLM_URL", f"http://:{SECRET}@host/v1"),
        ("CASE2CODE_LLM_URL", f"ftp://{SECRET}/v1"),
    ],
)
def test_an_address_with_credentials_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError) as raised:
        load_settings()
    said: BaseException | None = raised.value
    while said is not None:
        assert SECRET not in str(said), "nor in what it was raised from"
        said = said.__cause__ or said.__context__


@pytest.mark.parametrize(
    "address",
    [
        "s3://bucket/prefix",
        "https://host:9000/v1",
        "a/folder@home",
        "/path:with@signs",
        "PATH@REVISION",
        "corpus=src@v1.2",
        "hf://org/name",
        "http://[broken",
    ],
)
def test_other_addresses_pass(address: str) -> None:
    assert without_credentials(address) == address


def test_a_store_is_not_opened_with_credentials_in_its_address() -> None:
    with pytest.raises(ConfigError, match="leave them out") as raised:
        open_store(f"s3://AKIA:{SECRET}@bucket/prefix", Settings())
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("joined", [True, False])
def test_the_command_refuses_them_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    joined: bool,
) -> None:
    monkeypatch.setenv("CASE2CODE_HOME", str(tmp_path / "home"))
    address = f"s3://AKIA:{SECRET}@bucket/prefix"
    option = [f"--store={address}"] if joined else ["--store", address]
    monkeypatch.setattr(sys, "argv", ["case2code", "build", *option])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    shown = capsys.readouterr()
    assert "holds credentials" in shown.err.replace("\n", " ")
    assert SECRET not in shown.err + shown.out
    assert not (tmp_path / "home").exists(), "no server was started for it"
