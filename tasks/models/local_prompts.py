"""A request as the tokens that a model is to go on with.

A chat goes through the tokenizer's own template, a begun answer behind it. A model without a
template is shown the turns' texts as one document, as a plain completion is.
"""

from typing import Any

from jinja2 import TemplateError

from tasks.models.requests import Request

BETWEEN_TURNS = "\n\n"
"""In the document that a model without a chat template is shown."""


def tokens_of(request: Request, tokenizer: Any) -> list[int]:
    """The tokens of the prompt, the begun answer at its end included.

    Raises:
        ValueError: The model's chat template refuses these messages, or there is no prompt.
    """
    is_chat = bool(request.messages and tokenizer.chat_template)
    text = _chat(request, tokenizer) if is_chat else _document(request)
    # A template writes the tokens that begin a text by itself.
    tokens: list[int] = tokenizer(text + begun(request), add_special_tokens=not is_chat).input_ids
    if not tokens:
        raise ValueError("the prompt is empty")
    return tokens


def begun(request: Request) -> str:
    """How the answer begins. One that is held to a schema has to begin by itself."""
    return "" if request.schema and not request.grammar else request.prefill


def _chat(request: Request, tokenizer: Any) -> str:
    turns = [{"role": turn.role, "content": turn.content} for turn in request.messages]
    try:
        text: str = tokenizer.apply_chat_template(
            turns,
            tokenize=False,
            add_generation_prompt=True,
            # Of templates that let a model think first: short answers are wanted here.
            enable_thinking=False,
        )
    except TemplateError as error:
        raise ValueError(f"the model's chat template refuses these messages: {error}") from error
    return text


def _document(request: Request) -> str:
    if not request.messages:
        return request.prompt
    turns = BETWEEN_TURNS.join(turn.content.strip() for turn in request.messages)
    return turns + BETWEEN_TURNS
