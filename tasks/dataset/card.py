"""The card of a data set: the README.md that a person reads and the Hugging Face Hub parses."""

from collections.abc import Mapping
from typing import Any

import yaml

from tasks.dataset.attribution import ATTRIBUTION_NAME
from tasks.dataset.contamination import section
from tasks.dataset.tally import Assembled
from tasks.records.drops import Funnel, StepCount
from tasks.records.samples import Sample

_HUB_LICENCES = {
    spdx.lower(): hub
    for hub, spdxs in {
        "agpl-3.0": ("AGPL-3.0", "AGPL-3.0-only", "AGPL-3.0-or-later"),
        "apache-2.0": ("Apache-2.0",),
        "bsd-2-clause": ("BSD-2-Clause",),
        "bsd-3-clause": ("BSD-3-Clause",),
        "cc0-1.0": ("CC0-1.0",),
        "gpl-2.0": ("GPL-2.0", "GPL-2.0-only", "GPL-2.0-or-later"),
        "gpl-3.0": ("GPL-3.0", "GPL-3.0-only", "GPL-3.0-or-later"),
        "isc": ("ISC",),
        "lgpl-2.1": ("LGPL-2.1", "LGPL-2.1-only", "LGPL-2.1-or-later"),
        "lgpl-3.0": ("LGPL-3.0", "LGPL-3.0-only", "LGPL-3.0-or-later"),
        "mit": ("MIT",),
        "mpl-2.0": ("MPL-2.0",),
        "unlicense": ("Unlicense",),
        "wtfpl": ("WTFPL",),
        "zlib": ("Zlib",),
    }.items()
    for spdx in spdxs
}
"""The Hub's own identifiers; what it has none for (PSF-2.0, say) is `other` there."""

_SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
)

_INTRODUCTION = """\
Verified tasks of program synthesis from examples. A sample shows what a real Python function
returns for some inputs (`prompt`) and holds the program that does so (`completion`). Every output
was computed by running the function in a sandbox, twice, with the same result. More verified cases
of the same function (`hidden`) are kept out of the prompt, to grade answers with."""

_COLUMNS = """\
| Column | Holds |
| --- | --- |
| `id`, `function_id` | stable hashes of the sample and of the function |
| `task` | `induction` (cases given, program wanted), `output_prediction`, `input_prediction` |
| `twin_of` | id of the sample that this one repeats with neutral names; mostly empty |
| `split` | `train`, `validation` or `test` |
| `prompt`, `completion` | what a model reads, and what it should write |
| `program` | what the cases are of, where it is not the completion |
| `name`, `signature` | of the function that an answer must define or call |
| `shown`, `hidden` | cases: `arguments` (literal of a dict by parameter) and `output` (literal) |
| `template` | everything that was drawn to phrase the sample |
| `difficulty` | operations, branches, distinct outputs; a solve rate where one was measured |
| `evidence` | how well the cases pin the function down: branches taken, mutants told apart, types |
| `prompt_tokens` | length of the prompt, where a tokenizer was given |
| `group` | the same for copies and for what behaves alike; a group is on one side of the split |
| `tags` | problems of benchmarks that the function solves, such as `mbpp:MBPP/11` |
| `source`, `licence`, `revision`, `first_line`, `last_line` | where the code comes from |"""

_METHOD = """\
1. **Collect** source files from the corpora, and **extract** functions that stand on their own,
   with the imports, constants and helpers that they need. Copies and near-copies are dropped,
   and so is what solves a problem of a benchmark, or it is tagged.
2. **Inputs** are written for each function: taken from its own calls and doctests, found by
   search, or proposed by a language model.
3. **Execute** every call in a sandbox, twice, with different hash seeds. A function with a call
   whose two outcomes differ is dropped.
4. **Filter**: only functions with enough cases and enough different outputs stay.
5. **Phrase** each function by templates drawn with the seed. Every assertion and doctest in a
   prompt is a true statement.
6. **Split** by a hash of the function's group.

The method is that of Case2Code (arXiv 2407.12504)."""

_USE = """\
```python
from datasets import load_dataset

samples = load_dataset("path/or/organisation/name", split="train")
```

`report.html`, where it was published with the data, shows the funnel, what the functions look like
and samples to browse. `manifest.json` names everything that the data was made from:
`case2code rebuild manifest.json` makes the same bytes again from the same corpora."""

_ATTRIBUTION = f"""\
`{ATTRIBUTION_NAME}` names the source, path, revision, licence and lines of every function: who
passes samples on passes their notices on with it. The owner of a repository who wants it left out
is left out by the next build (`--opt-out`)."""

