"""Terraform, applied to a server that answers as AWS does; then what it made is looked at."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest

TERRAFORM = Path(__file__).parents[2] / "infra/terraform"
BUCKET = "case2code-infra"
SLOW = "aws_s3_bucket_lifecycle_configuration.store"
"""The provider waits a minute until S3 says the same of it ten times."""
MIRRORS = [
    folder
    for place in ("/opt", "/usr/share/terraform", "/usr/local/share/terraform")
    for folder in Path(place).glob("*")
    if (folder / "registry.terraform.io/hashicorp/aws").is_dir()
]
"""Where providers lie on machines that do not download them."""
TEST_PROVIDER = """
provider "aws" {
  access_key                  = "test"
  secret_key                  = "test"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}
"""

pytestmark = pytest.mark.skipif(
    shutil.which("terraform") is None, reason="terraform is not installed"
)


class Workspace:
    """A copy of the configuration, at a server of the tests."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        self._folder = shutil.copytree(TERRAFORM, folder / "terraform")
        (self._folder / "test_override.tf").write_text(TEST_PROVIDER)
        own = {"AWS_ENDPOINT_URL": endpoint, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
        self._environment = {
            name: value for name, value in os.environ.items() if name != "TF_CLI_CONFIG_FILE"
        } | own

    def __call__(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["terraform", command, "-no-color", *arguments],  # noqa: S607 - whichever the machine has
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def terraform(s3_endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("infra"), s3_endpoint)
    mirror = [f"-plugin-dir={MIRRORS[0]}"] if MIRRORS else []
    begun = workspace("init", *mirror)
    if begun.returncode:
        pytest.skip(f"terraform has no AWS provider here: {begun.stderr.strip()[-200:]}")
    return workspace


@pytest.fixture(scope="module")
def applied(terraform: Workspace) -> dict[str, Any]:
    """What terraform says that it made, all but what takes a minute."""
    planned = terraform("plan", f"-var=bucket={BUCKET}", "-out=whole")
    assert planned.returncode == 0, planned.stderr
    changes = json.loads(terraform("show", "-json", "whole").stdout)["resource_changes"]
    wanted = [one["address"] for one in changes if one["mode"] == "managed"]
    assert SLOW in wanted
    done = terraform(
        "apply",
        "-auto-approve",
        f"-var=bucket={BUCKET}",
        *(f"-target={address}" for address in wanted if address != SLOW),
    )
    assert done.returncode == 0, done.stderr
    made: dict[str, Any] = json.loads(terraform("output", "-json").stdout)
    return made


def client(endpoint: str, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the server asks for something
    )


def test_the_configuration_is_formatted_and_valid(terraform: Workspace) -> None:
    assert terraform("fmt", "-check", "-recursive", str(TERRAFORM)).stdout == ""
    checked = terraform("validate")
    assert checked.returncode == 0, checked.stderr


def test_the_bucket_is_private_versioned_and_encrypted(
    applied: dict[str, Any], s3_endpoint: str
) -> None:
    s3 = client(s3_endpoint, "s3")
    assert applied["store"]["value"] == f"s3://{BUCKET}/store"
    blocked = s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    assert set(blocked.values()) == {True}
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    [rule] = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    [statement] = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])["Statement"]
    assert (statement["Effect"], statement["Condition"]) == (
        "Deny",
        {"Bool": {"aws:SecureTransport": "false"}},
    )


def test_policies_give_what_the_store_does_and_no_more(
    applied: dict[str, Any], s3_endpoint: str
) -> None:
    iam = client(s3_endpoint, "iam")
    allowed = {}
    for name, arn in applied["policies"]["value"].items():
        statements = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"][
            "Document"
        ]["Statement"]
        assert not [one for one in statements if "*" in json.dumps(one["Action"])]
        assert {one["Resource"] for one in statements} == {
            f"arn:aws:s3:::{BUCKET}",
            f"arn:aws:s3:::{BUCKET}/store/*",
        }
        allowed[name] = {
            action
            for one in statements
            for action in ([one["Action"]] if isinstance(one["Action"], str) else one["Action"])
        }
    assert allowed["read"] == {"s3:ListBucket", "s3:GetObject"}
    assert allowed["work"] - allowed["read"] == {
        "s3:PutObject",
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
    }


def test_there_is_a_registry_for_each_image(applied: dict[str, Any], s3_endpoint: str) -> None:
    repositories = client(s3_endpoint, "ecr").describe_repositories()["repositories"]
    images = {path.stem for path in (TERRAFORM.parent / "images").glob("*.Dockerfile")}
    assert {one["repositoryName"] for one in repositories} == {
        f"case2code-{image}" for image in images
    }
    assert set(applied["images"]["value"]) == {f"case2code-{image}" for image in images}
    assert all(one["imageTagMutability"] == "IMMUTABLE" for one in repositories)
    assert all(one["imageScanningConfiguration"]["scanOnPush"] for one in repositories)


@pytest.mark.soak
def test_all_of_it_is_applied_and_a_second_plan_has_nothing_to_do(
    terraform: Workspace, s3_endpoint: str
) -> None:
    variable = f"-var=bucket={BUCKET}"
    assert terraform("apply", "-auto-approve", variable).returncode == 0
    rules = client(s3_endpoint, "s3").get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    assert {rule["ID"] for rule in rules} == {"broken-uploads", "deleted-and-overwritten"}
    assert terraform("plan", "-detailed-exitcode", variable).returncode == 0
