"""Every answer of a model, kept the moment it arrives: nothing is paid twice, nothing is lost.

An answer stands under the hash of all that it depends on (model, prompt, sampling, sample), not
under what it was asked for: another layout of shards, another limit or another later step finds
it again. Promised:

- An answer is in a journal, a file that is only appended to, before anybody sees it. A process
  that is killed loses what was in flight.
- Each process writes files of its own, so that two at once cannot harm each other; at worst both
  ask the same. Of two answers to one request the one in the file first by name is used, by all.
- A line that is torn or damaged is no answer; the others of its file are.

In a folder the journals lie in the store itself. An S3 object cannot be appended to: there the
journal is on this machine, and every few seconds what is new goes to the bucket as one object
more; a session that ends well makes one object of them all. What a killed one left in its journal
is brought to the bucket by the next. Losing the machine with its disk loses those few seconds.

Not covered: leaving answers out that are no longer wanted. Remove the model's folder for that.
"""

import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tasks.models.requests import Reply, Request
from tasks.records.base import canonical_json, digest_of
from tasks.store.artifacts import ArtifactStore
from tasks.store.backends import Backend, LocalFolder

FOLDER = "answers"
PART_LINES = 500
PART_SECONDS = 5.0
"""What is new goes to a bucket after so many answers, or so long, whichever is first."""


def key_of(model: str, request: Request) -> str:
    """The hash of all that an answer depends on."""
    greedy = not request.temperature
    return digest_of(
        canonical_json(
            {
                "model": model,
                "messages": [[each.role, each.content] for each in request.messages],
                "prompt": request.prompt,
                "prefill": request.prefill,
                "schema": request.schema,
                "grammar": request.grammar,
                "stop": request.stop,
                "max_tokens": request.max_tokens,
                "temperature": request.temperature,
                "top_p": None if greedy else request.top_p,
                "seed": None if greedy else request.seed,
                "sample": request.sample,
            }
        )
    )


