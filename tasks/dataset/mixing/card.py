"""The card of a mix: what went into it, and how much of each."""

from collections.abc import Sequence

import yaml

from tasks.records.mixes import MixConfig, PartCount

_COLUMNS = """\
Each row is a `prompt` with its `completion`, a chat (`messages`), or plain `text`; the others are
null. `part` says which data set it comes from, `tokens` how long it is."""


def card(config: MixConfig, parts: Sequence[PartCount], ended: str) -> str:
    """YAML for the Hub, then Markdown."""
    files = [{"split": "train", "path": "data/train-*.parquet"}]
    metadata = {
        "pretty_name": "Case2Code mix",
        "task_categories": ["text-generation"],
        "tags": ["code", "case2code", "mixed"],
        "configs": [{"config_name": "default", "default": True, "data_files": files}],
    }
    counted = config.tokenizer or "words and signs"
    lines = [
        "# A mix of data sets",
        "",
        f"Mixed by {config.by}, seed {config.seed}; it ends because {ended}.",
        f"Tokens are those of {counted}.",
        "",
        "| Part | Share | Rows | Tokens | Passes | Digest |",
        "| --- | ---: | ---: | ---: | ---: | --- |",
        *map(_line, parts),
        "",
        _COLUMNS,
        "",
        "The licences are those of the parts.",
    ]
    head = yaml.safe_dump(metadata, sort_keys=False)
    return f"---\n{head}---\n\n" + "\n".join(lines) + "\n"


def _line(part: PartCount) -> str:
    return (
        f"| {part.label} | {part.share:.1%} | {part.rows:,} | {part.tokens:,} | {part.passes:g} "
        f"| `{part.digest[:12]}` |"
    )
