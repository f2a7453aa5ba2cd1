"""`case2code publish`."""

from typing import Annotated

import typer

from flows.cli.screen import print_json, stderr, stdout


def publish(
    ref: Annotated[
        str, typer.Argument(help="A data set: NAME, NAME@VERSION or the start of its digest.")
    ],
    *,
    to: Annotated[
        str, typer.Option(help="hf://ORGANISATION/NAME, s3://bucket/prefix or a folder.")
    ],
    store: Annotated[
        str, typer.Option(help="The store it is in: a folder or s3://bucket/prefix.")
    ] = "",
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
) -> None:
    """Publish a data set with its card, its manifest and its report.

    A new version takes the place of the one before: whole, or not at all. To the Hugging Face Hub
    with the token of HF_TOKEN or of `hf auth login`.
    """
    # Importing it takes seconds, which `--help` does not pay.
    from flows.publish_dataset import publish_dataset  # noqa: PLC0415

    with stderr.status("publishing"):
        found, where = publish_dataset(ref, to, store)
    if json:
        print_json({"ref": found.digest, "rows": found.rows, "at": where})
    else:
        stdout.print(
            f"data set  {found.short}, {found.rows:,} samples\nnow at    {where}",
            highlight=False,
            soft_wrap=True,
        )
