"""Paths as they are from everywhere: a worker that does a run again starts in another folder."""

import re
from pathlib import Path

from tasks.records.configs import BuildConfig

_LABELLED = re.compile(r"(?P<label>[\w.-]+=)?(?P<place>.+)")
_NO_PATH = frozenset(("stdlib", "site-packages", "installed", "none", ""))


def whole(place: str) -> str:
    """An absolute path where it is one of this machine that begins with what is there."""
    path = Path(place).expanduser()
    if place in _NO_PATH or "://" in place or path.is_absolute():
        return place
    # A pattern, or a path at a revision, is no file itself.
    first = re.split(r"[@*?\[]", str(path))[0].partition("/")[0] or "."
    return str(Path.cwd() / path) if Path(first).exists() else place


def whole_store(place: str) -> str:
    """The address of a store; a folder need not be there yet."""
    return place if "://" in place else str(Path.cwd() / Path(place).expanduser())


def with_whole_paths(config: BuildConfig) -> BuildConfig:
    """The config, to be worked on from any folder. It builds the same bytes."""
    against = tuple(map(_of_a_folder, config.dedup.against))
    tokenizer = _of_a_folder(config.prompts.tokenizer)
    return config.model_copy(
        update={
            "corpus": tuple(map(_corpus, config.corpus)),
            "opt_out": whole(config.opt_out),
            "benchmarks": tuple(map(whole, config.benchmarks)),
            "dedup": config.dedup.model_copy(update={"against": against}),
            "prompts": config.prompts.model_copy(update={"tokenizer": tokenizer}),
        }
    )


def _corpus(spec: str) -> str:
    parts = _LABELLED.fullmatch(spec)
    return f"{parts['label'] or ''}{whole(parts['place'])}" if parts else spec


def _of_a_folder(text: str) -> str:
    """It may be a name as well, which is no path."""
    return whole(text) if Path(text).expanduser().is_dir() else text
