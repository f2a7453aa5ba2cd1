"""Lets whoever started a training hear its events, across the task that runs it."""

from tasks.notices import Channel
from tasks.training.events import Event


def _unheard(_: Event) -> None:
    """Nobody waits: the events are in the log of the training too."""


_events = Channel[Event]("events", _unheard)
tell = _events.say
heard_by = _events.heard_by
