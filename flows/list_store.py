"""What a store holds for those who use it: versions, trained models and scores, and of what."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tasks.evaluation.publishing import SCORES_NAME
from tasks.records.artifacts import ArtifactRef, Manifest
from tasks.records.versions import NamedVersion
from tasks.store.artifacts import ArtifactStore, at_once
from tasks.store.names import latest, names, versions
from tasks.training.card import RESULT_NAME

NAMED = ("dataset", "mix")
TRAINED = ("adapter", "model")
EVALUATION = "evaluation"
Row = dict[str, Any]


@dataclass
class Listing:
    """Rows of what there is, each with its digest, its size and what it was made from."""

    versions: list[Row] = field(default_factory=list)
    models: list[Row] = field(default_factory=list)
    evaluations: list[Row] = field(default_factory=list)
    unnamed: int = 0
    """Artifacts of a kind that has names, without one."""


def list_store(store: ArtifactStore, kinds: tuple[str, ...], name: str = "") -> Listing:
    """Looks through a store.

    Args:
        store: Where.
        kinds: Of artifacts; empty for all that are worth a row.
        name: Only the versions of this one; empty for all.

    Raises:
        StoreError: It cannot be read.
    """
    listing = Listing()
    for kind in [one for one in kinds or NAMED if one not in (*TRAINED, EVALUATION)]:
        manifests = {manifest.ref.digest: manifest for manifest in store.manifests(kind)}
        for one in [name] if name else names(store, kind):
            listing.versions += _versions(store, kind, one, manifests)
        listing.unnamed += len(set(manifests) - {row["ref"] for row in listing.versions})
    if not name:
        titles = {row["ref"]: f"{row['name']}@{row['version']}" for row in listing.versions}
        trained = [one for one in TRAINED if not kinds or one in kinds]
        listing.models += [row for kind in trained for row in _models(store, kind, titles)]
        if not kinds or EVALUATION in kinds:
            listing.evaluations += _evaluations(store, titles)
    return listing


def _versions(
    store: ArtifactStore, kind: str, name: str, manifests: Mapping[str, Manifest]
) -> Iterator[Row]:
    pointed = latest(store, kind, name)

    def row(entry: NamedVersion) -> Row:
        manifest = manifests.get(entry.digest)
        return {
            "kind": kind,
            "name": entry.name,
            "version": entry.version,
            "ref": entry.digest,
            "rows": manifest.rows if manifest else None,
            "bytes": manifest.ref.size if manifest else None,
            "built": _built(store, manifest.ref) if manifest else "gone",
            "made_from": _sources(manifest) if manifest else [],
            "latest": entry == pointed,
        }

    return at_once(row, versions(store, kind, name))


def _built(store: ArtifactStore, ref: ArtifactRef) -> str:
    """When, by the record of the run that stands beside it."""
    raw = store.backend.get_bytes(f"{ref.key}.run.json")
    return str(json.loads(raw).get("started_at", "")) if raw else ""


def _sources(manifest: Manifest) -> list[str]:
    """The corpora of a data set, the parts of a mix."""
    config = manifest.meta.get("config", {})
    parts = [f"{part['share']:g} {_short(part['data'])}" for part in config.get("parts", ())]
    return parts or [str(one) for one in config.get("corpus", ())]


def _short(label: str) -> str:
    """`name@` and enough of the digest; that alone where the data has no other name."""
    name, at, digest = label.partition("@")
    return digest[:12] if name == digest else f"{name}{at}{digest[:12]}"


def _models(store: ArtifactStore, kind: str, titles: Mapping[str, str]) -> Iterator[Row]:
    for ref, account in _accounts(store, kind, RESULT_NAME):
        data = account["data"]["digest"]
        losses = [one["held_out_loss"] for one in account["curve"] if one.get("held_out_loss")]
        yield {
            "kind": kind,
            "ref": ref.digest,
            "base": account["base"],
            "data": data,
            "data_name": titles.get(data, ""),
            "steps": account["steps"],
            "samples": ref.rows,
            "held_out_loss": losses[-1] if losses else None,
            "bytes": ref.size,
        }


def _evaluations(store: ArtifactStore, titles: Mapping[str, str]) -> Iterator[Row]:
    for ref, told in _accounts(store, EVALUATION, SCORES_NAME):
        data = told.get("training_data", "")
        for score in told["scores"]:
            yield {
                "ref": ref.digest,
                "model": score["model"],
                "benchmark": score["benchmark"],
                "measure": score["measure"],
                "score": score["value"],
                "low": score["low"],
                "high": score["high"],
                "limit": told.get("limit"),
                "data": data,
                "data_name": titles.get(data, ""),
                "bytes": ref.size,
            }


def _accounts(
    store: ArtifactStore, kind: str, name: str
) -> Iterator[tuple[ArtifactRef, dict[str, Any]]]:
    """The file of that name in every artifact of the kind.

    Not as its record: an older version of this may have written it.
    """

    def account(manifest: Manifest) -> tuple[ArtifactRef, dict[str, Any]]:
        return manifest.ref, json.loads(store.content(manifest, name))

    return at_once(account, store.manifests(kind))
