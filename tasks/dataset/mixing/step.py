"""The steps `find-parts` and `mix`."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
from prefect import task

from tasks.dataset.mixing.card import card
from tasks.dataset.mixing.finding import files_of, is_elsewhere, label_of, ours, to_train_on
from tasks.dataset.mixing.mixing import Mixer, Part
from tasks.dataset.mixing.rows import rows_of, rows_of_tables
from tasks.dataset.mixing.tokens import measure
from tasks.errors import ConfigError
from tasks.records.artifacts import ArtifactRef
from tasks.records.mixes import MixConfig, MixedRow, MixResult, PartCount
from tasks.records.steps import Place, Shard
from tasks.steps import step, store_at
from tasks.store.artifacts import PART_NAME, ArtifactStore
from tasks.store.tables import RecordWriter

MIX_VERSION = 1
KIND = "mix"
_ROWS = "rows"
"""The kind of artifact that other people's rows become."""


@task(name="find-parts", task_run_name="find the parts of a mix")
def find_parts(data: tuple[str, ...], place: Place) -> tuple[Shard, ...]:
    """The parts as artifacts, in their order; files are taken into the store.

    Never cached: a name, or a file, may hold something else tomorrow. Raises ConfigError,
    StoreError.
    """
    with store_at(place) as store:
        refs = [_taken_in(store, one) if is_elsewhere(one) else ours(store, one) for one in data]
    labels = _unlike([label_of(one) for one in data])
    return tuple(Shard(label=label, ref=ref) for label, ref in zip(labels, refs, strict=True))


def _taken_in(store: ArtifactStore, data: str) -> ArtifactRef:
    """Rows of files as an artifact: from here on its digest says what it is, not where it lay."""
    with TemporaryDirectory(dir=store.scratch) as folder:
        path = Path(folder) / PART_NAME
        unused = 0
        with RecordWriter(path, MixedRow) as writer:
            for row in rows_of(files_of(data)):
                if row is None:
                    unused += 1
                else:
                    writer.write(row)
        if not writer.rows:
            raise ConfigError(
                f"{data}: not one of its {unused} rows has prompt and completion, messages, "
                "instruction and output, question and answer, or text"
            )
        return store.put(_ROWS, {PART_NAME: path}, rows=writer.rows, meta={"unused": unused})


def _unlike(labels: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    made = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        made.append(label if seen[label] == 1 else f"{label}-{seen[label]}")
    return made


@step("mix", version=MIX_VERSION)
def mix(parts: tuple[Shard, ...], config: MixConfig, place: Place) -> MixResult:
    """Writes the parts as one data set, streamed.

    Args:
        parts: As `find_parts` gives them.
        config: With a part for each, in the same order.
        place: Of the store.
    """
    with (
        store_at(place) as store,
        ExitStack() as files,
        TemporaryDirectory(dir=store.scratch) as scratch,
    ):
        tables = [_tables(store, shard.ref, files) for shard in parts]
        streams = [
            Part(shard.label, part.share, partial(rows_of_tables, paths))
            for shard, part, paths in zip(parts, config.parts, tables, strict=True)
        ]
        mixer = Mixer(streams, config, measure(config.tokenizer))
        folder = Path(scratch)
        written = _written(iter(mixer), folder, config.rows_per_file)
        sizes = [sum(pq.read_metadata(path).num_rows for path in paths) for paths in tables]
        counts = tuple(_counts(parts, config, mixer, sizes))
        (folder / "README.md").write_text(card(config, counts, mixer.ended), encoding="utf-8")
        ref = store.put(
            KIND,
            written | {"README.md": folder / "README.md"},
            rows=sum(one.rows for one in counts),
            meta=_meta(config, counts, mixer.ended),
        )
    return MixResult(
        ref=ref,
        rows=ref.rows,
        tokens=sum(one.tokens for one in counts),
        parts=counts,
        ended=mixer.ended,
    )


def _tables(store: ArtifactStore, ref: ArtifactRef, files: ExitStack) -> list[Path]:
    """The Parquet files of an artifact that hold what is trained on, fetched once."""
    names = to_train_on([file.name for file in store.manifest(ref).files])
    return [files.enter_context(store.open(ref, name)) for name in names]


def _written(rows: Iterator[MixedRow], folder: Path, per_file: int) -> dict[str, Path]:
    """Files by the names that they have in the data set."""
    paths: list[Path] = []
    row = next(rows, None)
    while row is not None:
        paths.append(folder / f"{len(paths)}.parquet")
        with RecordWriter(paths[-1], MixedRow) as writer:
            while row is not None and writer.rows < per_file:
                writer.write(row)
                row = next(rows, None)
    total = len(paths)
    return {
        f"data/train-{number:05}-of-{total:05}.parquet": path for number, path in enumerate(paths)
    }


def _counts(
    parts: Sequence[Shard], config: MixConfig, mixer: Mixer, sizes: Sequence[int]
) -> Iterator[PartCount]:
    whole = sum(part.share for part in config.parts)
    columns = zip(parts, config.parts, mixer.taken, sizes, strict=True)
    for shard, part, taken, size in columns:
        yield PartCount(
            label=shard.label,
            digest=shard.ref.digest,
            share=round(part.share / whole, 6),
            rows=taken.rows,
            tokens=taken.tokens,
            passes=round(taken.rows / max(size, 1), 3),
        )


def _meta(config: MixConfig, counts: Sequence[PartCount], ended: str) -> dict[str, Any]:
    return {
        "config": config.model_dump(mode="json"),
        "parts": [one.model_dump(mode="json") for one in counts],
        "ended": ended,
    }
