"""What servers say of waiting is understood."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tasks.models.pace import retry_after, span


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2", 2.0), ("0.5", 0.5), ("20ms", 0.02), ("6m0s", 360.0), ("1h2m3s", 3723.0)],
)
def test_spans_are_read(text: str, seconds: float) -> None:
    assert span(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "soon", "-1", "1 week"])
def test_what_is_no_span_says_nothing(text: str) -> None:
    assert span(text) is None


def test_a_wait_may_be_seconds_milliseconds_or_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)

    assert retry_after({"retry-after": "3"}) == 3.0
    assert retry_after({"retry-after-ms": "250"}) == 0.25
    assert 80 < (retry_after({"retry-after": later}) or 0) <= 90
    assert retry_after({"retry-after": "later"}) is None
    assert retry_after({}) is None
