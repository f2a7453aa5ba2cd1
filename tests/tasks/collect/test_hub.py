"""Data sets of the Hub out of the library's cache: offline, as it lies after a download."""

import sys
from pathlib import Path

import pytest
from huggingface_hub import constants

from tasks.errors import ConfigError, CorpusError
from tests.tasks.collect.helpers import collected, listed, texts
from tests.tasks.collect.test_rows import EXPECTED, ROWS, write

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CARD = """---
license: mit
configs:
- config_name: small
  data_files:
  - split: train
    path: parts/one-*.parquet
- config_name: all
  data_files: parts/*.parquet
---
# A data set
"""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that holds org/name, and no network."""
    root = tmp_path / "cache"
    snapshot = root / "datasets--org--name" / "snapshots" / COMMIT
    refs = root / "datasets--org--name" / "refs"
    for folder in (snapshot / "parts", snapshot / "data" / "python", refs):
        folder.mkdir(parents=True)
    (refs / "main").write_text(COMMIT)
    (snapshot / "README.md").write_text(CARD)
    write(snapshot / "parts" / "one-0.parquet", ROWS[:10])
    write(snapshot / "parts" / "two-0.parquet", ROWS[10:30])
    write(snapshot / "data" / "python" / "train.jsonl.gz", ROWS[30:])
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(root))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return root


def test_a_data_set_is_all_its_row_files() -> None:
    assert texts(collected("hf://org/name")) == EXPECTED
    assert listed("hf://org/name")[0].name.startswith("name/")


@pytest.mark.parametrize(
    ("subset", "rows"), [("small", 10), ("all", 30), ("python", 270), ("parts", 30)]
)
def test_a_subset_is_a_config_of_the_card_or_a_folder(subset: str, rows: int) -> None:
    assert len(listed(f"hf://org/name/{subset}")) == rows


def test_a_revision_can_be_named() -> None:
    assert len(listed(f"hf://org/name/small@{COMMIT}")) == 10
    with pytest.raises(CorpusError, match="not in the local cache"):
        listed("hf://org/name@another")


def test_a_data_set_that_cannot_be_had_is_said_so() -> None:
    with pytest.raises(CorpusError, match="HF_TOKEN"):
        listed("hf://org/other")
    with pytest.raises(CorpusError, match="nothing to read code from"):
        listed("hf://org/name/none")
    with pytest.raises(ConfigError, match="hf://ORGANISATION/NAME"):
        listed("hf://name")


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(ConfigError, match=r"case2code\[hub\]"):
        listed("hf://org/name")
