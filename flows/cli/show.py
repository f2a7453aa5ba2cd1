"""`case2code show`."""

from typing import Annotated, Any

import typer

from flows.cli.screen import funnel_table, print_json, sample_panel, stdout
from tasks.dataset.reading import open_dataset
from tasks.settings import load_settings


def show(
    ref: Annotated[
        str,
        typer.Argument(
            help="A data set: NAME, NAME@VERSION, the start of its digest, or its folder."
        ),
    ],
    *,
    samples: Annotated[int, typer.Option("--samples", "-n", min=0, help="How many to draw.")] = 3,
    seed: Annotated[int, typer.Option(help="Draws other samples.")] = 0,
    store: Annotated[
        str, typer.Option(help="The store to look in: a folder or s3://bucket/prefix.")
    ] = "",
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
) -> None:
    """Show the funnel of a data set and samples drawn from it."""
    with open_dataset(ref, store, load_settings()) as dataset:
        drawn = dataset.draw(samples, seed)
        if json:
            result: dict[str, Any] = {
                "ref": dataset.ref.digest,
                "path": dataset.path,
                "report": dataset.report,
                "rows": dataset.ref.rows,
                "meta": dataset.meta,
                "funnel": dataset.funnel.model_dump(mode="json")["steps"],
                "samples": [sample.model_dump(mode="json") for sample in drawn],
            }
            print_json(result)
            return
        stdout.print(funnel_table(dataset.funnel))
        for sample in drawn:
            stdout.print(sample_panel(sample))
        stdout.print(f"data set  {dataset.ref.short}, {dataset.ref.rows:,} samples")
        stdout.print(f"in        {dataset.path}", soft_wrap=True)
        if dataset.report:
            stdout.print(f"report    {dataset.report}", highlight=False, soft_wrap=True)