class KeptAnswers(AbstractContextManager["KeptAnswers"]):
    """The answers of one model in a store. `home` is a folder of this machine, for journals."""

    def __init__(self, store: ArtifactStore, model: str, home: Path) -> None:
        self.model = model
        self._prefix = f"{FOLDER}/{_slug(model)}"
        self._shelf = _shelf(store, self._prefix, home)
        self._where: dict[str, tuple[Path, int]] = {}
        for path in self._shelf.files():
            self._read(path)

    def __contains__(self, key: str) -> bool:
        return key in self._where

    def get(self, key: str) -> dict[str, Any]:
        """What was kept under a key, as the fields of a Reply. Raises KeyError."""
        path, start = self._where[key]
        with path.open("rb") as stream:
            stream.seek(start)
            fields: dict[str, Any] = json.loads(stream.readline())["reply"]
            return fields

    def reply(self, request: Request) -> Reply | None:
        """The reply that was kept for a request, if one was."""
        key = key_of(self.model, request)
        return Reply(request.key, **self.get(key)) if key in self else None

    def add(self, request: Request, reply: Reply) -> None:
        """Keeps an answer. A refusal costs nothing and may pass: it is not kept."""
        if reply.error:
            return
        key = key_of(self.model, request)
        fields = {
            "text": reply.text,
            "prompt_tokens": reply.prompt_tokens,
            "completion_tokens": reply.completion_tokens,
            "cut": reply.cut,
        }
        line = json.dumps({"key": key, "reply": fields}) + "\n"
        self._where[key] = self._shelf.append(line.encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._shelf.close()

    def _read(self, path: Path) -> None:
        start = 0
        with path.open("rb") as stream:
            for line in stream:
                key = _key_in(line)
                if key is not None:
                    self._where.setdefault(key, (path, start))
                start += len(line)


def _key_in(line: bytes) -> str | None:
    """The key of a whole line; None where it is torn or something else."""
    try:
        entry = json.loads(line)
        return str(entry["key"]) if isinstance(entry["reply"]["text"], str) else None
    except (ValueError, TypeError, LookupError):
        return None


def _slug(model: str) -> str:
    """A folder's name: readable, and another one for each model."""
    return f"{re.sub(r'[^A-Za-z0-9._-]+', '-', model)[:60]}-{digest_of(model)[:12]}"


class _Journal:
    """A file of one process that is only appended to. It is made with its first line."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / f"{os.getpid()}-{uuid.uuid4().hex}.jsonl"
        self._file: int | None = None
        self._end = 0

    def append(self, line: bytes) -> tuple[Path, int]:
        """Where the line stands now. It is with the system, which a kill of us does not reach."""
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o644)
        start = self._end
        with memoryview(line) as rest:
            while self._end < start + len(line):
                self._end += os.write(self._file, rest[self._end - start :])
        return self.path, start

    def close(self) -> None:
        """On the disk, for good."""
        if self._file is not None:
            os.fsync(self._file)
            os.close(self._file)
            self._file = None


class _FolderShelf:
    """The journals of all processes side by side, in the store."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._journal = _Journal(folder)

    def files(self) -> Iterator[Path]:
        yield from sorted(self._folder.glob("*.jsonl"))

    def append(self, line: bytes) -> tuple[Path, int]:
        return self._journal.append(line)

    def close(self) -> None:
        self._journal.close()


class _BucketShelf:
    """Objects in a bucket, and journals on this machine for what has not got there."""

    def __init__(self, backend: Backend, prefix: str, folder: Path, scratch: Path) -> None:
        self._backend = backend
        self._prefix = prefix
        self._folder = folder
        self._scratch = scratch
        self._journal = _Journal(folder)
        self._session = uuid.uuid4().hex
        self._parts: list[str] = []
        self._fresh: list[bytes] = []
        self._sent_at = time.monotonic()

    def files(self) -> Iterator[Path]:
        self._adopt()
        seen: dict[str, Path] = {}
        while missing := [key for key in self._keys() if key not in seen]:
            for key in missing:
                # One that went meanwhile is part of a larger one now: it is listed again.
                if path := self._backend.local_copy(key, self._scratch):
                    seen[key] = path
        yield from (seen[key] for key in sorted(seen))
        yield from self._journals_of_others()

    def _journals_of_others(self) -> Iterator[Path]:
        """Copies: their owners, which live, remove them when all is in the bucket."""
        for path in sorted(self._folder.glob("*.jsonl")):
            with suppress(FileNotFoundError):
                yield Path(shutil.copy(path, self._scratch))

    def append(self, line: bytes) -> tuple[Path, int]:
        where = self._journal.append(line)
        self._fresh.append(line)
        late = time.monotonic() - self._sent_at >= PART_SECONDS
        if late or len(self._fresh) >= PART_LINES:
            self._send(f"{self._session}-{len(self._parts):05}", b"".join(self._fresh))
        return where

    def close(self) -> None:
        """One object for the session, then its parts and its journal go."""
        self._journal.close()
        if self._parts or self._fresh:
            parts = list(self._parts)
            self._send(self._session, self._journal.path.read_bytes())
            for part in parts:
                self._backend.delete(part)
            self._journal.path.unlink(missing_ok=True)

    def _keys(self) -> list[str]:
        return [key for key in self._backend.keys(f"{self._prefix}/") if key.endswith(".jsonl")]

    def _send(self, name: str, lines: bytes) -> None:
        key = f"{self._prefix}/{name}.jsonl"
        self._backend.put_bytes(key, lines)
        self._parts.append(key)
        self._fresh.clear()
        self._sent_at = time.monotonic()

    def _adopt(self) -> None:
        """Brings to the bucket what processes that are gone have left behind."""
        for path in sorted(self._folder.glob("*.jsonl")):
            process = path.name.split("-")[0]
            if not Path(f"/proc/{process}").exists():
                self._backend.put_bytes(f"{self._prefix}/{path.name}", path.read_bytes())
                path.unlink(missing_ok=True)


def _shelf(store: ArtifactStore, prefix: str, home: Path) -> _FolderShelf | _BucketShelf:
    backend = store.backend
    if isinstance(backend, LocalFolder):
        return _FolderShelf(backend.root / prefix)
    journals = home / FOLDER / digest_of(backend.url, prefix)[:32]
    return _BucketShelf(backend, prefix, journals, store.scratch)
