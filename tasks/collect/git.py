"""A git repository at one revision, read without a work tree: bare ones too.

One `git ls-tree` lists, one `git log` says which commit last changed each file, and one
`git cat-file --batch` hands out contents by their hash.

Covered: names that are no UTF-8, links and submodules (left out), any object format; nothing in
the repository is run (no hooks, no lazy fetch from where its config points, no replaced objects).
Not covered: files kept outside of the repository (LFS): their pointers are no Python.
"""

import hashlib
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import IO

from tasks.collect.corpus import ChangedError
from tasks.collect.folders import is_skipped
from tasks.collect.licence_files import MAX_BYTES, FolderLicences, is_licence_file
from tasks.errors import CorpusError
from tasks.records.sources import Listing

_REGULAR = (b"100644", b"100755", b"100664")
_CHUNK = 1 << 16
_ENVIRONMENT = {
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
# The user named the repository, whoever owns its folder; and nothing is fetched or watched.
_OPTIONS = (
    "-c",
    "safe.directory=*",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "protocol.allow=never",
    "-c",
    "log.showSignature=false",
)


class GitCorpus:
    """The files `*.py` of a commit."""

    vouched = False

    def __init__(self, label: str, repository: Callable[[], Path], revision: str = "HEAD") -> None:
        """`repository` gives the folder when it is needed first: it may have to be fetched."""
        self.label = label
        self._fetch = repository
        self._revision = revision
        self._reader: _BlobReader | None = None

    def list(self) -> Iterator[Listing]:
        """Every file, sorted by path. Raises CorpusError for an unknown revision."""
        code, licence_files = self._blobs()
        last_commits = self._last_commits(code)
        licences = FolderLicences(licence_files, lambda path: self._blob(licence_files[path]))
        for path, (blob, size) in sorted(code.items()):
            printable = path.encode("utf-8", "backslashreplace").decode()
            yield Listing(
                name=f"{self.label}/{printable}",
                path=printable,
                corpus=self.label,
                digest=f"git:{blob}",
                size=size,
                licence=licences.of(path),
                revision=last_commits.get(path, self.commit),
                at=blob,
            )

    def at_once(self, listing: Listing) -> int:
        """It is on a disk."""
        del listing
        return 1

    def read(self, listing: Listing) -> bytes:
        """The content of one blob, checked against its name. Raises as `Corpus.read`."""
        data = self._blob(listing.at, listing.size + 1)
        name = hashlib.new(
            "sha256" if len(listing.at) == hashlib.sha256().digest_size * 2 else "sha1",
            b"blob %d\0%b" % (len(data), data),
            usedforsecurity=False,
        )
        if name.hexdigest() != listing.at:
            raise ChangedError
        return data

    @cached_property
    def _repository(self) -> Path:
        return self._fetch()

    @cached_property
    def commit(self) -> str:
        """The hash of the commit. Raises CorpusError where there is none of that name."""
        name = f"{self._revision}^{{commit}}"
        done = subprocess.run(  # noqa: S603 - no shell, and options end before the revision
            self._command("rev-parse", "--verify", "--quiet", "--end-of-options", name),
            capture_output=True,
            env=os.environ | _ENVIRONMENT,
            check=False,
        )
        if done.returncode:
            raise CorpusError(
                f"{self._repository} has no commit {self._revision!r}: name a branch, a tag or a"
                " hash that `git log` shows there."
            )
        return done.stdout.decode().strip()

    def _blobs(self) -> tuple[dict[str, tuple[str, int]], dict[str, str]]:
        """Hash and size of each file of code by path, and the hash of each licence file."""
        code: dict[str, tuple[str, int]] = {}
        licences: dict[str, str] = {}
        with self._running("ls-tree", "-r", "-l", "-z", "--full-tree", self.commit) as output:
            for entry in _split(output, b"\0"):
                facts, _, raw = entry.partition(b"\t")
                mode, _kind, blob, size = facts.split()
                path = os.fsdecode(raw)
                if mode not in _REGULAR or is_skipped(path):
                    continue
                if path.endswith(".py"):
                    code[path] = blob.decode(), int(size)
                elif is_licence_file(path):
                    licences[path] = blob.decode()
        return code, licences

    def _last_commits(self, code: Mapping[str, object]) -> dict[str, str]:
        """The commit that last changed each file, on the line of first parents.

        So a commit changes the revision of what it touches, and of nothing else. The history is
        read until all files are found: for old ones, from end to end.
        """
        found: dict[str, str] = {}
        missing = dict.fromkeys(code)
        commit = ""
        with self._running(
            "log",
            "--format=%H",
            "--name-only",
            "--no-renames",
            "--first-parent",
            "--diff-merges=first-parent",
            "--diff-filter=d",
            "-z",
            self.commit,
            "--",
            "*.py",
        ) as output:
            for entry in _split(output, b"\0"):
                path = os.fsdecode(entry.removeprefix(b"\n"))
                if path in missing:
                    del missing[path]
                    found[path] = commit
                    if not missing:
                        break
                elif _is_hash(path, len(self.commit)):
                    commit = path
        return found

    def _blob(self, name: str, limit: int = MAX_BYTES) -> bytes:
        if self._reader is None:
            self._reader = _BlobReader(self._command("cat-file", "--batch"))
        return self._reader.read(name, limit)

    @contextmanager
    def _running(self, *arguments: str) -> Iterator[IO[bytes]]:
        """The output of a git command. Raises CorpusError if it fails before it was all read."""
        with subprocess.Popen(  # noqa: S603 - no shell
            self._command(*arguments),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | _ENVIRONMENT,
        ) as process:
            output = _output_of(process)
            try:
                yield output
            finally:
                at_end = output.read(1) == b""
                if not at_end:
                    process.kill()
        if at_end and process.returncode:
            raise CorpusError(f"git {arguments[0]} failed in {self._repository}: run `git fsck`.")

    def _command(self, *arguments: str) -> Sequence[str]:
        return ["git", *_OPTIONS, "-C", str(self._repository), *arguments]


class _BlobReader:
    """One `git cat-file --batch`, for as long as the corpus is in use."""

    def __init__(self, command: Sequence[str]) -> None:
        self._stack = ExitStack()
        self._process = self._stack.enter_context(
            subprocess.Popen(  # noqa: S603 - no shell
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | _ENVIRONMENT,
            )
        )

    def __del__(self) -> None:
        self._stack.close()

    def read(self, name: str, limit: int) -> bytes:
        """At most `limit` bytes of a blob. Raises OSError where there is none, or git has died."""
        requests, output = self._process.stdin, _output_of(self._process)
        if requests is None:
            raise OSError("git is not listening")
        requests.write(name.encode() + b"\n")
        requests.flush()
        header = output.readline().split()
        if len(header) != 3 or header[1] != b"blob":  # noqa: PLR2004 - name, kind, size
            raise OSError("the repository has no such blob")
        size = int(header[2])
        data = output.read(min(size, limit))
        rest = size - len(data) + 1  # and a newline
        while rest:
            rest -= len(output.read(min(rest, _CHUNK))) or rest
        return data


def is_repository(folder: Path) -> bool:
    """Whether a folder is a git repository: a bare one, or one with its work tree."""
    return is_bare(folder) or (folder / ".git").exists()


def is_bare(folder: Path) -> bool:
    """Whether a folder is what git keeps, without a work tree."""
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir()


def _output_of(process: "subprocess.Popen[bytes]") -> IO[bytes]:
    if process.stdout is None:
        raise OSError("git says nothing")
    return process.stdout


def _split(stream: IO[bytes], end: bytes) -> Iterator[bytes]:
    """The parts of a stream, a chunk of it in memory at a time; empty ones are left out."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        *parts, rest = (rest + chunk).split(end)
        yield from filter(None, parts)
    if rest:
        yield rest


def _is_hash(text: str, length: int) -> bool:
    return len(text) == length and not text.strip("0123456789abcdef")
