import logging
import threading
from contextvars import copy_context

import pytest

from tasks.notices import Channel, heard_by, notice


def test_everybody_around_hears_and_nobody_after_the_block() -> None:
    unheard: list[str] = []
    channel = Channel[str]("test", unheard.append)
    outer: list[str] = []
    inner: list[str] = []
    with channel.heard_by(outer.append):
        with channel.heard_by(inner.append):
            channel.say("both")
        channel.say("one")
    channel.say("none")
    assert (outer, inner, unheard) == (["both", "one"], ["both"], ["none"])


def test_a_thread_with_the_context_of_its_caller_is_heard() -> None:
    said: list[str] = []
    with heard_by(said.append):
        context = copy_context()
        thread = threading.Thread(target=lambda: context.run(notice, "from a task"))
        thread.start()
        thread.join()
    assert said == ["from a task"]


def test_without_a_listener_a_line_goes_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="tasks.notices"):
        notice("100% done")
    assert caplog.messages == ["100% done"]
