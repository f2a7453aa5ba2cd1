"""What all records have in common, and the canonical JSON that digests are taken of."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen, closed record: a field that is not declared is an error, not a guest."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def canonical_json(value: BaseModel | Mapping[str, Any]) -> bytes:
    """The one JSON text of a value: sorted keys, no spaces, UTF-8, no NaN."""
    data = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    text = json.dumps(
        data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def digest_of(*parts: str | bytes) -> str:
    """The sha256 of the parts, each framed by its length so that none can run into the next."""
    total = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        total.update(f"{len(raw)}:".encode())
        total.update(raw)
    return total.hexdigest()


def in_short(places: Iterable[str]) -> str:
    """Names, paths and addresses as a person calls them: `stdlib, src` of `stdlib` and `a/src`."""
    return ", ".join(
        label
        if (label := place.partition("=")[0]).isidentifier() and "=" in place
        else place.rstrip("/").rpartition("/")[2]
        for place in places
    )
