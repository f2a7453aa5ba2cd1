"""How many tokens a request may take, known before it is sent, and without its tokenizer.

Covered: code and English, within a quarter or so. What was really used is what a server says.
"""

from tasks.models.requests import Reply, Request

CHARS_PER_TOKEN = 3.5
"""Of Python code with current tokenizers; prose has more characters to a token."""
PER_MESSAGE = 6
"""Tokens that a chat template puts round a message."""


def prompt_tokens(request: Request) -> int:
    """What is read."""
    texts = [message.content for message in request.messages] or [request.prompt]
    return tokens_of("".join(texts) + request.prefill) + PER_MESSAGE * len(request.messages)


def estimated_tokens(request: Request) -> int:
    """What is read, and as much written as is allowed."""
    return prompt_tokens(request) + request.max_tokens


def tokens_of(text: str) -> int:
    """Tokens of a text."""
    return int(len(text) / CHARS_PER_TOKEN) + 1


def used(request: Request, reply: Reply) -> tuple[int, int]:
    """Tokens read and written: what the server counted, or an estimate where it did not."""
    if reply.prompt_tokens or reply.completion_tokens or not reply.text:
        return reply.prompt_tokens, reply.completion_tokens
    return prompt_tokens(request), tokens_of(reply.text)
