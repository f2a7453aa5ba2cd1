"""How fast a server may be asked: its own limits, and those that it tells of as it answers.

Covered: requests and tokens a minute, from the settings or from `x-ratelimit-*` headers that say
that nothing is left; Retry-After in seconds, milliseconds or as a date. A wait that the server
asks for holds everybody who asks it, not only the one who was told.
"""

import asyncio
import re
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

MAX_HOLD = 900.0
"""Seconds. A server that asks for more is not waited for: the run can be started again later."""
_PARTS = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class Pace:
    """When the next request may be sent. Shared by threads."""

    def __init__(
        self, requests_per_minute: float | None = None, tokens_per_minute: float | None = None
    ) -> None:
        self._per_request = 60.0 / requests_per_minute if requests_per_minute else 0.0
        self._per_token = 60.0 / tokens_per_minute if tokens_per_minute else 0.0
        self._next = 0.0
        self._held_until = 0.0
        self._lock = threading.Lock()

    async def wait(self, tokens: int) -> None:
        """Returns when a request of that many tokens, answer included, may be sent."""
        if (delay := self._reserve(tokens)) > 0:
            await asyncio.sleep(delay)
        while (delay := self._held_until - time.monotonic()) > 0:  # noqa: ASYNC110 - others hold it
            await asyncio.sleep(delay)

    def _reserve(self, tokens: int) -> float:
        cost = max(self._per_request, tokens * self._per_token)
        if not cost:
            return 0.0
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + cost
            return turn - now

    def hold(self, seconds: float) -> None:
        """Nothing is sent for that long."""
        with self._lock:
            self._held_until = max(self._held_until, time.monotonic() + min(seconds, MAX_HOLD))

    def heed(self, headers: Mapping[str, str]) -> None:
        """Hold where the headers of an answer say that no requests or tokens are left."""
        for kind in ("requests", "tokens"):
            if headers.get(f"x-ratelimit-remaining-{kind}") == "0":
                self.hold(span(headers.get(f"x-ratelimit-reset-{kind}", "")) or 0.0)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait; None where it does not say."""
    if milliseconds := span(headers.get("retry-after-ms", "")):
        return milliseconds / 1000
    text = headers.get("retry-after", "")
    if (seconds := span(text)) is not None:
        return seconds
    try:
        left = parsedate_to_datetime(text) - datetime.now(UTC)
    except (TypeError, ValueError):
        return None
    return max(left.total_seconds(), 0.0)


def span(text: str) -> float | None:
    """Seconds in `1.5`, `20ms`, `1s` or `6m0s`; None for anything else."""
    text = text.strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    if text and not _PARTS.sub("", text):
        return sum(float(number) * _SECONDS[unit] for number, unit in _PARTS.findall(text))
    return None
