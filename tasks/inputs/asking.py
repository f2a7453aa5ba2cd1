"""Asks a language model for inputs: one worked example, then the function.

The form is the paper's (arXiv 2407.12504, appendix: ten dicts of arguments), as a chat with the
example as an earlier turn and the answer's first words written for it, which models of half a
billion parameters follow too; or as a text to go on with, for models that do not chat.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tasks.inputs.schemas import schema_of
from tasks.models.grammar import rows_grammar
from tasks.models.requests import Message, Reply, Request
from tasks.records.base import digest_of
from tasks.records.cases import Answer
from tasks.records.configs import AskConfig
from tasks.records.drops import Drop, DropReason
from tasks.records.functions import Function
from tasks.records.writers import Engine

ROWS = 10
MAX_PROGRAM_CHARS = 3_000
"""A longer program is shown without its helpers."""
STEP = "ask"
STOP = ("\n]",)
"""The end of the list of rows: what comes after it is talk."""

_TASK = """\
Write {rows} different example inputs for this Python function, one dict per line. Use the exact \
argument names and plain literal values of the right types. Vary them: typical values, edge \
cases, and values that take each branch.

```python
{code}
```"""
_EXAMPLE_CODE = """\
def repeat_until(text, times, sep=", "):
    if times <= 0:
        return ""
    return sep.join([text.strip()] * times)"""
_EXAMPLE_ROWS = """\
examples = [
    dict(text="hello", times=3),
    dict(text="  padded ", times=2, sep="-"),
    dict(text="", times=4, sep="|"),
    dict(text="a b", times=1),
    dict(text="zero", times=0),
    dict(text="minus", times=-1, sep=""),
    dict(text="x", times=5, sep=""),
    dict(text="New\\nline", times=2, sep=" / "),
    dict(text="Title", times=10, sep="."),
    dict(text="42", times=3, sep="0"),
]"""
_FENCED = "```python\n{}\n```"
_BEGUN = "examples = [\n    dict({name}="
_COMPLETION = """\
# Python functions, each with {rows} different example inputs: typical values, edge cases, and
# values that take each branch.

{example}

{rows_of_example}


{code}

"""


def code_of(function: Function) -> str:
    """What a model is shown of a function: all of its program that is not too long."""
    whole = len(function.program) <= MAX_PROGRAM_CHARS
    return (function.program if whole else function.code).strip()


def messages_for(function: Function) -> tuple[Message, ...]:
    """The chat that asks for inputs of a function."""
    return (
        Message("user", _TASK.format(rows=ROWS, code=_EXAMPLE_CODE)),
        Message("assistant", _FENCED.format(_EXAMPLE_ROWS)),
        Message("user", _TASK.format(rows=ROWS, code=code_of(function))),
    )


def prompt_for(function: Function) -> str:
    """The text that a model goes on with, where it does not chat."""
    return _COMPLETION.format(
        rows=ROWS,
        example=_EXAMPLE_CODE,
        rows_of_example=_EXAMPLE_ROWS,
        code=code_of(function),
    )


def requests_for(functions: Sequence[Function], config: AskConfig) -> Iterator[Request]:
    """`config.samples` requests for each function, in order; made as they are read."""
    for function in functions:
        messages = messages_for(function) if config.style == "chat" else ()
        prompt = "" if messages else prompt_for(function)
        begun = _BEGUN.format(name=function.parameters[0].name)
        schema, grammar = _constraints(function, config)
        shown = digest_of(messages[-1].content if messages else prompt)
        for sample in range(config.samples):
            yield Request(
                key=key_of(function, sample),
                messages=messages,
                prompt=prompt,
                temperature=config.temperature,
                max_tokens=config.max_tokens,
                # Of what is shown, not of whose it is: a copy in another corpus is asked once.
                seed=int(digest_of(shown, str(sample))[:7], 16),
                sample=sample,
                stop=STOP,
                prefill=f"```python\n{begun}" if messages else begun,
                schema=schema,
                grammar=grammar,
            )


def _constraints(function: Function, config: AskConfig) -> tuple[dict[str, Any] | None, str]:
    """What holds the answer to rows: for a server a schema, in this process a grammar.

    Only what the engine can use, since answers are kept under all that was asked.
    """
    if not config.constrain:
        return None, ""
    if config.name.engine is Engine.TRANSFORMERS:
        return None, rows_grammar(function.parameters, ROWS)
    return (schema_of(function.parameters, ROWS) if config.style == "chat" else None), ""


def key_of(function: Function, sample: int) -> str:
    """What finds the reply."""
    return f"{function.id}:{sample}"


def answers_to(
    functions: Sequence[Function], replies: Mapping[str, Reply], config: AskConfig
) -> Iterator[Answer | Drop]:
    """Answers by function and sample, whatever the order in which they arrived.

    A request that was refused gives an answer without text that says why; one that was never
    sent, for the budget's sake, is dropped.
    """
    for function in functions:
        for sample in range(config.samples):
            reply = replies.get(key_of(function, sample))
            if reply is None:
                yield Drop(
                    step=STEP,
                    reason=DropReason.NOT_ASKED,
                    subject=function.id,
                    detail=f"sample {sample}",
                )
            else:
                yield _answer(function, sample, config, reply)


def _answer(function: Function, sample: int, config: AskConfig, reply: Reply) -> Answer:
    return Answer(
        function=function.id,
        model=config.identity or config.name.model,
        sample=sample,
        text=reply.text,
        prompt_tokens=reply.prompt_tokens,
        completion_tokens=reply.completion_tokens,
        error=reply.error,
    )
