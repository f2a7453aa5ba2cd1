"""`case2code mix`."""

import os
from contextlib import ExitStack
from typing import Annotated, Literal

import typer
from pydantic import ValidationError
from rich.table import Table

from flows.cli.screen import print_json, stderr, stdout
from flows.server import prefect_api
from tasks.errors import ConfigError
from tasks.records.mixes import MixConfig, MixResult
from tasks.settings import load_settings


def mix(  # noqa: PLR0913 - one for each option
    parts: Annotated[
        list[str],
        typer.Argument(
            help="DATA=SHARE, two or more: a data set of the store by name or digest, a JSONL or "
            "Parquet file, a folder of these, or hf://ORGANISATION/NAME; and its share.",
            metavar="DATA=SHARE...",
        ),
    ],
    *,
    by: Annotated[Literal["rows", "tokens"], typer.Option(help="What the shares are of.")] = "rows",
    tokenizer: Annotated[
        str, typer.Option(help="Counts tokens: a folder or a Hub name. Default: words and signs.")
    ] = "",
    rows: Annotated[int | None, typer.Option(min=1, help="Stop at this many rows.")] = None,
    tokens: Annotated[int | None, typer.Option(min=1, help="Stop at this many tokens.")] = None,
    repeat: Annotated[
        bool, typer.Option("--repeat", help="Begin a part again that is used up; else stop there.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Seeds every draw.")] = 0,
    name: Annotated[str, typer.Option(help="Of the mix. Default: made of its parts'.")] = "",
    version: Annotated[str, typer.Option(help="Of the mix. Default: the next number.")] = "",
    store: Annotated[
        str, typer.Option(help="The store to read and write: a folder or s3://bucket/prefix.")
    ] = "",
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
) -> None:
    """Combine data sets at given shares, seeded and streamed.

    `case2code mix stdlib=1 web.jsonl=9 --by tokens` takes nine tokens of web.jsonl for each of
    stdlib's training split, and stops where one of them is used up.
    """
    given = {
        "parts": [_part(one) for one in parts],
        "by": by,
        "tokenizer": tokenizer,
        "rows": rows,
        "tokens": tokens,
        "repeat": repeat,
        "seed": seed,
    }
    try:
        config = MixConfig.model_validate(given)
    except ValidationError as error:
        raise ConfigError("; ".join(str(one["msg"]) for one in error.errors())) from error
    result = _run(config, store, name, version)
    if json:
        print_json(result.model_dump(mode="json"))
    else:
        _show(result)


def _part(text: str) -> dict[str, str]:
    data, sign, share = text.rpartition("=")
    if not (sign and data):
        raise ConfigError(f"{text}: write DATA=SHARE, for example stdlib=0.2")
    return {"data": data, "share": share}


def _run(config: MixConfig, store: str, name: str, version: str) -> MixResult:
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    with ExitStack() as stack:
        with stderr.status("finding a Prefect server, or starting one"):
            stack.enter_context(prefect_api(load_settings().home))
            # Importing the flow takes seconds, which `--help` and a wrong option do not pay.
            from flows.mix_datasets import mix_datasets  # noqa: PLC0415
        with stderr.status("mixing"):
            return mix_datasets(config, store=store, name=name, version=version)


def _show(result: MixResult) -> None:
    table = Table(title="Mix", title_justify="left")
    for column in ("part", "share", "rows", "tokens", "passes"):
        table.add_column(column, justify="left" if column == "part" else "right")
    for one in result.parts:
        table.add_row(
            one.label, f"{one.share:.1%}", f"{one.rows:,}", f"{one.tokens:,}", f"{one.passes:g}"
        )
    stdout.print(table)
    stdout.print(
        f"{result.rows:,} rows, {result.tokens:,} tokens; it ends because {result.ended}",
        highlight=False,
    )
    called = f"{result.name}@{result.version}, {result.ref.short}"
    stdout.print(f"mix       {called}\nin        {result.path}", highlight=False, soft_wrap=True)
