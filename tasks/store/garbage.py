"""What of a store nothing refers to, and its removal.

Kept: what a version of a name stands for; adapters, models, evaluations and the like, which have
no names (`PRODUCTS`); what the manifests of these, and the files beside them, name by digest, and
so on; the last checkpoints of trainings that have not ended; answers of models; and whatever was
written or used lately. A step that finds its result in the store writes the record of it anew once
that is `USED_AGAIN` old, so that what a refresh uses is never old.

Promised of the removal: an artifact loses its manifest first, so no moment shows a part of one as
whole; records of results go before the artifacts that they name; what is removed was garbage when
the person was shown it and is garbage still. Not covered: a step that finds its result in the
seconds in which this removes it; it fails, and the next run makes anew what is missing.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import PurePosixPath
from typing import NamedTuple, TypeVar

from tasks.records.artifacts import MANIFEST_NAME, ArtifactRef, refs_in
from tasks.records.versions import NamedVersion
from tasks.store.backends import Backend, Entry, Leftover
from tasks.store.names import LATEST

T = TypeVar("T")
R = TypeVar("R")

PRODUCTS = frozenset(("adapter", "comparison", "evaluation", "model", "study"))
"""Kinds that are made for their own sake and that no name is given to."""
ANSWERS = "answers"
"""What models were paid for: the one input that cannot be made anew."""
USED_AGAIN = timedelta(hours=6)
GRACE = timedelta(days=1)
_THREADS = 16
_NEVER = datetime.min.replace(tzinfo=UTC)
_DIGEST = re.compile(rb"[0-9a-f]{64}")


@dataclass(frozen=True)
class Rules:
    """What is to be kept."""

    grace: timedelta = GRACE
    """Nothing that was written or used since goes: a build may be at work on it."""
    versions: int | None = None
    """Of each name, the last so many; None keeps all."""
    products: bool = True
    """Adapters, models and evaluations that no version refers to."""
    answers: bool = True


class Item(NamedTuple):
    """What goes or stays as one."""

    kind: str
    name: str
    """A digest, or a key."""
    keys: tuple[str, ...]
    """In the order in which they are removed."""
    size: int
    leftover: Leftover | None = None


@dataclass(frozen=True)
class Survey:
    """All that a store holds, divided."""

    kept: dict[str, tuple[int, int]]
    """Of each kind, artifacts and bytes."""
    garbage: tuple[Item, ...]

    def summed(self) -> dict[str, tuple[int, int]]:
        """Of each kind of garbage, items and bytes."""
        return _summed(self.garbage)


@dataclass
class _Artifact:
    """All that lies under one digest, and beside it."""

    kind: str
    digest: str
    files: list[Entry] = field(default_factory=list)
    beside: list[Entry] = field(default_factory=list)
    touched: datetime = _NEVER

    @property
    def manifest(self) -> str:
        return f"artifacts/{self.kind}/{self.digest}/{MANIFEST_NAME}"

    @property
    def whole(self) -> bool:
        return any(entry.key == self.manifest for entry in self.files)

    @property
    def item(self) -> Item:
        entries = sorted(self.files, key=lambda entry: entry.key != self.manifest) + self.beside
        keys = tuple(entry.key for entry in entries)
        return Item(self.kind, self.digest, keys, sum(entry.size for entry in entries))

    def add(self, entry: Entry) -> None:
        own = entry.key.startswith(f"artifacts/{self.kind}/{self.digest}/")
        (self.files if own else self.beside).append(entry)
        self.touched = max(self.touched, entry.modified)


def survey(
    backend: Backend, rules: Rules, finished: Callable[[str], bool], now: datetime
) -> Survey:
    """Divides what a store holds into what is kept and what is garbage.

    Args:
        backend: Of the store.
        rules: What is to be kept.
        finished: Whether the training that a checkpoint's pointer is named after has ended.
        now: The time.

    Raises:
        StoreError: It cannot be read.
    """
    # Records are listed before artifacts: of a new record the artifacts are always seen.
    records = _records(backend)
    artifacts = _artifacts(backend)
    for entry, refs in records:
        for ref in refs:
            if one := artifacts.get(ref.digest):
                one.touched = max(one.touched, entry.modified)
    before = now - rules.grace
    versions, old_versions = _versions(backend, rules)
    pointed, ended = _checkpoints(backend, finished)
    own = {one.digest for one in artifacts.values() if _stands_alone(one, rules, before)}
    roots = own | pointed | {one.digest for one in versions}
    reached = _reached(backend, artifacts, roots | _made_with(records, artifacts, roots))
    unreached = [one for digest, one in artifacts.items() if digest not in reached]
    garbage = (
        old_versions,
        ended,
        _stale(records, before, reached),
        (one.item for one in unreached),
        _answers(backend, before) if not rules.answers else (),
        _leftovers(backend, before),
    )
    kept = _summed(one.item for one in artifacts.values() if one.digest in reached)
    return Survey(kept=kept, garbage=tuple(chain.from_iterable(garbage)))


def remove(backend: Backend, items: Iterable[Item]) -> int:
    """Removes garbage; returns how many bytes that were."""
    ordered = list(items)
    _threaded(lambda item: _remove(backend, item), ordered)
    return sum(item.size for item in ordered)


def still_garbage(shown: Survey, now: Survey) -> list[Item]:
    """What was shown, as it is now, unless it came into use or changed since."""
    known = {(item.kind, item.name): item.keys for item in shown.garbage}
    return [item for item in now.garbage if known.get((item.kind, item.name)) == item.keys]


def mark_used(backend: Backend, key: str, raw: bytes, now: datetime) -> None:
    """Says that a record of a result was used: by its age, its artifacts count as in use."""
    written = backend.modified(key)
    if written is not None and now - written > USED_AGAIN:
        backend.put_bytes(key, raw)


def _remove(backend: Backend, item: Item) -> None:
    if item.leftover is not None:
        backend.discard(item.leftover)
    for key in item.keys:
        backend.delete(key)


def _artifacts(backend: Backend) -> dict[str, _Artifact]:
    found: dict[str, _Artifact] = {}
    for entry in backend.entries("artifacts/"):
        parts = PurePosixPath(entry.key).parts
        if len(parts) > 2:  # noqa: PLR2004 - artifacts/KIND/DIGEST...
            digest = parts[2].partition(".")[0]
            found.setdefault(digest, _Artifact(parts[1], digest)).add(entry)
    return found


def _stands_alone(artifact: _Artifact, rules: Rules, before: datetime) -> bool:
    """Whether it is kept though nothing should refer to it."""
    return (
        artifact.touched > before
        or (rules.products and artifact.kind in PRODUCTS)
        or (rules.answers and artifact.kind == ANSWERS)
    )


def _records(backend: Backend) -> list[tuple[Entry, list[ArtifactRef]]]:
    entries = list(backend.entries("results/"))
    read = _threaded(lambda entry: _refs_of(backend.get_bytes(entry.key)), entries)
    return list(zip(entries, read, strict=True))


def _made_with(
    records: Iterable[tuple[Entry, list[ArtifactRef]]],
    artifacts: Mapping[str, _Artifact],
    roots: Collection[str],
) -> set[str]:
    """What steps gave together with a product that is kept.

    Else the record of the step, and with it hours of training, would count for nothing.
    """
    products = {one for one in roots if one in artifacts and artifacts[one].kind in PRODUCTS}
    return {
        ref.digest
        for _, refs in records
        if any(ref.digest in products for ref in refs)
        for ref in refs
    }


def _stale(
    records: Iterable[tuple[Entry, list[ArtifactRef]]], before: datetime, kept: Collection[str]
) -> Iterator[Item]:
    """Records that name what is gone, or goes now: they would count for nothing."""
    for entry, refs in records:
        if entry.modified <= before and any(ref.digest not in kept for ref in refs):
            yield Item("result records", entry.key, (entry.key,), entry.size)


def _refs_of(raw: bytes | None) -> list[ArtifactRef]:
    """What a record of Prefect names: its result is JSON inside of JSON."""
    try:
        return list(refs_in(json.loads(json.loads(raw or b"")["result"])))
    except (ValueError, KeyError, TypeError):
        return []  # not ours to judge: it stays


def _versions(backend: Backend, rules: Rules) -> tuple[list[NamedVersion], list[Item]]:
    """The versions that are kept, and those that are not: never what `latest` points to."""
    logs: dict[str, list[tuple[Entry, NamedVersion]]] = {}
    pointed: list[NamedVersion] = []
    for entry in backend.entries("names/"):
        folder, _, file = entry.key.rpartition("/")
        raw = backend.get_bytes(entry.key)
        if raw and file == f"{LATEST}.json":
            pointed.append(NamedVersion.model_validate_json(raw))
        elif raw:
            logs.setdefault(folder, []).append((entry, NamedVersion.model_validate_json(raw)))
    old = [
        (entry, one)
        for log in logs.values()
        for entry, one in _but_the_last(log, rules.versions)
        if one not in pointed
    ]
    going = {entry.key for entry, _ in old}
    kept = [one for log in logs.values() for entry, one in log if entry.key not in going]
    gone = [Item("versions", str(one), (entry.key,), entry.size) for entry, one in old]
    return kept + pointed, gone


def _but_the_last(
    log: list[tuple[Entry, NamedVersion]], number: int | None
) -> list[tuple[Entry, NamedVersion]]:
    ordered = sorted(log, key=lambda pair: pair[1].number)
    return [] if number is None else ordered[: max(0, len(ordered) - number)]


def _checkpoints(backend: Backend, finished: Callable[[str], bool]) -> tuple[set[str], list[Item]]:
    """Checkpoints that a training may go on from, and pointers whose training has ended."""
    kept: set[str] = set()
    gone: list[Item] = []
    for entry in backend.entries("checkpoints/"):
        if finished(PurePosixPath(entry.key).stem):
            gone.append(Item("checkpoint pointers", entry.key, (entry.key,), entry.size))
        elif raw := backend.get_bytes(entry.key):
            kept.add(ArtifactRef.model_validate_json(raw).digest)
    return kept, gone


def _reached(
    backend: Backend, artifacts: Mapping[str, _Artifact], roots: Collection[str]
) -> set[str]:
    """The roots and all that they name, over any number of steps."""
    reached: set[str] = set()
    fresh = {digest for digest in roots if digest in artifacts}
    while fresh:
        reached |= fresh
        named = _threaded(lambda digest: _named_by(backend, artifacts[digest]), sorted(fresh))
        fresh = {one for found in named for one in found if one in artifacts} - reached
    return reached


def _named_by(backend: Backend, artifact: _Artifact) -> set[str]:
    keys = [artifact.manifest] if artifact.whole else []
    keys += [entry.key for entry in artifact.beside if entry.key.endswith(".json")]
    texts = (backend.get_bytes(key) or b"" for key in keys)
    return {found.decode() for text in texts for found in _DIGEST.findall(text)}


def _answers(backend: Backend, before: datetime) -> Iterator[Item]:
    """The journals of models' answers."""
    for entry in backend.entries(f"{ANSWERS}/"):
        if entry.modified <= before:
            yield Item("answers of models", entry.key, (entry.key,), entry.size)


def _leftovers(backend: Backend, before: datetime) -> Iterator[Item]:
    for one in backend.leftovers():
        if one.started <= before:
            yield Item("unfinished writes", one.upload or one.key, (), one.size, one)


def _summed(items: Iterable[Item]) -> dict[str, tuple[int, int]]:
    number: Counter[str] = Counter()
    size: Counter[str] = Counter()
    for item in items:
        number[item.kind] += 1
        size[item.kind] += item.size
    return {kind: (number[kind], size[kind]) for kind in sorted(number)}


def _threaded(what: Callable[[T], R], items: Collection[T]) -> list[R]:
    """For each, some at once: most of the time is a server's."""
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(what, items))
