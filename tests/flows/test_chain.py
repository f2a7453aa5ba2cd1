"""What flows tell the server, seen in the server."""

import json
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from prefect import flow

from flows.chain import PUBLISHED, tell_published
from flows.run_record import name_and_tell
from tasks.records.versions import NamedVersion
from tasks.settings import Settings
from tasks.store.artifacts import ArtifactStore, open_store


def events(api: str, resource: str) -> list[dict[str, Any]]:
    body = {"filter": {"event": {"name": [PUBLISHED]}, "resource": {"id": [resource]}}}
    request = urllib.request.Request(
        f"{api}/events/filter",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        found = json.loads(answer.read())["events"]
    assert isinstance(found, list)
    return found


@pytest.fixture
def local(tmp_path: Path) -> ArtifactStore:
    return open_store(str(tmp_path / "store"), Settings())


def test_an_event_tells_of_each_new_version_and_of_nothing_else(
    prefect_server: str, local: ArtifactStore, tmp_path: Path
) -> None:
    refs = []
    for text in ("one", "two"):
        (tmp_path / text).write_text(text)
        refs.append(local.put("dataset", {"file": tmp_path / text}, rows=1))

    @flow
    def publishes() -> None:
        for ref in (refs[0], refs[0], refs[1]):
            name_and_tell(local, ref, "told-of", "")

    @flow
    def calls() -> None:
        """Goes on with the result itself, so that nobody else shall."""
        tells_inside()

    @flow
    def tells_inside() -> None:
        named = NamedVersion(name="told-of", version="9", number=9, digest=refs[0].digest)
        tell_published(named, refs[0], local.url)

    calls()
    publishes()
    deadline = time.monotonic() + 30
    while len(found := events(prefect_server, "case2code.dataset.told-of")) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    payloads = sorted((one["payload"] for one in found), key=lambda one: one["version"])
    assert [one["dataset"] for one in payloads] == ["told-of@1", "told-of@2"]
    assert payloads[1]["ref"]["digest"] == refs[1].digest
    assert payloads[1]["store"] == local.url
