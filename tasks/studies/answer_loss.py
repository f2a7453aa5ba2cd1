"""How likely a model finds the right answers: finer than passing, and nothing is generated.

Prompt and answer are put together as in a training (`tasks.training.tokens`), through the chat
template where the model has one. Only the answer counts, its end included.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import torch

from tasks.models.local_files import find_model
from tasks.models.local_loading import load
from tasks.records.drops import DropReason
from tasks.records.problems import Problem
from tasks.records.studies import AnswerLoss
from tasks.training.rows import Answer
from tasks.training.tokens import MASKED, Tokenize


def answer_losses(model: str, problems: Iterable[Problem]) -> Iterator[AnswerLoss]:
    """One for each problem that fits into the model's context, in order. Raises ConfigError.

    Args:
        model: As `tasks.models.local` takes it.
        problems: With a solution each.
    """
    # float32: differences between two trainings are smaller than the rounding of bfloat16.
    loaded = load(find_model(model), dtype="float32")
    chat = bool(getattr(loaded.tokenizer, "chat_template", None))
    tokenize = Tokenize(loaded.tokenizer, chat=chat, max_length=loaded.context)
    for problem in problems:
        for tokens in tokenize(Answer(problem.prompt, problem.solution)):
            if not isinstance(tokens, DropReason):
                nats = _nats(loaded.model, tokens.input_ids, tokens.labels, loaded.device)
                yield AnswerLoss(problem=problem.id, nats=nats, tokens=tokens.loss_tokens)


def _nats(model: Any, ids: list[int], labels: list[int], device: Any) -> float:
    """Of the labelled tokens, each after all that stand before it."""
    with torch.inference_mode():
        logits = model(torch.tensor([ids], device=device)).logits[0, :-1].float()
    wanted = torch.tensor(labels[1:], device=device)
    loss = torch.nn.functional.cross_entropy(logits, wanted, ignore_index=MASKED, reduction="sum")
    return round(float(loss), 6)
