"""Training from the command line: killed at its worst moment, gone on with elsewhere, merged."""

import signal
import subprocess
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.settings import Settings
from tasks.store.artifacts import open_store
from tests.flows.cli.conftest import Command, arguments, environment, result_of
from tests.flows.processes import descendants, left_of

pytestmark = [pytest.mark.xdist_group("torch"), pytest.mark.timeout(900)]

STEPS = 8
OPTIONS = ("--steps", STEPS, "--batch", 2, "--micro-batch", 1, "--max-length", 128)
CHECKPOINTS = ("--save-every", 2, "--launch", "cpu", "--json")


@pytest.fixture
def dataset(tmp_path: Path) -> str:
    """Puts the files of a data set into two stores; the start of its digest."""
    rows = [
        {
            "prompt": f"Write f. f({i}) -> {i + 1}\n",
            "completion": f"def f(x):\n    return x + {i}\n",
        }
        for i in range(24)
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "train.parquet")
    pq.write_table(pa.Table.from_pylist(rows[:4]), tmp_path / "validation.parquet")
    files = {
        f"data/{split}-00000-of-00001.parquet": tmp_path / f"{split}.parquet"
        for split in ("train", "validation")
    }
    for name in ("whole", "cut"):
        with open_store(str(tmp_path / name), Settings()) as store:
            ref = store.put("dataset", files, rows=24)
    return ref.short


@pytest.fixture
def base(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The model by its path from the folder where the command is called."""
    monkeypatch.chdir(tiny_model.parent)
    return tiny_model.name


@pytest.fixture
def killed(prefect_server: str, base: str, dataset: str, tmp_path: Path) -> list[str]:
    """A training that is killed once a checkpoint is in the store; what was left running."""
    words = ["train", dataset, "--base", base, *OPTIONS, *CHECKPOINTS]
    process = subprocess.Popen(
        arguments(*words, "--store", tmp_path / "cut"),
        env=environment(tmp_path / "home", PREFECT_API_URL=prefect_server),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while process.poll() is None and not list((tmp_path / "cut").glob("checkpoints/*.json")):
            time.sleep(0.01)
        seen = descendants(process.pid)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    return left_of(seen)


def test_killed_it_leaves_nothing_running_and_goes_on_on_another_machine(
    case2code: Command, killed: list[str], base: str, dataset: str, tmp_path: Path
) -> None:
    assert killed == []
    run = ["train", dataset, "--base", base, *OPTIONS, *CHECKPOINTS]
    elsewhere = str(tmp_path / "another-home")
    resumed = case2code(*run, "--store", tmp_path / "cut", CASE2CODE_HOME=elsewhere)
    assert "goes on from step" in resumed.stderr
    whole = case2code(*run, "--store", tmp_path / "whole")
    results = [result_of(one)["result"] for one in (resumed, whole)]
    assert results[0]["ref"] == results[1]["ref"], "the same adapter to the bit"
    assert results[0]["curve"] == results[1]["curve"]
    assert results[0]["steps"] == STEPS
    assert not list((tmp_path / "cut").glob("checkpoints/*.json")), "nothing is left to go on from"

    again = result_of(case2code(*run, "--store", tmp_path / "whole"))
    assert again["cached"], "what was trained is not trained again"

    adapter = results[1]["ref"]["digest"][:12]
    merged = tmp_path / "merged"
    words = ["merge", adapter, "--store", tmp_path / "whole", "--to", merged]
    done = case2code(*words, "--base", base)
    assert done.returncode == 0, done.stderr
    assert (merged / "model.safetensors").is_file()
    assert (merged / "tokenizer.json").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--launch", "nine_gpus"], "is no Accelerate configuration"),
        (["--method", "prefix"], "wrong training config: method"),
        (["--max-length", "100000"], "reads at most 512 tokens"),
    ],
)
def test_what_cannot_work_is_one_clear_error(  # noqa: PLR0913, PLR0917 - fixtures
    words: list[str],
    said: str,
    case2code: Command,
    tiny_model: Path,
    dataset: str,
    tmp_path: Path,
) -> None:
    done = case2code("train", dataset, "--base", tiny_model, "--store", tmp_path / "whole", *words)
    assert done.returncode == 1
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
