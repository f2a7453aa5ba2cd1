"""`case2code export`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.screen import print_json, stdout
from tasks.dataset.reading import open_dataset
from tasks.errors import ConfigError
from tasks.prompts.forms import Form, write_form
from tasks.records.samples import Sample, Task
from tasks.settings import load_settings


def export(  # noqa: PLR0913 - one for each option
    ref: Annotated[
        str,
        typer.Argument(
            help="A data set: NAME, NAME@VERSION, the start of its digest, or its folder."
        ),
    ],
    *,
    to: Annotated[Path, typer.Option(help="The file to write: .jsonl or .parquet.")],
    form: Annotated[
        Form,
        typer.Option(
            help="prompt_completion (TRL), messages (chats), text (pre-training) or rl (a prompt, "
            "and the hidden cases as verification_info)."
        ),
    ] = Form.PROMPT_COMPLETION,
    split: Annotated[str, typer.Option(help="train, validation, test or all.")] = "train",
    task: Annotated[
        list[Task] | None, typer.Option(help="Only these tasks. Repeatable.", show_default=False)
    ] = None,
    store: Annotated[
        str, typer.Option(help="The store it is in: a folder or s3://bucket/prefix.")
    ] = "",
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
) -> None:
    """Write a data set in the form that a trainer takes.

    The data set itself holds prompts and completions, and can be loaded as it is.
    """
    with open_dataset(ref, store, load_settings()) as dataset:
        rows = write_form(_chosen(dataset.samples(), split, task or list(Task)), form, to)
    if json:
        print_json({"ref": dataset.ref.digest, "form": form, "rows": rows, "to": str(to)})
    else:
        stdout.print(f"{rows:,} rows of {form} in {to}", highlight=False, soft_wrap=True)


def _chosen(samples: Iterator[Sample], split: str, tasks: list[Task]) -> Iterator[Sample]:
    if split not in _SPLITS:
        raise ConfigError(f"there is no split {split!r}; choose one of {', '.join(_SPLITS)}")
    return (one for one in samples if split in {"all", one.split} and one.task in tasks)


_SPLITS = ("train", "validation", "test", "all")
