"""What was answered is not asked again, and what is asked is announced and counted."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tasks.inputs.paying import Asking
from tasks.models.keeping import KeptAnswers
from tasks.models.requests import Message, Reply, Request
from tasks.notices import heard_by
from tasks.records.configs import AskConfig
from tasks.records.writers import Budget, Engine, ModelName, Price
from tasks.settings import Settings
from tasks.store.artifacts import open_store

CONFIG = AskConfig(name=ModelName(engine=Engine.OPENAI, model="m"))


def requests(*texts: str) -> list[Request]:
    return [
        Request(f"{i}", (Message("user", text),), temperature=0.5, max_tokens=100, seed=1)
        for i, text in enumerate(texts)
    ]


class Session:
    """One run that asks a model; what it asked, and what it said."""

    def __init__(self, folder: Path, config: AskConfig = CONFIG) -> None:
        self.folder = folder
        self.config = config
        self.opened = 0
        self.asked: list[str] = []
        self.said: list[str] = []

    def open(self) -> "Session":
        self.opened += 1
        return self

    def __call__(self, requests: Iterable[Request]) -> Iterator[Reply]:
        for request in requests:
            text = request.messages[0].content
            self.asked.append(text)
            error = "400: too long" if text == "long" else ""
            yield Reply(request.key, "" if error else text.upper(), 10, 5, error)

    def ask(self, *texts: str) -> tuple[dict[str, str], Asking]:
        wanted = requests(*texts)
        with (
            open_store(str(self.folder), Settings()) as store,
            KeptAnswers(store, "m", self.folder) as kept,
            heard_by(self.said.append),
        ):
            asking = Asking(self.config, kept, open=self.open)
            asking.foresee(wanted)
            asking.announce()
            found = asking.replies(wanted)
        return {key: reply.text or reply.error for key, reply in found.items()}, asking


def test_what_was_answered_is_not_asked_again(tmp_path: Path) -> None:
    Session(tmp_path).ask("a", "b")
    again = Session(tmp_path)

    found, asking = again.ask("b", "c")

    assert found == {"0": "B", "1": "C"}
    assert again.asked == ["c"]
    assert (asking.usage.answers, asking.usage.new_answers) == (2, 1)
    assert asking.usage.new_tokens == 15


def test_where_all_is_kept_no_model_is_opened(tmp_path: Path) -> None:
    Session(tmp_path).ask("a")
    again = Session(tmp_path)

    found, _ = again.ask("a")

    assert (found, again.opened) == ({"0": "A"}, 0)


def test_requests_that_ask_the_same_are_asked_once(tmp_path: Path) -> None:
    session = Session(tmp_path)

    found, asking = session.ask("a", "b", "a")

    assert found == {"0": "A", "1": "B", "2": "A"}
    assert session.asked == ["a", "b"]
    assert asking.plan.requests - asking.plan.kept == 2


def test_a_refusal_says_why_and_is_asked_again_by_the_next_run(tmp_path: Path) -> None:
    found, asking = Session(tmp_path).ask("long", "a")
    again = Session(tmp_path)
    again.ask("long", "a")

    assert found == {"0": "400: too long", "1": "A"}
    assert asking.usage.refused == 1
    assert again.asked == ["long"]


def test_a_budget_counts_what_earlier_runs_paid(tmp_path: Path) -> None:
    Session(tmp_path).ask("a", "b", "c")
    tight = CONFIG.model_copy(update={"budget": Budget(amount=160)})
    again = Session(tmp_path, tight)

    found, _ = again.ask("a", "b", "c", "d", "e")

    assert sorted(found) == ["0", "1", "2", "3"], (
        "45 were paid, some 110 are set aside for one more"
    )
    assert again.asked == ["d"]


@pytest.mark.parametrize("priced", [True, False])
def test_it_says_what_it_will_ask_before_it_does(tmp_path: Path, priced: bool) -> None:
    price = Price(prompt=100.0, completion=1000.0) if priced else None
    Session(tmp_path).ask("a")
    session = Session(tmp_path, CONFIG.model_copy(update={"price": price}))

    session.ask("a", "b" * 350)

    [said] = session.said
    assert said.startswith("openai:m: 2 functions, 1 calls (1 answers are kept from before)")
    assert "some 107 tokens to read and 100 to write" in said
    assert ("0.11 usd" in said) is priced
