"""Asks a language model for inputs: one worked example, then the function.

The form is the paper's (arXiv 2407.12504, appendix: ten dicts of arguments), as a chat with the
example as an earlier turn, which models of half a billion parameters follow too.
"""

from collections.abc import Iterator, Sequence

from tasks.models.requests import Generate, Message, Reply, Request
from tasks.records.base import digest_of
from tasks.records.cases import Answer
from tasks.records.configs import AskConfig
from tasks.records.functions import Function

ROWS = 10
MAX_PROGRAM_CHARS = 3_000
"""A longer program is shown without its helpers."""

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
```python
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
]
```"""


def messages_for(function: Function) -> tuple[Message, ...]:
    """The chat that asks for inputs of a function."""
    whole = len(function.program) <= MAX_PROGRAM_CHARS
    code = (function.program if whole else function.code).strip()
    return (
        Message("user", _TASK.format(rows=ROWS, code=_EXAMPLE_CODE)),
        Message("assistant", _EXAMPLE_ROWS),
        Message("user", _TASK.format(rows=ROWS, code=code)),
    )


def requests_for(functions: Sequence[Function], config: AskConfig) -> Iterator[Request]:
    """`config.samples` requests for each function, in order; made as they are read."""
    for function in functions:
        messages = messages_for(function)
        for sample in range(config.samples):
            yield Request(
                key=f"{function.id}:{sample}",
                messages=messages,
                temperature=config.temperature,
                max_tokens=config.max_tokens,
                seed=int(digest_of(function.id, str(sample))[:7], 16),
            )


def ask(functions: Sequence[Function], generate: Generate, config: AskConfig) -> Iterator[Answer]:
    """Answers for the functions, by function and sample, in whatever order they arrive.

    A request that was refused gives an answer without text, so that it is not asked again.

    Raises:
        WriterError: the model does not answer at all.
    """
    arrived: dict[str, Reply] = {}
    replies = generate(requests_for(functions, config))
    for function in functions:
        for sample in range(config.samples):
            key = f"{function.id}:{sample}"
            while key not in arrived:
                reply = next(replies)
                arrived[reply.key] = reply
            yield _answer(function, sample, config.model, arrived.pop(key))


def _answer(function: Function, sample: int, model: str, reply: Reply) -> Answer:
    return Answer(
        function=function.id,
        model=model,
        sample=sample,
        text=reply.text,
        prompt_tokens=reply.prompt_tokens,
        completion_tokens=reply.completion_tokens,
    )
