"""What tests of several folders stand on: a real S3 server process, a store on each backend."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from tasks.settings import Settings
from tasks.store.artifacts import ArtifactStore, open_store
from tests.s3_server import s3_server

# Read when Prefect is imported: without the address of a server a client raises. Else it would
# start one, whose process outlives that of a worker of pytest-xdist.
os.environ["PREFECT_SERVER_EPHEMERAL_ENABLED"] = "false"


@pytest.fixture(scope="session")
def s3_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an S3 server in a process of its own."""
    with s3_server(tmp_path_factory.mktemp("s3")) as url:
        yield url


@pytest.fixture
def s3_settings(s3_endpoint: str) -> Settings:
    return Settings(
        s3_endpoint=s3_endpoint,
        s3_region="us-east-1",
        s3_access_key="test",
        s3_secret_key="test",  # noqa: S106 - the server asks for something
    )


@pytest.fixture
def bucket(s3_endpoint: str, request: pytest.FixtureRequest) -> str:
    """A fresh bucket, named after the test."""
    name = f"t{abs(hash(request.node.nodeid)):x}-{os.getpid()}-{time.monotonic_ns():x}"
    client = boto3.client(
        "s3",
        endpoint_url=s3_endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the server asks for something
        config=Config(s3={"addressing_style": "path"}),
    )
    client.create_bucket(Bucket=name)
    return name


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ArtifactStore]:
    """An empty store on each backend in turn."""
    if request.param == "folder":
        url, settings = str(tmp_path / "store"), Settings()
    else:
        url = f"s3://{request.getfixturevalue('bucket')}/some/prefix"
        settings = request.getfixturevalue("s3_settings")
    with open_store(url, settings) as opened:
        yield opened


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small random language model with a chat template. It costs importing torch:
    its tests are marked `pytest.mark.xdist_group("torch")`."""
    from tests.tiny_model import make_tiny_model

    return make_tiny_model(tmp_path_factory.mktemp("models") / "tiny")
