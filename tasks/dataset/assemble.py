"""A data set as a folder: Parquet files by split, whose code it is, the funnel, and a card.

Promised: the same samples, funnel, meta, config and seed give the same bytes, in whatever
order the samples come (with the same pyarrow); memory does not grow with their number, but
for a few bytes a function. Nothing written has a clock, a host or a path in it.

Not covered: `manifest.json`, which the store writes last, from the `meta` that comes back.
"""

import json
import tempfile
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from tasks.dataset.attribution import ATTRIBUTION_NAME, AttributionFile
from tasks.dataset.card import card
from tasks.dataset.sorting import SortedSplits
from tasks.dataset.splits import SPLITS, split_of
from tasks.dataset.tally import Assembled, Tally
from tasks.errors import EmptyDatasetError
from tasks.records.configs import DatasetConfig
from tasks.records.drops import DropReason, Funnel
from tasks.records.samples import Sample
from tasks.store.tables import write_records

CARD_NAME = "README.md"
FUNNEL_NAME = "funnel.json"


def assemble(  # noqa: PLR0913, PLR0917  each of the six decides the bytes
    samples: Iterable[Sample],
    funnel: Funnel,
    manifest_meta: Mapping[str, Any],
    out: Path,
    config: DatasetConfig,
    seed: int,
) -> Assembled:
    """Writes `data/SPLIT-*.parquet`, attribution, funnel and card into the folder `out`.

    Args:
        samples: In any order; their split is filled in here.
        funnel: What became of everything on the way.
        manifest_meta: Config, seeds, versions and digests of inputs, as JSON can hold them.
        out: An empty folder, or one to be made.
        config: Shares of the splits, rows of a file.
        seed: Of the run; it decides about the split.

    Raises:
        EmptyDatasetError: there is not one sample.
        ConfigError: the shares of the splits leave nothing to train on.
    """
    data = out / "data"
    data.mkdir(parents=True)
    tally = Tally()
    with (
        tempfile.TemporaryDirectory(dir=out, prefix=".sorting-") as scratch,
        SortedSplits(Path(scratch)) as splits,
    ):
        for sample in samples:
            split = split_of(sample.group, seed, config)
            placed = sample.model_copy(update={"split": split})
            tally.add(placed)
            splits.add(placed)
        if not tally.functions:
            raise EmptyDatasetError(_why_empty(funnel))
        with AttributionFile(out / ATTRIBUTION_NAME) as attribution:
            _write_data(splits, data, config.rows_per_file, attribution)
    assembled = tally.result(manifest_meta)
    _write_text(out / FUNNEL_NAME, funnel_json(funnel))
    _write_text(out / CARD_NAME, card(assembled, funnel, tally.example))
    return assembled


def _why_empty(funnel: Funnel) -> str:
    """An error that says where everything was lost."""
    last = next((step for step in funnel.steps if step.taken and not step.kept), None)
    message = "no sample came out of the corpus"
    if last is None:
        return f"{message}: nothing went into the first step"
    reasons = sorted(last.dropped.items(), key=lambda item: (-item[1], item[0]))
    listed = ", ".join(f"{count} {reason}" for reason, count in reasons)
    told = f"{message}: {last.step} dropped all of its {last.taken} {last.unit} ({listed})"
    if DropReason.LICENCE in last.dropped:
        told += (
            "; name the licences that you may use in the config, as in `collect: {licences:"
            " [MIT]}`, or null for any"
        )
    return told


def _write_data(
    splits: SortedSplits, data: Path, rows_per_file: int, attribution: AttributionFile
) -> None:
    for name in SPLITS:
        files = -(-splits.rows[name] // rows_per_file)
        samples = attribution.noting(splits.split(name))
        for index in range(files):
            path = data / f"{name}-{index:05}-of-{files:05}.parquet"
            write_records(path, Sample, islice(samples, rows_per_file))


def funnel_json(funnel: Funnel) -> str:
    """The funnel as indented JSON with sorted keys."""
    return json.dumps(funnel.model_dump(mode="json"), indent=2, sort_keys=True) + "\n"


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
