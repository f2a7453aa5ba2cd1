"""Values as text: one canonical Python literal for each value, read back without `eval`.

Covered: None, bool, int, float, complex, str, bytes, tuple, list, set, frozenset and dict, by
exact type (an instance of a subclass is not one of them), nested in any way. Kept: nan, inf,
-0.0, the order of a dict, surrogates and NUL (escaped). Sets are written in the order of their
elements' texts, so that equal values have equal texts whatever the hash seed.

Not covered: which objects inside a value are one and the same; the payload of a nan.

This file is also copied into the jail, beside code that must not be trusted: no method of a
value's class is ever looked up, and nothing is imported before a value is read back.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:  # the jail loads this file without importing anything: forks stay cheap
    from collections.abc import Callable
    from typing import Any

MAX_BYTES = 64 << 10
"""Default limit of one value as UTF-8 text."""
MAX_DEPTH = 64
"""Containers inside each other; a cycle is endlessly deep."""
MAX_NODES = 20_000
"""Values in a value, each counted as often as it would be written."""
MAX_INT_BITS = 14_000
"""About 4,214 digits: below the 4,300 above which Python itself refuses to write an int."""

# By identity, not by hash: a hostile metaclass may define __hash__ and __eq__.
_SCALARS = frozenset(map(id, (type(None), bool, int, str, bytes, float)))
_CONTAINERS = frozenset(map(id, (tuple, list, dict, set, frozenset)))
_KNOWN = _SCALARS | _CONTAINERS | {id(complex)}
_INT, _FLOAT, _COMPLEX, _DICT = id(int), id(float), id(complex), id(dict)
_SETS = frozenset((id(set), id(frozenset)))
_SIZED = frozenset((id(str), id(bytes)))
_PLAIN = frozenset((id(type(None)), id(bool)))

_bit_length: Callable[[int], int] = int.bit_length
_qualname: Callable[[type], Any] = type.__dict__["__qualname__"].__get__
_module: Callable[[type], Any] = type.__dict__["__module__"].__get__


class ValueTooLargeError(ValueError):
    """A value is cyclic, too deep, or has too many nodes, digits or characters."""


def encode(value: Any, *, max_bytes: int = MAX_BYTES) -> str:
    """The canonical literal of `value`.

    Raises:
        ValueTooLargeError: It is cyclic, deeper than `MAX_DEPTH`, of more than `MAX_NODES`
            nodes, holds an int of more than `MAX_INT_BITS`, or its text has more than
            `max_bytes` bytes.
        TypeError: It holds something that has no literal; the message is the type's name.
    """
    write_scalar = _SCALAR_WRITERS.get(id(type(value)))
    if write_scalar is not None:
        text = write_scalar(value, max_bytes)
    else:
        text = _write(value) if _needs_care(value, max_bytes) else repr(value)
    if len(text) > max_bytes or not (text.isascii() or len(text.encode()) <= max_bytes):
        raise ValueTooLargeError(f"more than {max_bytes} bytes of text")
    return text


def type_name(cls: type) -> str:
    """The name of a type, with its module unless it is a builtin or the program's own.

    Asks `type` itself, since a metaclass may answer what it likes.
    """
    name, module = _qualname(cls), _module(cls)
    if type(module) is not str or module in {"builtins", "__main__"}:
        return str(name)
    return f"{module}.{name}"


def _needs_care(value: Any, max_bytes: int) -> bool:
    """Check the value level by level; True where `repr` would not be canonical."""
    level, nodes, care = [value], 0, False
    for _ in range(MAX_DEPTH + 1):
        nodes += len(level)
        if nodes > MAX_NODES:
            raise ValueTooLargeError(f"more than {MAX_NODES} nodes")
        kinds = set(map(id, map(type, level)))
        if not kinds <= _KNOWN:
            raise TypeError(_first_unknown(level))
        care = _level_needs_care(level, kinds, max_bytes) or care
        if not kinds & _CONTAINERS:
            return care
        level = _children(level)
    raise ValueTooLargeError(f"cyclic, or deeper than {MAX_DEPTH}")


def _first_unknown(level: list[Any]) -> str:
    return next(type_name(type(item)) for item in level if id(type(item)) not in _KNOWN)


def _level_needs_care(level: list[Any], kinds: set[int], max_bytes: int) -> bool:
    if kinds <= _PLAIN:
        return False
    if _INT in kinds:
        _check_bits(level if len(kinds) == 1 else [item for item in level if type(item) is int])
    if kinds & _SIZED:
        sized = [item for item in level if type(item) is str or type(item) is bytes]
        if sum(map(len, sized)) > max_bytes:
            raise ValueTooLargeError(f"more than {max_bytes} bytes of text")
    if _COMPLEX in kinds or kinds & _SETS:
        return True
    return _FLOAT in kinds and not all(_is_finite(item) for item in level if type(item) is float)


def _check_bits(numbers: list[int]) -> None:
    if max(map(_bit_length, numbers)) > MAX_INT_BITS:
        raise ValueTooLargeError(f"an int of more than {MAX_INT_BITS} bits")


def _children(level: list[Any]) -> list[Any]:
    children: list[Any] = []
    for item in level:
        kind = id(type(item))
        if kind in _CONTAINERS:
            if len(children) + len(item) > MAX_NODES:
                raise ValueTooLargeError(f"more than {MAX_NODES} nodes")
            children.extend(item)
            if kind == _DICT:
                children.extend(item.values())
    return children


def _write(value: Any) -> str:
    """The text of a value that has been checked, piece by piece."""
    return _WRITERS.get(id(type(value)), repr)(value)


def _is_finite(value: float) -> bool:
    return value - value == 0  # nan for inf and nan


def _is_negative(value: float) -> bool:
    return repr(value).startswith("-")  # of -0.0 too


def _write_float(value: float) -> str:
    return repr(value) if _is_finite(value) else f"float('{value!r}')"


def _write_int(value: int, _: int) -> str:
    _check_bits([value])
    return repr(value)


def _write_sized(value: str | bytes, max_bytes: int) -> str:
    if len(value) > max_bytes:
        raise ValueTooLargeError(f"more than {max_bytes} bytes of text")
    return repr(value)


_SCALAR_WRITERS: dict[int, Callable[[Any, int], str]] = {
    id(type(None)): lambda value, _: repr(value),
    id(bool): lambda value, _: repr(value),
    id(int): _write_int,
    id(float): lambda value, _: _write_float(value),
    id(str): _write_sized,
    id(bytes): _write_sized,
}
"""Of most values: nothing is inside them that would have to be looked at."""


def _write_complex(value: complex) -> str:
    """`repr` where arithmetic on its parts gives the same bits, else a call."""
    real, imag = value.real, value.imag
    exact = _is_finite(real) and _is_finite(imag)
    if real == 0:
        # "-2j" would be -0.0-2j, "(-0+2j)" would be 0.0+2j.
        exact = exact and not _is_negative(real) and not _is_negative(imag)
    elif imag == 0:
        exact = exact and not _is_negative(imag)
    if exact:
        return repr(value)
    return f"complex({_write_float(real)}, {_write_float(imag)})"


def _write_tuple(value: tuple[Any, ...]) -> str:
    if len(value) == 1:
        return f"({_write(value[0])},)"
    return "(" + ", ".join(map(_write, value)) + ")"


def _write_list(value: list[Any]) -> str:
    return "[" + ", ".join(map(_write, value)) + "]"


def _write_dict(value: dict[Any, Any]) -> str:
    return "{" + ", ".join(f"{_write(key)}: {_write(item)}" for key, item in value.items()) + "}"


def _write_set(value: set[Any]) -> str:
    return "{" + ", ".join(sorted(map(_write, value))) + "}" if value else "set()"


def _write_frozenset(value: frozenset[Any]) -> str:
    return "frozenset({" + ", ".join(sorted(map(_write, value))) + "})" if value else "frozenset()"


_WRITERS: dict[int, Callable[[Any], str]] = {
    id(float): _write_float,
    id(complex): _write_complex,
    id(tuple): _write_tuple,
    id(list): _write_list,
    id(dict): _write_dict,
    id(set): _write_set,
    id(frozenset): _write_frozenset,
}


def decode(text: str, *, max_bytes: int = MAX_BYTES) -> Any:
    """The value whose canonical literal is `text`; the strict inverse of `encode`.

    Raises:
        ValueError: The text is not what `encode` writes for any value.
    """
    # Only the host reads values back; the jail never pays for this import.
    from sandbox.literals import read_literal  # noqa: PLC0415

    if len(text) > max_bytes:
        raise ValueTooLargeError(f"more than {max_bytes} bytes of text")
    value = read_literal(text)
    try:
        canonical = encode(value, max_bytes=max_bytes)
    except TypeError as error:
        raise ValueError(f"not the literal of a value: {text[:80]!r}") from error
    if canonical != text:
        raise ValueError(f"not canonical: {text[:80]!r}, which would be {canonical[:80]!r}")
    return value