_LIMITS = """\
- The code is real code, written by others: it keeps its authors' licences, style and mistakes.
- Verified means that the outputs are what the program returns, not that the program is right.
- Only functions that return plain values (numbers, text, bytes, and lists, tuples, sets and
  dicts of them) without input, output, clock, network or randomness are in the data.
- Cases are a sample of what a function does. Some functions cannot be told from simpler ones by
  the cases shown, or by all of them.
- Functions that behave alike share a `group` only where a small battery of inputs shows it."""


def card(assembled: Assembled, funnel: Funnel, example: Sample | None) -> str:
    """The whole text: YAML metadata, then Markdown."""
    sections = [
        f"# Case2Code\n\n{_INTRODUCTION}",
        _overview(assembled),
        f"## Use\n\n{_USE}",
        f"## Columns\n\n{_COLUMNS}",
        _example(example),
        f"## How it was made\n\n{_METHOD}",
        f"### Funnel\n\n{_funnel_table(funnel)}",
        section(assembled.meta),
        _settings(assembled.meta),
        f"## Licences\n\n{_licence_table(assembled.licences)}\n\n{_ATTRIBUTION}",
        f"## Known limits\n\n{_LIMITS}",
    ]
    body = "\n\n".join(section for section in sections if section)
    return f"---\n{_yaml(_metadata(assembled))}---\n\n{body}\n"


def _metadata(assembled: Assembled) -> dict[str, Any]:
    files = [{"split": name, "path": f"data/{name}-*.parquet"} for name in assembled.splits]
    return {
        "pretty_name": "Case2Code",
        "language": ["code", "en"],
        "license": _hub_licences(assembled.licences),
        "task_categories": ["text-generation"],
        "size_categories": [_size(assembled.samples)],
        "tags": ["code", "code-generation", "program-synthesis", "python", "execution-verified"],
        "configs": [{"config_name": "default", "default": True, "data_files": files}],
    }


def _hub_licences(licences: Mapping[str, int]) -> list[str]:
    """Every licence in the data set by the Hub's name for it, sorted."""
    names = {_HUB_LICENCES.get(name.lower(), "other") if name else "unknown" for name in licences}
    return sorted(names)


def _size(samples: int) -> str:
    return next((label for limit, label in _SIZES if samples < limit), "100M<n<1B")


def _yaml(value: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(value), sort_keys=False, allow_unicode=True, width=100)


def _overview(assembled: Assembled) -> str:
    total = (
        f"{assembled.samples:,} samples of {assembled.functions:,} functions, "
        f"{assembled.functions_with_8_cases:,} of them with at least 8 verified cases."
    )
    lines = [
        total,
        "",
        "| Split | Samples |",
        "| --- | ---: |",
        *(f"| {name} | {rows:,} |" for name, rows in assembled.splits.items()),
    ]
    if len(assembled.tasks) > 1:
        lines += ["", "| Task | Samples |", "| --- | ---: |"]
        lines += [f"| {name} | {rows:,} |" for name, rows in assembled.tasks.items()]
    return "\n".join(lines)


def _example(sample: Sample | None) -> str:
    if sample is None:
        return ""
    # Longer than any fence inside.
    fence = "`" * 6
    return (
        f"## Example\n\nPrompt:\n\n{fence}text\n{sample.prompt}\n{fence}\n\n"
        f"Completion:\n\n{fence}python\n{sample.completion}{fence}"
    )


def _funnel_table(funnel: Funnel) -> str:
    lines = ["| Step | Unit | In | Out | Dropped |", "| --- | --- | ---: | ---: | --- |"]
    return "\n".join([*lines, *map(_funnel_row, funnel.steps)])


def _funnel_row(count: StepCount) -> str:
    reasons = sorted(count.dropped.items(), key=lambda item: (-item[1], item[0]))
    listed = ", ".join(f"{reason} {number:,}" for reason, number in reasons)
    return f"| {count.step} | {count.unit} | {count.taken:,} | {count.kept:,} | {listed} |"


def _settings(meta: Mapping[str, Any]) -> str:
    """What the data set can be made from again; the manifest has the same and the digests."""
    known = {key: meta[key] for key in ("seed", "versions", "config") if key in meta}
    if not known:
        return ""
    return f"### Settings\n\n```yaml\n{_yaml(known)}```"


def _licence_table(licences: Mapping[str, int]) -> str:
    rows = sorted(licences.items(), key=lambda item: (-item[1], item[0]))
    lines = ["| Licence of the source | Samples |", "| --- | ---: |"]
    return "\n".join([*lines, *(f"| {name or 'not known'} | {n:,} |" for name, n in rows)])
