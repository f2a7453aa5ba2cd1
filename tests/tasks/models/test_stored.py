"""Models of the store are named by reference wherever a folder may stand."""

import json
from pathlib import Path

import pytest

from tasks.errors import ArtifactNotFoundError
from tasks.models.stored import fetched, name_of_trained
from tasks.records.artifacts import ArtifactRef
from tasks.store.artifacts import ArtifactStore


@pytest.fixture
def adapter(store: ArtifactStore, tmp_path: Path) -> ArtifactRef:
    config = tmp_path / "adapter_config.json"
    config.write_text(json.dumps({"r": 8}))
    return store.put("adapter", {config.name: config}, rows=1)


def test_an_adapter_on_its_base_is_a_folder_while_it_is_open(
    store: ArtifactStore, adapter: ArtifactRef
) -> None:
    name = f"transformers:{name_of_trained('org/base', adapter)}"
    with fetched(store, name) as local:
        start, _, folder = local.rpartition("+")
        assert start == "transformers:org/base"
        assert json.loads((Path(folder) / "adapter_config.json").read_text()) == {"r": 8}


@pytest.mark.parametrize("start", ["transformers:", ""])
def test_an_adapter_that_names_its_base_stands_alone(
    start: str, store: ArtifactStore, adapter: ArtifactRef
) -> None:
    with fetched(store, f"{start}adapter:{adapter.short}") as local:
        assert Path(local.removeprefix(start)).is_dir()


@pytest.mark.parametrize(
    "name", ["transformers:org/base", "openai:model:7b", "transformers:models/adapter:v2"]
)
def test_other_names_stay_as_they_are(name: str, store: ArtifactStore) -> None:
    with fetched(store, name) as same:
        assert same == name


def test_a_model_that_is_not_there_is_said_so(store: ArtifactStore) -> None:
    name = "transformers:model:0123abcd"
    with pytest.raises(ArtifactNotFoundError, match="no model in"), fetched(store, name):
        pass
