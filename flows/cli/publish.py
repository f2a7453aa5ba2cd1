"""`case2code publish`."""

from typing import Annotated

import typer

from flows.cli.screen import print_json, stderr, stdout
from tasks.errors import ConfigError


def publish(
    ref: Annotated[
        str,
        typer.Argument(
            help="A data set: NAME, NAME@VERSION or the start of its digest. Or what was trained: "
            "adapter:DIGEST, model:DIGEST, or the folder of a merged model."
        ),
    ],
    target: Annotated[
        str,
        typer.Argument(
            metavar="WHERE", help="hf://ORGANISATION/NAME, s3://bucket/prefix or a folder."
        ),
    ] = "",
    *,
    to: Annotated[str, typer.Option(help="The same as WHERE.")] = "",
    store: Annotated[
        str, typer.Option(help="The store it is in: a folder or s3://bucket/prefix.")
    ] = "",
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
) -> None:
    """Publish a data set with its manifest and report, or a trained model; the card comes along.

    A new version takes the place of the one before: whole, or not at all. To the Hugging Face Hub
    with the token of HF_TOKEN or of `hf auth login`.
    """
    # Importing it takes seconds, which `--help` does not pay.
    from flows.publish_dataset import publish_dataset  # noqa: PLC0415
    from flows.publish_model import is_model, publish_model  # noqa: PLC0415

    where = to or target
    if not where:
        raise ConfigError("say where to: hf://ORGANISATION/NAME, s3://bucket/prefix or a folder")
    with stderr.status("publishing"):
        publisher = publish_model if is_model(ref, store) else publish_dataset
        found, place = publisher(ref, where, store)
    if json:
        print_json({"kind": found.kind, "ref": found.digest, "rows": found.rows, "at": place})
        return
    what = "data set" if found.kind == "dataset" else found.kind
    samples = f", {found.rows:,} samples" if found.rows else ""
    stdout.print(
        f"{what:<8}  {found.short}{samples}\nnow at    {place}", highlight=False, soft_wrap=True
    )
