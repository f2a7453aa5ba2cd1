"""What was made, where others read it: a folder, a bucket, the Hugging Face Hub.

A data set as much as an adapter or a model: files and the manifest that names them.

Promised of folders and buckets: the manifest goes first and comes last, so that where it stands
all files are those that it names; only files of the version before are removed; a place that
holds something else is refused. The Hub gets one commit, and so one moment. Not covered: readers
who hold files of the version before open while it is replaced.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tasks.errors import ConfigError, StoreError
from tasks.records.artifacts import MANIFEST_NAME, Manifest
from tasks.settings import Settings
from tasks.store.artifacts import sha256_of
from tasks.store.backends import Backend, LocalFolder
from tasks.store.s3 import S3Bucket

HUB, S3 = "hf://", "s3://"
MODELS = frozenset(("adapter", "model"))
"""Kinds that are models on the Hub; everything else is a data set there."""
_REPLACED = ("data/",), (".safetensors", ".safetensors.index.json")
"""How names on the Hub begin, or end, that are of us even if this version has no such file."""
_OURS = (
    "data/",
    "README.md",
    "funnel.json",
    "attribution.parquet",
    "contamination.jsonl",
    "report.html",
    "tmp/",
)
"""What a publication that was interrupted leaves; it begins anew."""


def publish_to(
    target: str, files: Mapping[str, Path], manifest: Manifest, settings: Settings, title: str
) -> str:
    """Publishes the files and the manifest; returns where they are for a reader.

    Args:
        target: `hf://organisation/name`, `s3://bucket/prefix` or a folder.
        files: By their names in what is published; more than the manifest names may be among them.
        manifest: Of it.
        settings: How S3 is reached.
        title: Said in the commit on the Hub.

    Raises:
        ConfigError: It is no place that can be published to, or holds something else.
        StoreError: It cannot be written.
    """
    if target.startswith(HUB):
        return _to_hub(target.removeprefix(HUB).strip("/"), files, manifest, title)
    backend = _backend(target, settings)
    _replace(backend, files, manifest, target)
    return backend.url


def _backend(target: str, settings: Settings) -> Backend:
    if target.startswith(S3):
        bucket, _, prefix = target.removeprefix(S3).partition("/")
        if not (bucket and prefix.strip("/")):
            raise ConfigError(f"{target}: write s3://bucket/prefix, with a prefix of its own")
        return S3Bucket(bucket, prefix, settings)
    if "://" in target:
        raise ConfigError(f"{target}: use hf://organisation/name, s3://bucket/prefix or a folder")
    return LocalFolder(Path(target).expanduser().resolve())


def _replace(backend: Backend, files: Mapping[str, Path], manifest: Manifest, target: str) -> None:
    before = _standing(backend, target, files)
    if before == manifest:
        return
    backend.delete(MANIFEST_NAME)
    for name in {file.name for file in before.files} if before else ():
        backend.delete(name)
    for name, path in sorted(files.items()):
        # A conditional write would leave what an earlier try has put there.
        backend.delete(name)
        backend.put_file(name, path, sha256_of(path))
    backend.put_bytes(MANIFEST_NAME, manifest.model_dump_json(indent=1).encode())
    if isinstance(backend, LocalFolder):
        _tidy(backend.root / "tmp")


def _standing(backend: Backend, target: str, files: Collection[str]) -> Manifest | None:
    """What was published there before. Raises ConfigError where something else lies there."""
    raw = backend.get_bytes(MANIFEST_NAME)
    if raw is None:
        there = (key for key in backend.keys("") if key not in files)
        strange = next((key for key in there if not key.startswith(_OURS)), None)
        if strange is not None:
            raise ConfigError(f"{target} holds {strange}, which is not ours: name an empty place")
        return None
    try:
        return Manifest.model_validate_json(raw)
    except ValidationError as error:
        raise ConfigError(f"{target} has a {MANIFEST_NAME} that is not ours") from error


def _tidy(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _to_hub(name: str, files: Mapping[str, Path], manifest: Manifest, title: str) -> str:
    """Makes what is there the new version. HF_TOKEN or `hf auth login` says who does."""
    if name.count("/") != 1:
        raise ConfigError(f"{HUB}{name}: write {HUB}ORGANISATION/NAME")
    hub = _library()
    api = hub.HfApi()
    repo_type = "model" if manifest.kind in MODELS else "dataset"
    text = manifest.model_dump_json(indent=1).encode()
    contents = {file: str(path) for file, path in files.items()} | {MANIFEST_NAME: text}
    try:
        api.create_repo(name, repo_type=repo_type, exist_ok=True)
        there = api.list_repo_files(name, repo_type=repo_type)
        gone = [file for file in there if file not in contents and _is_ours(file)]
        # Not upload_folder: of a large folder it makes several commits, and so a mixture between.
        api.create_commit(
            name,
            repo_type=repo_type,
            commit_message=title,
            operations=[
                *(hub.CommitOperationDelete(path_in_repo=file) for file in sorted(gone)),
                *(
                    hub.CommitOperationAdd(path_in_repo=file, path_or_fileobj=content)
                    for file, content in sorted(contents.items())
                ),
            ],
        )
    except (OSError, ValueError) as error:
        raise StoreError(
            f"{HUB}{name} cannot be written: {error}; check the name, the network, and that "
            "HF_TOKEN may write there"
        ) from error
    return f"{api.endpoint}/{'' if repo_type == 'model' else 'datasets/'}{name}"


def _is_ours(file: str) -> bool:
    starts, ends = _REPLACED
    return file.startswith(starts) or file.endswith(ends)


def _library() -> Any:
    try:
        import huggingface_hub  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigError("hf:// needs the extra `hub`: pip install 'case2code[hub]'") from error
    return huggingface_hub
