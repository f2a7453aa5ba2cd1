"""Two refreshes at once on one S3 store, on a bad day, with secrets planted in the environment.

They are built once for all tests here, by the command as a person runs it and by a flow beside it:
through a proxy that does harm, with a model behind a server.
"""

import base64
import io
import os
import subprocess
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pyarrow.parquet as pq
import pytest
import yaml
from botocore.config import Config

from flows.build_dataset import build_dataset
from tasks.errors import Case2CodeError
from tasks.records.configs import BuildConfig, InputsConfig
from tasks.settings import Settings
from tasks.store.artifacts import open_store
from tasks.store.names import latest, versions
from tests.faulty_s3 import Fault, FaultyS3, faulty_s3
from tests.flows.cli.conftest import arguments, environment, result_of
from tests.flows.corpus import write_corpus
from tests.tasks.models.serving import ModelServer

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SECRETS = {
    "CASE2CODE_S3_ACCESS_KEY": "AKIAPLANTEDPLANTED01",
    "CASE2CODE_S3_SECRET_KEY": "planted/Secret+Of/S3/wJalrXUtnFEMI0123456",
    "CASE2CODE_S3_SESSION_TOKEN": "planted-session-token-IQoJb3JpZ2luX2VjE",
    "CASE2CODE_LLM_KEY": "sk-planted-llm-key-7d0a1c5e9b",
    "HF_TOKEN": "hf_plantedTokenOfTheHubXyz0123456",
    "AWS_SECRET_ACCESS_KEY": "planted/other/Secret/of/boto/abcdefghijk",
    "OPENAI_API_KEY": "sk-planted-openai-key-1f2e3d4c",
}
pytestmark = pytest.mark.xdist_group("secrets")


@dataclass(frozen=True)
class World:
    """What was run, and where it wrote."""

    root: Path
    bucket: str
    settings: Settings
    command: subprocess.CompletedProcess[str]
    results: tuple[str, str, str]
    """Digests of the data set: of the command, of the flow beside it, and of one undisturbed."""
    expired: str
    """What a build says whose credentials have expired."""
    harm: int
    """How often the proxy did what it was told to."""


