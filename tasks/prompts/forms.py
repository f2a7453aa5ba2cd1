"""Samples in the forms that trainers take.

`prompt_completion` for TRL's SFTTrainer, `messages` for chat models, `text` for pre-training, and
`rl` for reinforcement learning with rewards that can be verified: a prompt as messages and
`verification_info`, in the shape that GRPO recipes use (`language`, and `test_cases` with `type`,
`fn_name`, `input` and `output`), where input and output are Python source, since JSON could not
hold all values, and `check` is a statement that fails for a wrong answer.

Covered: every sample in every form; rows of one form have one schema. Not covered: chat
templates, which belong to the model.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.errors import ConfigError
from tasks.prompts.claims import hidden_checks, returns
from tasks.records.samples import Sample, Task

Row = dict[str, Any]


class Form(StrEnum):
    """What a row of training data looks like."""

    PROMPT_COMPLETION = "prompt_completion"
    MESSAGES = "messages"
    TEXT = "text"
    RL = "rl"


def row_of(sample: Sample, form: Form) -> Row:
    """The sample in that form, with its id."""
    return {"id": sample.id} | _MAKERS[form](sample)


def _prompt_completion(sample: Sample) -> Row:
    return {"prompt": sample.prompt, "completion": sample.completion}


def _messages(sample: Sample) -> Row:
    return {"messages": [_user(sample), {"role": "assistant", "content": sample.completion}]}


def _user(sample: Sample) -> Row:
    return {"role": "user", "content": sample.prompt}


def _text(sample: Sample) -> Row:
    return {"text": f"{sample.prompt}\n\n{sample.completion.rstrip()}\n"}


def _rl(sample: Sample) -> Row:
    return {
        "prompt": [_user(sample)],
        "verification_info": {
            "language": "python",
            "task": sample.task.value,
            "fn_name": sample.name,
            "program": sample.program,
            "test_cases": _test_cases(sample),
        },
    }


def _test_cases(sample: Sample) -> list[Row]:
    """What an answer is tried on.

    The statement `check` of the task induction is run after the answer. In the tasks that predict
    it is run after `program`, with the text of the answer in place of ANSWER.
    """
    if sample.task is Task.INDUCTION:
        return [
            _test_case("function_call", sample.name, one.call, one.output, one.statement)
            for one in hidden_checks(sample)
        ]
    [one] = hidden_checks(sample)
    asks_output = sample.task is Task.OUTPUT_PREDICTION
    check = returns(
        one.call if asks_output else "ANSWER",
        "ANSWER" if asks_output else one.output,
        may_be_nan="nan" in one.output,
    )
    kind = "value" if asks_output else "call"
    return [_test_case(kind, sample.name, one.call, one.output, check)]


def _test_case(kind: str, name: str, call: str, output: str, check: str) -> Row:
    return {"type": kind, "fn_name": name, "input": call, "output": output, "check": check}


_MAKERS: Mapping[Form, Callable[[Sample], Row]] = {
    Form.PROMPT_COMPLETION: _prompt_completion,
    Form.MESSAGES: _messages,
    Form.TEXT: _text,
    Form.RL: _rl,
}


def write_form(samples: Iterable[Sample], form: Form, to: Path) -> int:
    """Writes the samples to one JSONL or Parquet file, by its ending; returns how many.

    The file is there once it is whole, and not before.

    Raises:
        ConfigError: the file ends in neither .jsonl nor .parquet, or cannot be written.
    """
    write = {".jsonl": _write_jsonl, ".parquet": _write_parquet}.get(to.suffix)
    if write is None:
        raise ConfigError(f"cannot tell what {to} should be: end it in .jsonl or .parquet")
    part = to.with_name(to.name + ".part")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        count = write((row_of(sample, form) for sample in samples), part)
        if not count:
            raise ConfigError(f"there is no sample of that split and task to write to {to}")
        part.replace(to)
    except OSError as error:
        raise ConfigError(f"cannot write {to}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
    return count


def _write_jsonl(rows: Iterable[Row], to: Path) -> int:
    count = 0
    with to.open("w", encoding="utf-8", newline="\n") as file:
        for count, row in enumerate(rows, 1):  # noqa: B007 - the count is what comes back
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return count


_ROWS_PER_GROUP = 1_000


def _write_parquet(rows: Iterable[Row], to: Path) -> int:
    stream, count = iter(rows), 0
    first = list(islice(stream, _ROWS_PER_GROUP))
    schema = pa.Table.from_pylist(first).schema
    with pq.ParquetWriter(to, schema, compression="zstd") as writer:
        group = first
        while group:
            writer.write_table(pa.Table.from_pylist(group, schema=schema))
            count += len(group)
            group = list(islice(stream, _ROWS_PER_GROUP))
    return count
