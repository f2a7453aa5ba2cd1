from typing import Any

import pytest

from tasks.dataset.rebuilding import Places, config_again, files_that_differ, why_it_differs
from tasks.errors import ConfigError
from tasks.records.artifacts import ArtifactFile, Manifest
from tasks.records.configs import BuildConfig, PromptConfig


def manifest(config: BuildConfig, **meta: Any) -> Manifest:
    files = (ArtifactFile(name="a", size=1, sha256="0"), ArtifactFile(name="b", size=1, sha256="1"))
    whole = {"config": config.model_dump(mode="json")} | meta
    return Manifest(kind="dataset", rows=1, files=files, meta=whole)


RECORDED = BuildConfig(
    corpus=("stdlib", "mine", "web"),
    seed=7,
    benchmarks=("humaneval@abc",),
    opt_out="def",
    prompts=PromptConfig(tokenizer="t@123"),
)
PLACES = Places(
    corpora={"mine": "mine=/here", "web": "web=/there"},
    benchmarks=("installed",),
    benchmark_digests=("humaneval@abc",),
    opt_out="list.txt",
    opt_out_digest="def",
    tokenizer="/models/t",
    tokenizer_digest="t@123",
)


def test_places_take_the_stead_of_labels_and_digests() -> None:
    config = config_again(manifest(RECORDED), PLACES)
    assert config.corpus == ("stdlib", "mine=/here", "web=/there")
    assert (config.benchmarks, config.opt_out) == (("installed",), "list.txt")
    assert config.prompts.tokenizer == "/models/t"
    assert config.seed == 7


def test_all_that_is_missing_is_said_at_once() -> None:
    with pytest.raises(ConfigError) as told:
        config_again(manifest(RECORDED), Places(corpora={"mine": "mine=/here"}))
    for part in ("--corpus web=PATH", "humaneval", "--opt-out FILE", "t@123"):
        assert part in str(told.value)
    assert "mine=PATH" not in str(told.value)


def test_another_file_in_the_stead_of_the_named_one_is_refused() -> None:
    other = PLACES.model_copy(update={"opt_out_digest": "another"})
    with pytest.raises(ConfigError, match="opt-out"):
        config_again(manifest(RECORDED), other)


def test_benchmarks_that_it_was_not_checked_against_are_left_out() -> None:
    more = PLACES.model_copy(update={"benchmark_digests": ("humaneval@abc", "mbpp@1")})
    with pytest.raises(ConfigError, match="leave out the benchmarks mbpp"):
        config_again(manifest(RECORDED), more)
    unchecked = RECORDED.model_copy(update={"benchmarks": ()})
    assert config_again(manifest(unchecked), PLACES).benchmarks == ()


def test_a_manifest_of_something_else_is_refused() -> None:
    with pytest.raises(ConfigError, match="no config"):
        config_again(Manifest(kind="mix", rows=1, files=()), PLACES)


def test_what_differs_is_named_with_what_may_explain_it() -> None:
    wanted = manifest(RECORDED, versions={"python": "3.11.5"}, inputs={"listing": ["1"]})
    same = why_it_differs(wanted, wanted), files_that_differ(wanted, wanted)
    assert same == ((), ())
    made = manifest(RECORDED, versions={"python": "3.12.1"}, inputs={"listing": ["2"]})
    made = made.model_copy(update={"files": wanted.files[:1]})
    assert files_that_differ(wanted, made) == ("b",)
    assert why_it_differs(wanted, made) == (
        "python was 3.11.5 and is 3.12.1",
        "the corpora hold something else",
    )
