"""How a rule says no."""

from tasks.records.drops import DropReason


class RejectedError(Exception):
    """A function is left out; caught where functions are judged, never seen by a user."""

    def __init__(self, reason: DropReason, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
