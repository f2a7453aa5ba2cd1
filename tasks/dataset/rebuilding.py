"""From the manifest of a data set to the config that makes the same bytes again.

A manifest names what a data set was made from by labels and digests, never by places. So whoever
makes it again says where the same things lie; all that is missing is said at once, before any work.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from tasks.errors import ConfigError
from tasks.records.artifacts import Manifest
from tasks.records.base import Record
from tasks.records.configs import BuildConfig

ANYWHERE = ("stdlib", "site-packages")
"""Corpora that need no place."""

_ORDER = ("listing", "functions", "answers", "cases", "samples")
"""Kinds of artifacts in the order in which a build makes them, as a person would call them."""
_MADE = {
    "listing": "the corpora hold something else",
    "functions": "other functions were extracted or kept",
    "answers": "models answered otherwise: their answers are kept in the store of the first build",
    "cases": "other inputs were chosen, or they gave other outputs",
    "samples": "the samples are phrased otherwise",
}


class Places(Record):
    """Where the things lie that a manifest names."""

    corpora: Mapping[str, str] = {}
    """What to open, by label."""
    benchmarks: tuple[str, ...] = ()
    """As in `BuildConfig.benchmarks`."""
    benchmark_digests: tuple[str, ...] = ()
    """What these are: `NAME@SHA256`."""
    opt_out: str = ""
    opt_out_digest: str = ""
    tokenizer: str = ""
    tokenizer_digest: str = ""
    writers: tuple[str, ...] = ()
    """Models that may be asked, in place of those that the manifest names by their answers."""


def config_again(manifest: Manifest, places: Places) -> BuildConfig:
    """The config with places in it.

    Raises:
        ConfigError: The manifest is none of a data set, or something that it names is missing.
    """
    try:
        recorded = BuildConfig.model_validate(manifest.meta["config"])
    except (KeyError, ValidationError) as error:
        raise ConfigError(f"the manifest has no config that this version knows: {error}") from error
    if missing := _missing(recorded, places):
        raise ConfigError("to make it again, " + "; ".join(missing))
    return recorded.model_copy(
        update={
            "corpus": tuple(places.corpora.get(label, label) for label in recorded.corpus),
            "benchmarks": places.benchmarks if recorded.benchmarks else (),
            "opt_out": places.opt_out,
            "prompts": recorded.prompts.model_copy(update={"tokenizer": places.tokenizer}),
            "inputs": _asking(recorded, places),
        }
    )


def _asking(recorded: BuildConfig, places: Places) -> Any:
    if not places.writers:
        return recorded.inputs
    inputs = recorded.inputs.model_dump(mode="json") | {"writers": list(places.writers)}
    return type(recorded.inputs).model_validate(inputs)


def _missing(recorded: BuildConfig, places: Places) -> Sequence[str]:
    said = []
    lost = [
        label for label in recorded.corpus if label not in places.corpora and label not in ANYWHERE
    ]
    if lost:
        named = " ".join(f"--corpus {label}=PATH" for label in lost)
        said.append(f"say where the corpora {', '.join(lost)} lie: {named}")
    if others := [one for one in recorded.benchmarks if one not in places.benchmark_digests]:
        names = ", ".join(one.partition("@")[0] for one in others)
        said.append(f"name the same files of the benchmarks {names} with --benchmarks")
    if more := _more(recorded, places):
        said.append(f"leave out the benchmarks {', '.join(more)}: it was not checked against them")
    if recorded.opt_out != places.opt_out_digest:
        said.append("give the same list of what is left out with --opt-out FILE")
    if recorded.prompts.tokenizer != places.tokenizer_digest:
        said.append(f"name the tokenizer {recorded.prompts.tokenizer} with --tokenizer")
    return said


def _more(recorded: BuildConfig, places: Places) -> list[str]:
    if not recorded.benchmarks:
        return []
    digests = [one for one in places.benchmark_digests if one not in recorded.benchmarks]
    return [one.partition("@")[0] for one in digests]


def files_that_differ(wanted: Manifest, made: Manifest) -> tuple[str, ...]:
    """Names of files that are in one only, or not the same in both."""
    here, there = ({file.name: file for file in one.files} for one in (wanted, made))
    return tuple(sorted(name for name in {*here, *there} if here.get(name) != there.get(name)))


def why_it_differs(wanted: Manifest, made: Manifest) -> tuple[str, ...]:
    """Versions that are others, and the first thing on the way that is."""
    if wanted.ref.digest == made.ref.digest:
        return ()
    versions = _versions(wanted.meta.get("versions", {}), made.meta.get("versions", {}))
    before, after = wanted.meta.get("inputs", {}), made.meta.get("inputs", {})
    first = next((kind for kind in _ORDER if before.get(kind) != after.get(kind)), None)
    return (*versions, *([_MADE[first]] if first else []))


def _versions(wanted: Mapping[str, Any], made: Mapping[str, Any]) -> Sequence[str]:
    return [
        f"{name} was {wanted.get(name, 'not there')} and is {made.get(name, 'not there')}"
        for name in sorted({*wanted, *made})
        if wanted.get(name) != made.get(name)
    ]
