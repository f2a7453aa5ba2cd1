"""References to what the store holds. Between tasks these travel, never the data."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field, ValidationError

from tasks.records.base import Record, canonical_json, digest_of

MANIFEST_NAME = "manifest.json"


class ArtifactFile(Record):
    """One file of an artifact."""

    name: str
    """Path inside the artifact, with forward slashes."""
    size: int = Field(ge=0)
    """Bytes."""
    sha256: str


class ArtifactRef(Record):
    """Names an artifact by its content; says nothing of where it lies.

    The store that holds it is the one that the run was given: a reference that
    moves with its bytes to another store stays the same reference.
    """

    kind: str
    """What the artifact holds: `files`, `functions`, `cases`, `dataset` and so on."""
    digest: str
    """The sha256 of the canonical JSON of its manifest."""
    rows: int = Field(ge=0)
    size: int = Field(ge=0)
    """Bytes of all files together."""
    schema_version: int = 1

    @property
    def key(self) -> str:
        """Where the artifact stands under the root of whatever store holds it."""
        return f"artifacts/{self.kind}/{self.digest}"

    @property
    def short(self) -> str:
        """Enough of the digest for a person to type."""
        return self.digest[:12]


class Manifest(Record):
    """What an artifact consists of. It is written last: where it stands, the artifact is whole."""

    kind: str
    schema_version: int = 1
    rows: int
    files: tuple[ArtifactFile, ...]
    meta: dict[str, Any] = Field(default_factory=dict)
    """What made it (config, seeds, versions, digests of inputs): no clock and no place."""

    @property
    def ref(self) -> ArtifactRef:
        """The reference that this manifest, and no other, has."""
        return ArtifactRef(
            kind=self.kind,
            digest=digest_of(canonical_json(self)),
            rows=self.rows,
            size=sum(file.size for file in self.files),
            schema_version=self.schema_version,
        )


def refs_in(value: Any) -> Iterator[ArtifactRef]:
    """Every reference inside a value read from JSON, however deep."""
    if isinstance(value, Mapping):
        try:
            yield ArtifactRef.model_validate(value)
        except ValidationError:
            for item in value.values():
                yield from refs_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from refs_in(item)
