"""Data sets of the Hugging Face Hub: their files, through the library's own cache.

A file is downloaded when it is read and stays in that cache, so that shards do not fetch it again;
without a network, what the cache holds is the data set. Needs the extra `hub`.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import yaml

from tasks.collect.licence_files import MAX_BYTES
from tasks.errors import ConfigError, CorpusError

_KIND = "dataset"


class HubFiles:
    """The files of a data set at one revision (see `tasks.collect.files.Files`)."""

    def __init__(self, address: str) -> None:
        """Takes `org/name`, with `/subset` and `@revision` where they are wanted.

        A subset is a config that the data set's card names, or a folder in it. Raises ConfigError.
        """
        place, _, revision = address.strip("/").partition("@")
        parts = place.split("/", 2)
        if len(parts) == 1 or not all(parts):
            raise ConfigError(f"hf://{address}: write hf://ORGANISATION/NAME or .../NAME/SUBSET.")
        self.name = "/".join(parts[:2])
        self._subset = parts[2] if len(parts) > 2 else ""  # noqa: PLR2004 - two name the data set
        self._revision = revision or None

    def names(self) -> Iterator[str]:
        """See Files."""
        names = self._all_names
        if self._subset:
            folders = (f"{self._subset}/", f"data/{self._subset}/")
            patterns = self._patterns(names)
            names = [
                name
                for name in names
                if name.startswith(folders) or any(Path(name).match(one) for one in patterns)
            ]
        yield from names

    def open(self, name: str) -> IO[bytes]:
        """See Files."""
        return Path(self._fetched(name)).open("rb")

    @cached_property
    def _all_names(self) -> list[str]:
        hub = _library()
        try:
            names = hub.list_repo_files(self.name, repo_type=_KIND, revision=self._revision)
        except OSError as error:
            # No network, told to do without, not there, not allowed.
            return self._cached_names(error)
        return sorted(names)

    def _cached_names(self, error: Exception) -> list[str]:
        """What an earlier download left of the data set."""
        hub = _library()
        try:
            snapshot = Path(
                hub.snapshot_download(
                    self.name, repo_type=_KIND, revision=self._revision, local_files_only=True
                )
            )
        except hub.errors.LocalEntryNotFoundError:
            raise CorpusError(
                f"hf://{self.name} cannot be listed and is not in the local cache: check the name,"
                " the network and, for a gated data set, HF_TOKEN."
            ) from error
        files = (path for path in snapshot.rglob("*") if path.is_file())
        return sorted(path.relative_to(snapshot).as_posix() for path in files)

    def _fetched(self, name: str) -> str:
        hub = _library()
        path: str = hub.hf_hub_download(self.name, name, repo_type=_KIND, revision=self._revision)
        return path

    def _patterns(self, names: list[str]) -> list[str]:
        """The data files that the card names for the subset."""
        if "README.md" not in names:
            return []
        text = Path(self._fetched("README.md")).read_bytes()[:MAX_BYTES].decode("utf-8", "replace")
        for config in _configs(text):
            if config.get("config_name") == self._subset:
                return list(_paths(config.get("data_files")))
        return []


def _configs(card: str) -> list[Mapping[str, Any]]:
    """What the metadata of a card lists under `configs`."""
    _, _, rest = card.partition("---\n")
    metadata, end, _ = rest.partition("\n---")
    if not end:
        return []
    try:
        parsed = yaml.safe_load(metadata)
    except yaml.YAMLError:
        return []
    configs = parsed.get("configs") if isinstance(parsed, Mapping) else None
    return [one for one in configs or [] if isinstance(one, Mapping)]


def _paths(data_files: Any) -> Iterator[str]:
    """Every pattern of `data_files`: one, a list, or one for each split."""
    if isinstance(data_files, str):
        yield data_files
    elif isinstance(data_files, Mapping):
        yield from _paths(data_files.get("path"))
    elif isinstance(data_files, list):
        for item in data_files:
            yield from _paths(item)


def _library() -> Any:
    try:
        import huggingface_hub  # noqa: PLC0415 - an extra that only this corpus needs
        import huggingface_hub.errors  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError("hf:// needs the extra `hub`: pip install 'case2code[hub]'.") from error
    return huggingface_hub
