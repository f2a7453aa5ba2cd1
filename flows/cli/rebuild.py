"""`case2code rebuild`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.build import run_build
from flows.cli.screen import print_json, stdout
from tasks.dataset.rebuilding import config_again
from tasks.records.configs import BuildConfig
from tasks.records.rebuilds import Rebuild
from tasks.records.steps import BuildSummary
from tasks.settings import load_settings


def rebuild(  # noqa: PLR0913 - one for each option
    manifest: Annotated[
        str,
        typer.Argument(help="A manifest.json, the folder of a data set, or a data set by name."),
    ],
    *,
    corpus: Annotated[
        list[str] | None,
        typer.Option(help="Where a corpus of it lies: LABEL=PATH. Repeatable.", show_default=False),
    ] = None,
    benchmarks: Annotated[
        list[str] | None,
        typer.Option(help="Where its benchmarks lie. Default: installed.", show_default=False),
    ] = None,
    opt_out: Annotated[
        Path | None, typer.Option(help="The file of what it leaves out.", show_default=False)
    ] = None,
    tokenizer: Annotated[str, typer.Option(help="The tokenizer that counted its prompts.")] = "",
    writer: Annotated[
        list[str] | None,
        typer.Option(
            help="Its writers, where models are among them. Their answers are taken from the "
            "store, where it has them.",
            show_default=False,
        ),
    ] = None,
    store: Annotated[
        str,
        typer.Option(
            help="Where to build: a folder or s3://bucket/prefix. In the store of the first build "
            "all of it is cached, and little is proved."
        ),
    ] = "",
    workers: Annotated[int, typer.Option(min=1, help="Shards worked on at once.")] = (
        os.cpu_count() or 1
    ),
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
    verbose: Annotated[bool, typer.Option(help="Show Prefect's log.")] = False,
) -> None:
    """Make a data set again from its manifest, and check that every byte is the same.

    Ends with 1 where one is not, and says what differs.
    """
    # Importing it takes seconds, which `--help` does not pay.
    from flows.rebuild_dataset import compared, manifest_at, places_of  # noqa: PLC0415

    wanted = manifest_at(manifest, store)
    places = places_of(
        corpus or (), benchmarks or ["installed"], str(opt_out or ""), tokenizer, writer or ()
    )
    config = config_again(wanted, places)

    def call(again: BuildConfig) -> BuildSummary:
        from flows.build_dataset import build_dataset  # noqa: PLC0415 - see above

        where = store or load_settings().store_url
        return build_dataset(again, store=where, workers=workers, name=f"again-{wanted.ref.short}")

    summary = run_build(config, call, verbose=verbose)
    result = compared(wanted, summary.dataset.ref, summary.path, store)
    _show(result, json=json)
    if not result.identical:
        raise typer.Exit(1)


def _show(result: Rebuild, *, json: bool) -> None:
    if json:
        print_json(result.model_dump(mode="json") | {"identical": result.identical})
        return
    if result.identical:
        stdout.print(f"identical: {result.made.digest}", highlight=False)
    else:
        stdout.print(f"wanted    {result.wanted.digest}\nmade      {result.made.digest}")
        stdout.print(f"differ    {', '.join(result.files) or 'only what made it'}", soft_wrap=True)
        for line in result.why:
            stdout.print(f"because   {line}", highlight=False, soft_wrap=True)
    stdout.print(f"in        {result.path}", highlight=False, soft_wrap=True)
