"""Cache keys: all that changes a result, and nothing else."""

from types import SimpleNamespace
from typing import Any

import pytest

from tasks.records.artifacts import ArtifactRef
from tasks.records.configs import CollectConfig
from tasks.records.steps import Place
from tasks.steps import StepKey


def key_of(
    name: str = "step",
    *,
    version: int = 1,
    parses: bool = False,
    executes: bool = False,
    **inputs: Any,
) -> str:
    context: Any = SimpleNamespace(task=SimpleNamespace(name=name))
    key = StepKey(version=version, parses=parses, executes=executes)
    return key.compute_key(context, inputs, {})


def ref(digest: str, **others: Any) -> ArtifactRef:
    return ArtifactRef(kind="files", digest=digest, rows=1, size=others.get("size", 1))


def test_a_reference_counts_as_its_digest() -> None:
    assert key_of(shard=ref("a")) == key_of(shard=ref("a", size=7))
    assert key_of(shard=ref("a")) != key_of(shard=ref("b"))
    assert key_of(shards=(ref("a"), ref("b"))) != key_of(shards=(ref("b"), ref("a")))


def test_the_place_is_not_in_the_key() -> None:
    assert key_of(place=Place(store="/a", label="1")) == key_of(place=Place(store="s3://b"))


def test_name_version_config_and_execution_are_in_the_key() -> None:
    keys = {
        key_of(config=CollectConfig()),
        key_of("other", config=CollectConfig()),
        key_of(config=CollectConfig(), version=2),
        key_of(config=CollectConfig(max_bytes=7)),
        key_of(config=CollectConfig(), parses=True),
        key_of(config=CollectConfig(), executes=True),
    }
    assert len(keys) == 6
    assert key_of().startswith("step/v1/")


def test_what_has_no_fixed_order_is_refused() -> None:
    with pytest.raises(TypeError, match="set"):
        key_of(names={"a", "b"})
