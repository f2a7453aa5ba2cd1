"""Bytes as a person reads them."""

_STEP = 1_000
_UNITS = ("kB", "MB", "GB")


def in_words(size: int | None) -> str:
    """`312 B`, `4.1 kB`, `1,204.5 GB`; empty for None."""
    if size is None:
        return ""
    if size < _STEP:
        return f"{size} B"
    amount = float(size)
    for unit in _UNITS:
        amount /= _STEP
        if round(amount, 1) < _STEP or unit == _UNITS[-1]:
            return f"{amount:,.1f} {unit}"
    raise AssertionError("unreachable: the last unit takes all")
