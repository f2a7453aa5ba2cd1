"""What comes out of a store never runs code: no pickle of anybody is loaded."""

import ast
import base64
import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prefect.serializers import JSONSerializer, PickleSerializer

import flows
import tasks
from tasks.errors import ArtifactCorruptError
from tasks.settings import Settings
from tasks.steps import StepResults
from tasks.store.artifacts import open_store

LOADERS = frozenset(("pickle", "cPickle", "dill", "cloudpickle", "marshal", "joblib", "shelve"))


class Payload:
    """Runs code where it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.target,)


def record(result: str, **serializer: Any) -> bytes:
    """As Prefect writes it."""
    ours = JSONSerializer[Any]().model_dump(mode="json")
    metadata = {"storage_key": "k", "serializer": ours | serializer, "prefect_version": "3.8.8"}
    return json.dumps({"metadata": metadata, "result": result}).encode()


def read(folder: Path, raw: bytes) -> bytes:
    with open_store(str(folder), Settings()) as store:
        store.backend.put_bytes("results/step/v1/key", raw)
    return StepResults(url=str(folder)).read_path("step/v1/key")


def test_a_record_that_is_a_pickle_is_not_loaded(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    encoded = base64.b64encode(pickle.dumps(Payload(touched))).decode()
    # The quotes make it JSON, and are passed over by base64: Prefect itself would run it.
    PickleSerializer[Any]().loads(f'"{encoded}"'.encode())
    assert touched.exists(), "else this is no attack"
    with pytest.raises(ArtifactCorruptError, match="not loaded"):
        read(tmp_path, record(f'"{encoded}"', type="pickle", picklelib="cloudpickle"))


@pytest.mark.parametrize(
    "serializer",
    [
        {"object_decoder": "os.system"},
        {"jsonlib": "cloudpickle"},
        {"type": "compressed/pickle"},
        {"loads_kwargs": {"parse_int": "os.system"}},
    ],
)
def test_a_record_that_names_what_to_load_it_with_is_not_loaded(
    tmp_path: Path, serializer: dict[str, Any]
) -> None:
    with pytest.raises(ArtifactCorruptError, match="not loaded"):
        read(tmp_path, record("{}", **serializer))


@pytest.mark.parametrize(
    "result",
    [
        {"__class__": "subprocess.Popen", "data": {"args": "true"}},
        {"kept": [{"__class__": "antigravity.anything", "data": 1}]},
        {"__exc_type__": "builtins.SystemExit", "message": "1"},
    ],
)
def test_a_record_of_what_is_no_record_of_ours_is_not_loaded(
    tmp_path: Path, result: dict[str, Any]
) -> None:
    with pytest.raises(ArtifactCorruptError, match="not loaded"):
        read(tmp_path, record(json.dumps(result)))


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b"\x80\x04N.", b'{"result": 1, "metadata": 2}'])
def test_a_record_that_is_none_is_said_so(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(ArtifactCorruptError, match="no record of a result"):
        read(tmp_path, raw)


def sources() -> Iterator[tuple[str, ast.AST]]:
    for package in (flows, tasks):
        for path in Path(str(package.__file__)).parent.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                yield path.name, node


def test_no_module_imports_what_loads_pickles() -> None:
    found = []
    for name, node in sources():
        imported = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            imported = [node.module or ""]
        found += [(name, one) for one in imported if one.partition(".")[0] in LOADERS]
    assert found == []


def test_no_call_loads_weights_or_arrays_that_may_be_pickles() -> None:
    found = []
    for name, node in sources():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            given = {word.arg: ast.unparse(word.value) for word in node.keywords}
            of_torch = ast.unparse(node.func) == "torch.load"
            if of_torch and given.get("weights_only") != "True":
                found.append((name, node.lineno))
            if given.get("allow_pickle", "False") != "False":
                found.append((name, node.lineno))
            if given.get("trust_remote_code", "False") != "False":
                found.append((name, node.lineno))
    assert found == []


def test_steps_and_flows_write_no_pickles() -> None:
    """Prefect's own default for what is persisted is a pickle."""
    found = []
    for name, node in sources():
        if isinstance(node, ast.Call):
            given = {word.arg: ast.unparse(word.value) for word in node.keywords}
            if given.get("persist_result") == "True" and given.get("result_serializer") != "'json'":
                found.append((name, node.lineno))
    assert found == []
