"""The step `dataset`."""

import platform
import tempfile
from collections.abc import Sequence
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any

from tasks.dataset.assemble import assemble
from tasks.dataset.contamination import CONTAMINATION_NAME, as_lines, sorted_hits, summary
from tasks.dataset.reading import KIND
from tasks.records.artifacts import ArtifactRef
from tasks.records.configs import BuildConfig
from tasks.records.drops import Funnel
from tasks.records.problems import BenchmarkFile, Hit
from tasks.records.samples import Sample
from tasks.records.steps import DatasetResult, Place, Shard
from tasks.steps import jail_version, step, store_at

DATASET_VERSION = 5


@step("dataset", version=DATASET_VERSION, executes=True)
def publish(  # noqa: PLR0913, PLR0917 - all of it is in the manifest
    shards: tuple[Shard, ...],
    config: BuildConfig,
    grammar: str,
    funnel: Funnel,
    benchmarks: tuple[BenchmarkFile, ...],
    hits: tuple[Shard, ...],
    made_from: tuple[Shard, ...],
    drops: tuple[ArtifactRef, ...],
    place: Place,
) -> DatasetResult:
    """Puts the samples of all shards together as one data set.

    `executes` is in its key because the manifest names the Python and the jail that the
    outputs come from.
    """
    with store_at(place) as store, tempfile.TemporaryDirectory(dir=store.scratch) as scratch:
        folder = Path(scratch) / "dataset"
        samples = chain.from_iterable(store.read_records(one.ref, Sample) for one in shards)
        found = sorted_hits(chain.from_iterable(store.read_records(one.ref, Hit) for one in hits))
        inputs = [*(one.ref for one in (*made_from, *shards)), *drops]
        meta = _meta(config, grammar, inputs) | {
            "benchmarks": summary(benchmarks, found, config.decontaminate)
        }
        made = assemble(samples, funnel, meta, folder, config.dataset, config.seed)
        (folder / CONTAMINATION_NAME).write_text(as_lines(found), encoding="utf-8", newline="\n")
        files = {
            path.relative_to(folder).as_posix(): path
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        ref = store.put(KIND, files, rows=made.samples, meta=made.meta)
    return DatasetResult(
        ref=ref,
        functions=made.functions,
        samples=made.samples,
        functions_with_8_cases=made.functions_with_8_cases,
        funnel=funnel,
    )


def _meta(config: BuildConfig, grammar: str, made_from: Sequence[ArtifactRef]) -> dict[str, Any]:
    """What the data set depends on, without a clock or a place."""
    return {
        "config": config.model_dump(mode="json"),
        "seed": config.seed,
        "versions": {
            "case2code": version("case2code"),
            "python": platform.python_version(),
            "jail": jail_version(),
            "pyarrow": version("pyarrow"),
            "rensa": version("rensa"),
            "templates": grammar,
        },
        "inputs": _digests(made_from),
    }


def _digests(refs: Sequence[ArtifactRef]) -> dict[str, list[str]]:
    """The digests of all artifacts that went in, by kind."""
    found: dict[str, list[str]] = {}
    for ref in refs:
        found.setdefault(ref.kind, []).append(ref.digest)
    return found
