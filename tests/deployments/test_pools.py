"""The job templates that are shipped: whole, without privileges, a GPU where models are loaded."""

import json
import re
from typing import Any

import pytest
import yaml

from flows.server.declared import FOLDER, declared

TEMPLATES = sorted(path.stem for path in (FOLDER / "pools").glob("*.json"))


def template(name: str) -> dict[str, Any]:
    return dict(json.loads((FOLDER / "pools" / f"{name}.json").read_text()))


def test_every_pool_has_a_template_for_docker_and_for_kubernetes() -> None:
    pools = declared().pools
    assert {f"{kind}-{pool}" for kind in ("docker", "kubernetes") for pool in pools} == {*TEMPLATES}


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_variable_of_the_job_is_one_that_the_form_has(name: str) -> None:
    found = template(name)
    used = set(re.findall(r"{{ (\w+) }}", json.dumps(found["job_configuration"])))
    assert used == set(found["variables"]["properties"])


def test_runs_in_a_cluster_have_no_privileges_and_their_secrets_from_the_environment() -> None:
    for pool in declared().pools:
        job = template(f"kubernetes-{pool}")["job_configuration"]["job_manifest"]
        spec = job["spec"]["template"]["spec"]
        [container] = spec["containers"]
        assert spec["securityContext"]["runAsNonRoot"]
        by_hand = yaml.safe_load((FOLDER.parent / "infra" / "kubernetes" / "job.yaml").read_text())
        [same] = by_hand["spec"]["template"]["spec"]["containers"]
        profile = {"type": "Localhost", "localhostProfile": "{{ seccomp_profile }}"}
        assert container["securityContext"] == same["securityContext"] | {"seccompProfile": profile}
        assert any("secretRef" in one for one in container["envFrom"])
        assert ("nvidia.com/gpu" in container["resources"]["limits"]) == (pool == "gpu")
