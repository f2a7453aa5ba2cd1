"""Puts pools, limits, deployments and notifications on a Prefect server, in that order.

Each is made or brought up to date, so that it may be done again at any time. Deploying itself is
left to `prefect deploy`, in a process of its own: what it makes of `prefect.yaml` is then what
Prefect's own documentation says.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.events.actions import SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.exceptions import ObjectNotFound
from prefect.workers.utilities import get_default_base_job_template_for_infrastructure_type

from flows.server.declared import FOLDER, Declared, Notification, Pool, PoolType
from flows.server.stack import SAFE_PATH
from tasks.errors import ServerError

DEPLOY_SECONDS = 300.0
_LINES = 15
FAILED = {"prefect.flow-run.Failed", "prefect.flow-run.Crashed", "prefect.flow-run.TimedOut"}


def put_on_server(
    content: Mapping[str, Any], server: Declared, pool_type: PoolType, folder: Path
) -> list[str]:
    """Puts all of it on the server that Prefect is configured for.

    Args:
        content: Of `prefect.yaml`, parameters and all.
        server: What it has no place for.
        pool_type: Of all pools.
        folder: Where processes of process pools work.

    Returns:
        Notes for the person who deploys.

    Raises:
        ServerError: With the end of what `prefect deploy` said.
    """
    secret = asyncio.run(_pools_and_limits(server, pool_type, folder))
    _deploy(content)
    notes = [f"from a Secret block: {variable}" for variable in secret]
    if not asyncio.run(_notify(server.notify_on_failure)):
        notes.append(f"nobody is told of failed runs: no block {server.notify_on_failure.block}")
    return notes


async def job_template(pool_type: PoolType, pool: str, folder: Path) -> dict[str, Any]:
    """How a pool of that type starts runs."""
    if pool_type != "process":
        path = FOLDER / "pools" / f"{pool_type}-{pool}.json"
        return dict(json.loads(path.read_text(encoding="utf-8")))
    template = await get_default_base_job_template_for_infrastructure_type(pool_type)
    assert template is not None, "Prefect brings it"  # noqa: S101
    template["variables"]["properties"]["working_dir"]["default"] = str(folder)
    return template


def give_secrets(template: dict[str, Any], references: Mapping[str, str]) -> None:
    """Adds variables to the environment of every run that a pool starts by this template."""
    environment = template["variables"]["properties"]["env"]
    environment["default"] = (environment.get("default") or {}) | dict(references)


async def _pools_and_limits(server: Declared, pool_type: PoolType, folder: Path) -> list[str]:
    """Makes them; returns the variables that runs get from blocks."""
    async with get_client() as client:
        references = await _references(client, server.secrets)
        for name, pool in server.pools.items():
            template = await job_template(pool_type, name, folder)
            give_secrets(template, references)
            await _make_pool(client, name, pool, pool_type, template)
        for tag, limit in server.tag_limits.items():
            await client.upsert_global_concurrency_limit_by_name(f"tag:{tag}", limit)
    return list(references)


async def _references(client: PrefectClient, wanted: Mapping[str, str]) -> dict[str, str]:
    """What the worker puts the value in for when it starts a run, of the blocks that there are.

    In a pool's template, as `prefect deploy` would write the value itself into a deployment.
    A reference to a block that is not there keeps every run from starting.
    """
    found = {}
    for variable, block in wanted.items():
        with suppress(ObjectNotFound):
            await client.read_block_document_by_name(block, "secret", include_secrets=False)
            found[variable] = f"{{{{ prefect.blocks.secret.{block} }}}}"
    return found


async def _make_pool(
    client: PrefectClient, name: str, pool: Pool, pool_type: PoolType, template: dict[str, Any]
) -> None:
    try:
        standing = await client.read_work_pool(name)
    except ObjectNotFound:
        await client.create_work_pool(
            WorkPoolCreate(
                name=name,
                type=pool_type,
                description=pool.description,
                base_job_template=template,
                concurrency_limit=pool.concurrency_limit,
            )
        )
        return
    if standing.type != pool_type:
        raise ServerError(
            f"the work pool {name!r} of this server is of type {standing.type}, not {pool_type}: "
            f"deploy with --pools {standing.type}, or delete it (prefect work-pool delete {name})"
        )
    # A limit that somebody has changed in the UI stays: it says what the machines can do.
    await client.update_work_pool(
        name, WorkPoolUpdate(description=pool.description, base_job_template=template)
    )


def _deploy(content: Mapping[str, Any]) -> None:
    with tempfile.TemporaryDirectory(prefix="case2code-deploy-") as folder:
        file = Path(folder) / "prefect.yaml"
        file.write_text(yaml.safe_dump(dict(content), sort_keys=False), encoding="utf-8")
        command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter, fixed arguments
                [*command, "--prefect-file", str(file)],
                env=os.environ | SAFE_PATH,
                # Ctrl-C is for the command, which waits for this.
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=DEPLOY_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ServerError(f"`prefect deploy` did not end in {DEPLOY_SECONDS:.0f} s") from error
    if done.returncode:
        end = "\n".join((done.stdout + done.stderr).splitlines()[-_LINES:])
        raise ServerError(f"`prefect deploy` failed; the end of what it said:\n{end}")


async def _notify(wanted: Notification) -> bool:
    """Makes or updates the automation; False where no block says whom to tell."""
    async with get_client() as client:
        blocks = await client.read_block_documents()
        block = next((one for one in blocks if one.name == wanted.block), None)
        standing = await client.read_automations_by_name(wanted.name)
        if block is None:
            return False
        action = SendNotification(
            block_document_id=block.id, subject=wanted.subject, body=wanted.body
        )
        automation = AutomationCore(
            name=wanted.name,
            description="Of every run of ours that failed or crashed.",
            trigger=EventTrigger(
                expect=FAILED,
                match={"prefect.resource.id": "prefect.flow-run.*"},
                match_related={
                    "prefect.resource.id": "prefect.tag.case2code",
                    "prefect.resource.role": "tag",
                },
                for_each={"prefect.resource.id"},
                posture=Posture.Reactive,
                threshold=1,
                within=timedelta(0),
            ),
            actions=[action],
        )
        if standing:
            await client.update_automation(standing[0].id, automation)
        else:
            await client.create_automation(automation)
        return True
