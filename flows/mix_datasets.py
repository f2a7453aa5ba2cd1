"""The flow that combines data sets at given shares: one of ours with other people's, say.

Source: the mixed pre-training and instruction tuning of Case2Code, arXiv 2407.12504, section 4.
"""

from collections.abc import Sequence

from prefect import flow

from flows.shards import ShardRun
from tasks.dataset.mixing.step import find_parts, mix
from tasks.records.mixes import MixConfig, MixPart, MixResult
from tasks.records.steps import Place, Shard
from tasks.settings import load_settings
from tasks.store.artifacts import open_store
from tasks.store.names import check_name, default_name, name_version


@flow(name="mix-datasets", flow_run_name="mix {name}", persist_result=False)
def mix_datasets(
    config: MixConfig, store: str = "", name: str = "", version: str = ""
) -> MixResult:
    """Mixes data sets and returns where the mix is and what is in it.

    Args:
        config: What goes in, at which shares, and where it stops.
        store: A folder or s3://bucket/prefix; empty for the one in the settings.
        name: Of the mix; empty for one made of its parts' names.
        version: Empty for the next number.

    Raises:
        ConfigError, StoreError: With what to do about it.
    """
    check_name(name or "default", version)
    place = Place(store=store or load_settings().store_url)
    with ShardRun(place, workers=1) as run:
        parts = run.once(find_parts, data=tuple(part.data for part in config.parts))
        mixed = run.once(mix, parts=parts, config=without_places(config, parts))
    called = name or default_name([part.label for part in parts])
    with open_store(place.store, load_settings()) as opened:
        named = name_version(opened, mixed.ref, called, version)
        path = opened.backend.locate(mixed.ref.key)
    return mixed.model_copy(update={"path": path, "name": called, "version": named.version})


def without_places(config: MixConfig, parts: Sequence[Shard]) -> MixConfig:
    """The config as it is published: labels and digests, where a person gave paths."""
    named = tuple(
        MixPart(data=f"{shard.label}@{shard.ref.digest}", share=part.share)
        for shard, part in zip(parts, config.parts, strict=True)
    )
    return config.model_copy(update={"parts": named})