@pytest.fixture(scope="module")
def world(prefect_server: str, s3_endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> World:
    root = tmp_path_factory.mktemp("secrets")
    bucket = f"secrets-{os.getpid()}"
    client(s3_endpoint).create_bucket(Bucket=bucket)
    store = f"s3://{bucket}/store"
    config = BuildConfig(
        corpus=(str(write_corpus(root)),),
        shards=2,
        benchmarks=(),
        inputs=InputsConfig(writers=("search", "openai:tiny"), llm_share="all"),
    )
    with (
        ModelServer() as model,
        faulty_s3(s3_endpoint) as proxy,
        pytest.MonkeyPatch.context() as patched,
    ):
        variables = {
            "PREFECT_LOGGING_LEVEL": "DEBUG",
            "PREFECT_LOGGING_TO_API_ENABLED": "true",
            "CASE2CODE_LLM_URL": model.url,
            "CASE2CODE_S3_ENDPOINT": proxy.url,
            "CASE2CODE_S3_REGION": "us-east-1",
            **SECRETS,
        }
        for name, value in variables.items():
            patched.setenv(name, value)
        patched.setenv("CASE2CODE_HOME", str(root / "flow"))
        faults = bad_day(proxy)
        with started(root, config, store, prefect_server, variables) as process:
            beside = build_dataset(config, store=store, workers=2)
            out, err = process.communicate(timeout=240)
        harm = sum(fault.done for fault in faults)
        alone = build_dataset(config, store=str(root / "alone"), workers=2)
        proxy.says("ExpiredToken", 400)
        with pytest.raises(Case2CodeError) as expired:
            build_dataset(config, store=f"s3://{bucket}/other", workers=2)
    command = subprocess.CompletedProcess(process.args, process.returncode, out, err)
    return World(
        root=root,
        bucket=bucket,
        settings=settings_of(s3_endpoint),
        command=command,
        results=(
            result_of(command)["ref"],
            beside.dataset.ref.digest,
            alone.dataset.ref.digest,
        ),
        expired=str(expired.value),
        harm=harm,
    )


def bad_day(proxy: FaultyS3) -> list[Fault]:
    """Harm here and there: boto3 tries five times, so never so much that one request fails."""
    return [
        proxy.does("answer", "PUT", "/artifacts/", every=7, times=4, code="SlowDown"),
        proxy.does("lose answer", "PUT", "/artifacts/", every=11, times=3),
        proxy.does("cut request", "PUT", "/artifacts/", every=13, times=3),
        proxy.does("cut answer", "GET", "manifest.json", every=9, times=3),
        proxy.does("damage", "GET", "part.parquet", every=5, times=2),
        proxy.does("answer", "GET", "/results/", every=4, times=3, code="InternalError"),
        proxy.does("lose answer", "PUT", "/names/", every=2, times=2),
    ]


def started(
    root: Path, config: BuildConfig, store: str, api: str, variables: dict[str, str]
) -> "subprocess.Popen[str]":
    """The build as a person runs it, with a home of its own."""
    file = root / "config.yaml"
    file.write_text(yaml.safe_dump(config.model_dump(mode="json", exclude_defaults=True)))
    return subprocess.Popen(
        arguments("build", "--config", file, "--store", store, "--json"),
        env=environment(root / "command", PREFECT_API_URL=api, **variables),
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def settings_of(endpoint: str) -> Settings:
    return Settings(
        s3_endpoint=endpoint,
        s3_region="us-east-1",
        s3_access_key="test",
        s3_secret_key="test",  # noqa: S106 - the server asks for something
    )


def client(endpoint: str) -> "S3Client":
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the server asks for something
        config=Config(s3={"addressing_style": "path"}),
    )


def test_two_refreshes_at_once_on_a_bad_day_come_to_the_bytes_of_one_alone(world: World) -> None:
    assert world.harm >= 15, "else this day was not bad"
    assert len(set(world.results)) == 1
    with open_store(f"s3://{world.bucket}/store", world.settings) as store:
        [version] = versions(store, "dataset", "corpus")
        assert version == latest(store, "dataset", "corpus")
        assert list(store.backend.leftovers()) == []


def test_everything_they_left_is_whole_and_what_its_manifest_says(world: World) -> None:
    with open_store(f"s3://{world.bucket}/store", world.settings) as store:
        keys = {key for key in store.backend.keys("artifacts/") if key.count("/") > 2}
        for folder in {"/".join(key.split("/")[:3]) for key in keys}:
            _, kind, digest = folder.split("/")
            ref = store.find(kind, digest)
            for file in store.manifest(ref).files:
                with store.open(ref, file.name):
                    keys.remove(f"{folder}/{file.name}")
            keys.remove(f"{folder}/manifest.json")
    assert keys == set(), "no file without a manifest"


def test_expired_credentials_end_a_build_with_what_to_do(world: World) -> None:
    assert "the credentials have expired; renew them and run again" in world.expired


def test_no_secret_is_in_anything_that_was_written(world: World) -> None:
    written = dict(everything(world))
    assert any(".parquet" in name for name in written)
    assert any(name.endswith(".db") for name in written), "the database of Prefect is searched"
    assert any("results/" in name for name in written)
    found = [
        (variable, name)
        for variable, secret in SECRETS.items()
        for form in forms(secret)
        for name, content in written.items()
        if form in content
    ]
    assert found == []


def test_the_server_of_prefect_listens_on_loopback_alone(prefect_server: str) -> None:
    port = urllib.parse.urlsplit(prefect_server).port or 0
    tables = [Path(f"/proc/net/{name}").read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
    rows = [row.split() for table in tables for row in table]
    listening = "0A"
    addresses = [
        row[1].partition(":")[0]
        for row in rows
        if row[3] == listening and row[1].endswith(f":{port:04X}")
    ]
    assert addresses == ["0100007F"], "127.0.0.1, as the kernel writes it"


def test_the_search_would_find_one(world: World) -> None:
    secret = SECRETS["CASE2CODE_LLM_KEY"]
    with open_store(f"s3://{world.bucket}", world.settings) as store:
        store.backend.put_bytes("leak", f"Authorization: Bearer {secret}".encode())
        assert any(secret.encode() in content for _, content in everything(world))
        store.backend.delete("leak")


def forms(secret: str) -> set[bytes]:
    """As it is, and as it would stand in an address or a header."""
    raw = secret.encode()
    return {raw, urllib.parse.quote(secret, safe="").encode(), base64.b64encode(raw)}


def everything(world: World) -> Iterator[tuple[str, bytes]]:
    """All objects of the bucket, all files of the runs and of the Prefect server, all output."""
    with open_store(f"s3://{world.bucket}", world.settings) as store:
        for key in store.backend.keys(""):
            yield key, readable(key, store.backend.get_bytes(key) or b"")
    prefect = [path for path in world.root.parent.glob("prefect*") if path.is_dir()]
    for folder in (world.root, *prefect):
        for path in folder.rglob("*"):
            if path.is_file():
                yield str(path), readable(path.name, path.read_bytes())
    yield "stdout", world.command.stdout.encode()
    yield "stderr", world.command.stderr.encode()
    yield "what was raised", world.expired.encode()


def readable(name: str, raw: bytes) -> bytes:
    """A table is compressed: its text is what is searched."""
    if name.endswith(".parquet"):
        return str(pq.read_table(io.BytesIO(raw)).to_pylist()).encode() + raw
    return raw
