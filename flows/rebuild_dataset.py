"""Makes a data set again from its manifest, and says whether every byte is the same."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import ValidationError

from tasks.benchmarks.finding import find
from tasks.benchmarks.loading import load_all
from tasks.collect.access import Access
from tasks.collect.opening import open_corpus, split_label
from tasks.collect.opt_out import read_opt_out
from tasks.dataset.reading import KIND
from tasks.dataset.rebuilding import Places, files_that_differ, why_it_differs
from tasks.errors import ArtifactNotFoundError, ConfigError
from tasks.prompts.tokens import tokenizer_digest
from tasks.records.artifacts import MANIFEST_NAME, ArtifactRef, Manifest
from tasks.records.rebuilds import Rebuild
from tasks.settings import load_settings
from tasks.store.artifacts import open_store
from tasks.store.names import resolve


def manifest_at(text: str, store: str) -> Manifest:
    """The manifest in a file, in the folder of a data set, or of one in the store.

    Raises ConfigError, StoreError.
    """
    path = Path(text).expanduser()
    path = path / MANIFEST_NAME if path.is_dir() else path
    if path.is_file():
        try:
            return Manifest.model_validate_json(path.read_bytes())
        except ValidationError as error:
            raise ConfigError(f"{path} is no manifest of a data set") from error
    settings = load_settings()
    with open_store(store or settings.store_url, settings) as opened:
        try:
            return opened.manifest(resolve(opened, KIND, text))
        except ArtifactNotFoundError as error:
            raise ArtifactNotFoundError(f"{text} is no file, and {error}") from error


def places_of(
    corpora: Sequence[str],
    benchmarks: Sequence[str],
    opt_out: str,
    tokenizer: str,
    writers: Sequence[str],
) -> Places:
    """Looks at what a person named: what it is called, and the digests of what it holds.

    Raises ConfigError, CorpusError where something is not there.
    """
    files, _ = load_all(find(benchmarks))
    with TemporaryDirectory() as scratch:
        access = Access(settings=load_settings(), scratch=Path(scratch))
        labels = {open_corpus(spec, access).label: spec for spec in corpora}
    return Places(
        corpora={label: f"{label}={split_label(spec)[1]}" for label, spec in labels.items()},
        benchmarks=tuple(benchmarks),
        benchmark_digests=tuple(f"{file.name}@{file.sha256}" for file in files),
        opt_out=opt_out,
        opt_out_digest=read_opt_out(opt_out).digest,
        tokenizer=tokenizer,
        tokenizer_digest=tokenizer_digest(tokenizer),
        writers=tuple(writers),
    )


def compared(wanted: Manifest, made: ArtifactRef, path: str, store: str) -> Rebuild:
    """What was made against what was wanted."""
    settings = load_settings()
    with open_store(store or settings.store_url, settings) as opened:
        manifest = opened.manifest(made)
    return Rebuild(
        wanted=wanted.ref,
        made=made,
        path=path,
        files=files_that_differ(wanted, manifest),
        why=why_it_differs(wanted, manifest),
    )
