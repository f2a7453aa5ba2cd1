"""Which package and project a source file belongs to: such files are read together."""

from pathlib import PurePosixPath

_TEST_FOLDERS = frozenset(("test", "tests"))


def package_key(path: str) -> str:
    """The folder of `path` inside its corpus, without trailing `test` and `tests` folders.

    A module that lies directly in the corpus is its own package. Test folders count to the
    package they test, since their call sites say how its functions are used.
    """
    parts = list(PurePosixPath(path).parts[:-1])
    while parts and parts[-1] in _TEST_FOLDERS:
        parts.pop()
    return "/".join(parts) or path


def project_key(path: str) -> str:
    """The first folder of `path` inside its corpus: the package, repository or distribution.

    A module that lies directly in the corpus is its own project.
    """
    return path.partition("/")[0] or path
