"""Names and versions: small values that move, beside artifacts that never do.

The versions of a name are a log: `names/KIND/NAME/000001.json` and so on. An entry is written
only where none stands, so of two who publish at once one takes the number and the other the next
one, having read it. `latest.json` is written after everything else, and only moves ahead.

Covered: whoever reads a name gets a version that is whole; a version never means another artifact
later; two publishers lose nothing; one that dies before `latest` has moved leaves a version that
can be named but is not the latest. Not covered: taking a version back.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from tasks.errors import ArtifactNotFoundError, ConfigError, StoreError
from tasks.records.artifacts import ArtifactRef
from tasks.records.versions import NAME_PATTERN, NamedVersion
from tasks.store.artifacts import ArtifactStore

LATEST = "latest"
_NAME_CHARS = 80
_TRIES = 100
"""As many as may publish under one name at the same moment."""


def name_version(
    store: ArtifactStore, ref: ArtifactRef, name: str, version: str = ""
) -> NamedVersion:
    """Gives an artifact a name and a version, and moves `latest` to it.

    Args:
        store: That holds it.
        ref: The artifact.
        name: Of a data set, a model and so on.
        version: Empty: the next number; or the one it has, where the latest is this artifact.

    Raises:
        ConfigError: The version stands for another artifact, or the name cannot be one.
    """
    check_name(name, version)
    for _ in range(_TRIES):
        known = list(versions(store, ref.kind, name))
        entry = _standing(known, ref, version) or _entry(known, ref, name, version)
        key = _key(ref.kind, name, f"{entry.number:06}")
        if entry in known or store.backend.swap(key, _bytes(entry), expected=None):
            _move_latest(store, ref.kind, entry)
            return entry
    raise StoreError(f"{name}: others publish under this name all the time; try again")


def default_name(labels: Sequence[str]) -> str:
    """A name made of the labels of what something was made from."""
    joined = re.sub(r"[^A-Za-z0-9._-]+", "-", "-".join(labels))
    return joined.strip("-._")[:_NAME_CHARS] or "dataset"


def versions(store: ArtifactStore, kind: str, name: str) -> Iterator[NamedVersion]:
    """All versions of a name, the oldest first.

    A listing may be behind what was written last, so the numbers after its last are asked for.
    """
    number = 0
    for key in store.backend.keys(f"names/{kind}/{name}/"):
        raw = None if key.endswith(f"/{LATEST}.json") else store.backend.get_bytes(key)
        if raw is not None:
            entry = NamedVersion.model_validate_json(raw)
            number = entry.number
            yield entry
    while raw := store.backend.get_bytes(_key(kind, name, f"{number + 1:06}")):
        number += 1
        yield NamedVersion.model_validate_json(raw)


def names(store: ArtifactStore, kind: str) -> list[str]:
    """All names, sorted."""
    keys = store.backend.keys(f"names/{kind}/")
    return sorted({PurePosixPath(key).parent.name for key in keys})


def latest(store: ArtifactStore, kind: str, name: str) -> NamedVersion | None:
    """What `latest` points to; None for a name that is not known or has nothing whole yet."""
    raw = store.backend.get_bytes(_key(kind, name, LATEST))
    return NamedVersion.model_validate_json(raw) if raw is not None else None


def resolve(store: ArtifactStore, kind: str, text: str) -> ArtifactRef:
    """The artifact meant by `name`, `name@version` or the start of a digest. Raises StoreError."""
    name, _, version = text.partition("@")
    entry = _named(store, kind, name, version) if re.match(NAME_PATTERN, name) else None
    if entry is not None:
        return store.find(kind, entry.digest)
    if version or not re.fullmatch(r"[0-9a-f]{1,64}", name):
        raise ArtifactNotFoundError(_unknown(store, kind, name, version))
    return store.find(kind, text)


def _named(store: ArtifactStore, kind: str, name: str, version: str) -> NamedVersion | None:
    if version in {"", LATEST}:
        return latest(store, kind, name)
    return next((one for one in versions(store, kind, name) if one.version == version), None)


def _unknown(store: ArtifactStore, kind: str, name: str, version: str) -> str:
    known = [one.version for one in versions(store, kind, name)] if name else []
    if known:
        return f"{name} has no version {version or LATEST!r} in {store.url}; it has {known}"
    others = ", ".join(names(store, kind)) or "none"
    return f"no {kind} in {store.url} is called {name!r}; names there: {others}"


def check_name(name: str, version: str) -> None:
    """Raises ConfigError unless they can be a name and a version (empty: counted)."""
    for what, text in (("name", name), ("version", version)):
        if not re.match(NAME_PATTERN, text or "1"):
            raise ConfigError(
                f"{text!r} cannot be a {what}: letters, digits, dots, dashes and underscores only"
            )
    if not name or LATEST in {name, version}:
        raise ConfigError(f"{name}@{version}: give it a name and a version other than {LATEST!r}")


def _standing(known: list[NamedVersion], ref: ArtifactRef, version: str) -> NamedVersion | None:
    """The entry that says all this already. Raises ConfigError where it says something else."""
    if not version:
        return known[-1] if known and known[-1].digest == ref.digest else None
    found = next((one for one in known if one.version == version), None)
    if found is not None and found.digest != ref.digest:
        raise ConfigError(
            f"{found} is {found.digest[:12]} and stays it: give {ref.short} another version"
        )
    return found


def _entry(known: list[NamedVersion], ref: ArtifactRef, name: str, version: str) -> NamedVersion:
    number = known[-1].number + 1 if known else 1
    counted = max((int(one.version) for one in known if one.version.isdigit()), default=0) + 1
    return NamedVersion(
        name=name, version=version or str(counted), number=number, digest=ref.digest
    )


def _move_latest(store: ArtifactStore, kind: str, entry: NamedVersion) -> None:
    key = _key(kind, entry.name, LATEST)
    for _ in range(_TRIES):
        raw = store.backend.get_bytes(key)
        before = NamedVersion.model_validate_json(raw) if raw is not None else None
        if before is not None and before.number >= entry.number:
            return
        if store.backend.swap(key, _bytes(entry), expected=raw):
            return
    raise StoreError(f"{entry}: `latest` could not be moved; try again")


def _key(kind: str, name: str, entry: str) -> str:
    return f"names/{kind}/{name}/{entry}.json"


def _bytes(entry: NamedVersion) -> bytes:
    return entry.model_dump_json().encode() + b"\n"
