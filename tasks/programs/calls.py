"""Calls of a function: from the text of its arguments to a sandbox call, and to source code."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from sandbox import Call, Program, decode, encode
from tasks.records.functions import Function, Parameter, ParameterKind


class ArgumentStyle(StrEnum):
    """How the arguments of a call are written, as far as the signature allows it."""

    POSITIONAL = "positional"
    KEYWORD = "keyword"
    MIXED = "mixed"
    """Required parameters by position, the others by keyword."""


def program_of(function: Function, arguments: Sequence[str]) -> Program:
    """The program that makes one call for each text of arguments.

    Raises:
        ValueError: a text does not fit the signature (see `call_of`).
    """
    calls = tuple(call_of(function.parameters, text) for text in arguments)
    return Program(function.program, function.name, calls)


def call_of(parameters: Sequence[Parameter], arguments: str) -> Call:
    """The call that passes `arguments`, the canonical literal of a dict from name to value.

    Raises:
        ValueError: the text is not such a literal, names a parameter that does not exist,
            or leaves out one that a later positional-only parameter needs.
    """
    return bind(parameters, decode_arguments(arguments))


def decode_arguments(arguments: str) -> dict[str, Any]:
    """The values by name. Raises ValueError where the text is not the literal of such a dict."""
    values = decode(arguments)
    if not isinstance(values, dict) or not all(isinstance(name, str) for name in values):
        raise ValueError(f"not a dict from parameter names to values: {arguments[:80]}")
    return values


def encode_arguments(parameters: Sequence[Parameter], values: Mapping[str, Any]) -> str:
    """Canonical text of the arguments, in the order of the signature."""
    return encode({p.name: values[p.name] for p in parameters if p.name in values})


def bind(
    parameters: Sequence[Parameter],
    values: Mapping[str, Any],
    style: ArgumentStyle = ArgumentStyle.POSITIONAL,
) -> Call:
    """Values by name as a call. A value after a gap is passed by keyword."""
    unknown = [name for name in values if name not in {p.name for p in parameters}]
    if unknown:
        raise ValueError(f"no parameter of that name: {', '.join(unknown)}")
    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    gap = False
    for parameter in parameters:
        if parameter.name not in values:
            gap = True
        elif gap or kwargs or _by_keyword(parameter, style):
            if parameter.kind is ParameterKind.POSITIONAL_ONLY:
                raise ValueError(
                    f"{parameter.name} is positional only, and one before it is left out"
                )
            kwargs[parameter.name] = values[parameter.name]
        else:
            args.append(values[parameter.name])
    return Call(tuple(args), kwargs)


def _by_keyword(parameter: Parameter, style: ArgumentStyle) -> bool:
    if parameter.kind is ParameterKind.POSITIONAL_ONLY:
        return False
    if parameter.kind is ParameterKind.KEYWORD_ONLY or style is ArgumentStyle.KEYWORD:
        return True
    return style is ArgumentStyle.MIXED and parameter.default is not None


def render_call(
    function_name: str, parameters: Sequence[Parameter], arguments: str, style: ArgumentStyle
) -> str:
    """Source text of the call, such as `wrap('a b', width=70)`; every value is a canonical literal.

    Raises:
        ValueError: as `call_of`.
    """
    call = bind(parameters, decode_arguments(arguments), style)
    written = [encode(value) for value in call.args]
    written += [f"{name}={encode(value)}" for name, value in call.kwargs.items()]
    return f"{function_name}({', '.join(written)})"
