"""A mix of a data set of ours with files, on both stores."""

import hashlib
import json
from pathlib import Path

import datasets
import pytest

from flows.mix_datasets import mix_datasets
from tasks.dataset.assemble import assemble
from tasks.records.configs import DatasetConfig
from tasks.records.drops import Funnel, StepCount
from tasks.records.mixes import MixConfig, MixPart
from tasks.records.samples import Sample, Shown, Template
from tasks.store.artifacts import ArtifactStore
from tasks.store.names import name_version

pytestmark = pytest.mark.usefixtures("prefect_server", "no_waiting")

TEMPLATE = Template(
    instruction="i",
    header="h",
    case_format="f",
    argument_style="a",
    part_order="p",
    named=True,
    signed=True,
)


def publish(store: ArtifactStore, tmp_path: Path) -> None:
    """A data set called `ours`, as a build makes it."""
    samples = [
        Sample(
            id=hashlib.sha256(str(number).encode()).hexdigest(),
            function_id=hashlib.sha256(f"f{number}".encode()).hexdigest(),
            prompt=f"ask {number}",
            completion=f"def f(): return {number}\n",
            name="f",
            signature="()",
            shown=(Shown(arguments="{}", output=str(number)),),
            hidden=(),
            template=TEMPLATE,
            group=str(number),
            source="c/a.py",
            licence="MIT",
            revision="1",
            first_line=1,
            last_line=1,
        )
        for number in range(60)
    ]
    funnel = Funnel(steps=(StepCount(step="s", unit="u", taken=60, kept=60),))
    folder = tmp_path / "assembled"
    made = assemble(samples, funnel, {}, folder, DatasetConfig(), 0)
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    ref = store.put("dataset", files, rows=made.samples, meta=made.meta)
    name_version(store, ref, "ours")


@pytest.fixture
def settled(store: ArtifactStore, monkeypatch: pytest.MonkeyPatch) -> ArtifactStore:
    """The store, with the settings in the environment where it is on S3."""
    if store.url.startswith("s3://"):
        endpoint = store.backend._client.meta.endpoint_url  # type: ignore[attr-defined]  # S3's
        monkeypatch.setenv("CASE2CODE_S3_ENDPOINT", endpoint)
        monkeypatch.setenv("CASE2CODE_S3_REGION", "us-east-1")
        monkeypatch.setenv("CASE2CODE_S3_ACCESS_KEY", "test")
        monkeypatch.setenv("CASE2CODE_S3_SECRET_KEY", "test")
    return store


def test_ours_and_files_are_mixed_with_lineage_and_load(
    settled: ArtifactStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(settled, tmp_path)
    web = tmp_path / "web.jsonl"
    web.write_text("".join(json.dumps({"text": f"page {n}"}) + "\n" for n in range(500)))
    parts = (MixPart(data="ours", share=1), MixPart(data=str(web), share=3))
    config = MixConfig(parts=parts, rows=200, rows_per_file=90)
    made = mix_datasets(config, store=settled.url)
    again = mix_datasets(config, store=settled.url)
    assert made == again
    assert (made.name, made.version) == ("ours-web", "1")
    assert [(one.label, one.rows) for one in made.parts] == [("ours", 50), ("web", 150)]
    assert 0.8 < made.parts[0].passes < 1, "of its training split"
    manifest = settled.manifest(made.ref)
    assert [file.name for file in manifest.files if file.name.startswith("data")] == [
        f"data/train-0000{n}-of-00003.parquet" for n in range(3)
    ]
    assert str(tmp_path) not in json.dumps(manifest.meta)
    folder = tmp_path / "copy"
    for file in manifest.files:
        (folder / file.name).parent.mkdir(parents=True, exist_ok=True)
        with settled.open(made.ref, file.name) as path:
            (folder / file.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    loaded = datasets.load_dataset(str(folder), split="train", cache_dir=str(tmp_path / "hub"))
    asked = [row for row in loaded if row["part"] == "ours"]
    assert len(asked) == 50
    assert all(row["completion"].startswith("def f") and row["text"] is None for row in asked)
    assert "| web | 75.0% | 150 |" in (folder / "README.md").read_text()
