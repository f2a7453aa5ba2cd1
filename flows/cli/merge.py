"""`case2code merge`."""

from pathlib import Path
from typing import Annotated

import typer

from flows.cli.screen import print_json, stderr, stdout
from tasks.models.opening import identity_of
from tasks.records.writers import Engine, ModelName
from tasks.settings import load_settings
from tasks.store.artifacts import open_store
from tasks.training.launching import require_libraries


def merge(
    adapter: Annotated[str, typer.Argument(help="The start of an adapter's digest.")],
    *,
    base: Annotated[str, typer.Option(help="The model it was trained on: a folder or a Hub id.")],
    to: Annotated[Path, typer.Option(help="A new folder for the merged model.")],
    store: Annotated[
        str, typer.Option(help="The store of the adapter: a folder or s3://bucket/prefix.")
    ] = "",
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
) -> None:
    """Write an adapter and its base as one model, for whatever loads models."""
    require_libraries()
    settings = load_settings()
    digest = identity_of(ModelName(engine=Engine.TRANSFORMERS, model=base))
    with (
        stderr.status("merging"),
        open_store(store or settings.store_url, settings) as opened,
    ):
        from tasks.training.merging import merge as merge_into  # noqa: PLC0415 - imports torch

        merge_into(opened, adapter, base, digest, to)
    if json:
        print_json({"path": str(to)})
    else:
        stdout.print(f"model     {to}", soft_wrap=True)
