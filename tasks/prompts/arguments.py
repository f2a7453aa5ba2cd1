"""Writing the arguments of all cases of a prompt in one style, or finding that it cannot be."""

from collections.abc import Callable, Mapping, Sequence

from tasks.programs.calls import ArgumentStyle, bind
from tasks.prompts.choose import Showable
from tasks.prompts.grammar import CALL_STYLES, Style
from tasks.prompts.values import as_json
from tasks.records.functions import Parameter

Parameters = Sequence[Parameter]
Bound = tuple[Sequence[str], Mapping[str, str]]
"""Literals passed by position, and by keyword."""


def written(
    style: Style, name: str, parameters: Parameters, cases: Sequence[Showable]
) -> list[str] | None:
    """The arguments of each case in that style; a whole call for a style that writes calls.

    None where the style does not fit every case: it would have to be mixed with another, or
    JSON cannot express a value.
    """
    if style in CALL_STYLES:
        bounds = _bound_alike(style, parameters, cases)
        return None if bounds is None else [call_text(name, bound) for bound in bounds]
    if not all(shown.by_name for shown in cases):
        return None
    return _WRITERS[style](parameters, cases)


def call_text(name: str, bound: Bound) -> str:
    """Source text of a call."""
    args, kwargs = bound
    return f"{name}({', '.join([*args, *(f'{key}={text}' for key, text in kwargs.items())])})"


def _bound_alike(
    style: Style, parameters: Parameters, cases: Sequence[Showable]
) -> list[Bound] | None:
    """All calls in one style, or None where the signature forces some out of it."""
    ways = _ways(ArgumentStyle(style.value), parameters, cases)
    if not _is_of_style(style, parameters, ways):
        return None
    bounds: list[Bound] = []
    for case in cases:
        by_name = case.by_name
        args, kwargs = ways[tuple(by_name)]
        bounds.append(([by_name[one] for one in args], {one: by_name[one] for one in kwargs}))
    return bounds


Names = tuple[str, ...]
Ways = Mapping[Names, tuple[Names, Names]]
"""By the names of the arguments, which are passed by position and which by keyword."""


def _ways(kind: ArgumentStyle, parameters: Parameters, cases: Sequence[Showable]) -> Ways:
    ways: dict[Names, tuple[Names, Names]] = {}
    for case in cases:
        names = tuple(case.by_name)
        if names not in ways:
            call = bind(parameters, {name: name for name in names}, kind)
            ways[names] = call.args, tuple(call.kwargs)
    return ways


def _is_of_style(style: Style, parameters: Parameters, ways: Ways) -> bool:
    if style is Style.POSITIONAL:
        return not any(kwargs for _, kwargs in ways.values())
    if style is Style.KEYWORD:
        return not any(args for args, _ in ways.values())
    # Mixed: where a call passes arguments both ways, or no purer style fits.
    if any(args and kwargs for args, kwargs in ways.values()):
        return True
    return all(not _fits_purely(pure, parameters, ways) for pure in _PURE)


_PURE = (Style.POSITIONAL, Style.KEYWORD)


def _fits_purely(style: Style, parameters: Parameters, ways: Ways) -> bool:
    kind = ArgumentStyle(style.value)
    calls = [bind(parameters, dict.fromkeys(names), kind) for names in ways]
    return not any(call.kwargs if style is Style.POSITIONAL else call.args for call in calls)


def _bindings(_: Parameters, cases: Sequence[Showable]) -> list[str]:
    return [", ".join(f"{k} = {text}" for k, text in shown.by_name.items()) for shown in cases]


def _values(parameters: Parameters, cases: Sequence[Showable]) -> list[str] | None:
    bounds = _bound_alike(Style.POSITIONAL, parameters, cases)
    return None if bounds is None else [", ".join(args) for args, _ in bounds]


def _tuples(parameters: Parameters, cases: Sequence[Showable]) -> list[str] | None:
    bounds = _bound_alike(Style.POSITIONAL, parameters, cases)
    if bounds is None:
        return None
    return [f"({args[0]},)" if len(args) == 1 else f"({', '.join(args)})" for args, _ in bounds]


def _objects(_: Parameters, cases: Sequence[Showable]) -> list[str] | None:
    return _all_or_none([_as_object(shown.by_name) for shown in cases])


def _as_object(by_name: Mapping[str, str]) -> str | None:
    items = [(name, as_json(text)) for name, text in by_name.items()]
    if any(text is None for _, text in items):
        return None
    return "{" + ", ".join([f'"{name}": {text}' for name, text in items]) + "}"


def _arrays(parameters: Parameters, cases: Sequence[Showable]) -> list[str] | None:
    values = _values(parameters, cases)
    return None if values is None else _all_or_none([as_json(f"[{text}]") for text in values])


def _all_or_none(texts: Sequence[str | None]) -> list[str] | None:
    found = [text for text in texts if text is not None]
    return found if len(found) == len(texts) else None


def _columns(_: Parameters, cases: Sequence[Showable]) -> list[str] | None:
    """The names of the columns, which must be the same for all; the cells are by name."""
    columns = [", ".join(shown.by_name) for shown in cases]
    return columns if len(set(columns)) == 1 else None


_WRITERS: Mapping[Style, Callable[[Parameters, Sequence[Showable]], list[str] | None]] = {
    Style.BINDINGS: _bindings,
    Style.VALUES: _values,
    Style.TUPLE: _tuples,
    Style.OBJECT: _objects,
    Style.ARRAY: _arrays,
    Style.COLUMNS: _columns,
}
