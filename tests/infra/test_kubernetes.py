"""The manifests, against the schemas of Kubernetes; and what they give to the jail."""

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

MANIFESTS = sorted((Path(__file__).parents[2] / "infra/kubernetes").glob("*.yaml"))
WITH_PODS = [path for path in MANIFESTS if path.stem in {"job", "worker"}]
VERSIONS = ["1.31", "1.34"]
"""From the first one with `appArmorProfile` in its stable schema on."""


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text())
    return found


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_they_are_what_kubernetes_takes(path: Path, version: str) -> None:
    kubernetes_validate.validate(read(path), version, strict=True)


def test_a_key_that_kubernetes_does_not_know_is_found() -> None:
    manifest = read(WITH_PODS[0])
    manifest["spec"]["template"]["spec"]["privileged"] = True
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(manifest, VERSIONS[0], strict=True)


@pytest.mark.parametrize("path", WITH_PODS, ids=lambda path: path.stem)
def test_pods_have_no_privileges_and_what_the_jail_needs(path: Path) -> None:
    pod = read(path)["spec"]["template"]["spec"]
    assert not pod["automountServiceAccountToken"]
    assert not {"hostPID", "hostNetwork", "hostIPC"} & set(pod)
    assert pod["securityContext"]["runAsNonRoot"]
    [container] = pod["containers"]
    assert container["securityContext"] == {
        "privileged": False,
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "Localhost", "localhostProfile": "case2code.json"},
        "appArmorProfile": {"type": "Unconfined"},
    }
    assert {"data", "tmp"} <= {mount["name"] for mount in container["volumeMounts"]}


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_secrets_are_named_and_not_written(path: Path) -> None:
    text = path.read_text()
    assert "SECRET_KEY:" not in text
    assert "PASSWORD" not in text
    assert not any(key.endswith("KEY") for key in read(path).get("data", {}))
