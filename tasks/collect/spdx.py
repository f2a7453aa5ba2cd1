"""Licences by their SPDX names: said clearly, or not at all.

Covered: SPDX expressions with AND, OR, WITH and brackets; the names that classifiers, free-text
fields and data sets use. What is not surely one licence ("BSD") is none.
"""

import re
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageMetadata
from typing import Any

_IDENTIFIERS = (
    "0BSD",
    "AFL-3.0",
    "AGPL-3.0",
    "AGPL-3.0-only",
    "AGPL-3.0-or-later",
    "Apache-2.0",
    "Artistic-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSD-4-Clause",
    "BSL-1.0",
    "BlueOak-1.0.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC0-1.0",
    "ECL-2.0",
    "EPL-1.0",
    "EPL-2.0",
    "EUPL-1.2",
    "GPL-2.0",
    "GPL-2.0-only",
    "GPL-2.0-or-later",
    "GPL-3.0",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "HPND",
    "ISC",
    "LGPL-2.1",
    "LGPL-2.1-only",
    "LGPL-2.1-or-later",
    "LGPL-3.0",
    "LGPL-3.0-only",
    "LGPL-3.0-or-later",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-1.1",
    "MPL-2.0",
    "NCSA",
    "OFL-1.1",
    "PSF-2.0",
    "Python-2.0",
    "UPL-1.0",
    "Unlicense",
    "WTFPL",
    "ZPL-2.1",
    "Zlib",
)

_NAMES = {name.lower(): name for name in _IDENTIFIERS} | {
    "2-clause bsd": "BSD-2-Clause",
    "3-clause bsd": "BSD-3-Clause",
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license version 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "apache software license 2.0": "Apache-2.0",
    "boost software license 1.0 (bsl-1.0)": "BSL-1.0",
    "bsd 2-clause": "BSD-2-Clause",
    "bsd 3-clause": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "bsd-3-clause license": "BSD-3-Clause",
    "cc0 1.0 universal (cc0 1.0) public domain dedication": "CC0-1.0",
    "gnu affero general public license v3": "AGPL-3.0-only",
    "gnu affero general public license v3 or later (agplv3+)": "AGPL-3.0-or-later",
    "gnu general public license v2 (gplv2)": "GPL-2.0-only",
    "gnu general public license v2 or later (gplv2+)": "GPL-2.0-or-later",
    "gnu general public license v3 (gplv3)": "GPL-3.0-only",
    "gnu general public license v3 or later (gplv3+)": "GPL-3.0-or-later",
    "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0-only",
    "gnu lesser general public license v3 or later (lgplv3+)": "LGPL-3.0-or-later",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mit no attribution license (mit-0)": "MIT-0",
    "modified bsd license": "BSD-3-Clause",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "mpl 2.0": "MPL-2.0",
    "new bsd": "BSD-3-Clause",
    "new bsd license": "BSD-3-Clause",
    "psf": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
    "simplified bsd": "BSD-2-Clause",
    "the mit license": "MIT",
    "the mit license (mit)": "MIT",
    "the unlicense (unlicense)": "Unlicense",
    "zlib/libpng license": "Zlib",
}

_TOKEN = re.compile(r"\s*([()]|[^\s()]+)")
_OPERATORS = ("AND", "OR", "WITH")

Tokens = list[str]


def normalised(text: str) -> str:
    """The SPDX expression that a licence field means, or an empty string where that is not sure."""
    text = " ".join(text.split())
    if text.lower() in _NAMES:
        return _NAMES[text.lower()]
    tokens = _TOKEN.findall(text)
    if not any(token.upper() in _OPERATORS for token in tokens):
        return ""
    spelt = [token.upper() if token.upper() in _OPERATORS else _spelt(token) for token in tokens]
    if not all(map(_is_part, spelt)):
        return ""
    try:
        _is_allowed(list(spelt), ())
    except ValueError:
        return ""
    return " ".join(spelt).replace("( ", "(").replace(" )", ")")


def all_of(licences: Iterable[str]) -> str:
    """One expression for several licences that all hold; empty where one is not known."""
    known = sorted(set(licences))
    if "" in known:
        return ""
    if len(known) == 1:
        return known[0]
    return " AND ".join(f"({name})" if " OR " in name else name for name in known)


def is_allowed(expression: str, allowed: Sequence[str]) -> bool:
    """Whether code under that expression may be used by someone who takes these licences.

    Of `A OR B` one must be among them, of `A AND B` both. An exception (`WITH`) only ever permits
    more. What is not known is not allowed.
    """
    try:
        return bool(expression) and _is_allowed(_TOKEN.findall(expression), allowed)
    except ValueError:
        return False


def _is_allowed(tokens: Tokens, allowed: Sequence[str]) -> bool:
    """Raises ValueError for what is no expression."""
    answer = _any_of(tokens, allowed)
    if tokens:
        raise ValueError(tokens[0])
    return answer


def _any_of(tokens: Tokens, allowed: Sequence[str]) -> bool:
    answers = [_each_of(tokens, allowed)]
    while tokens and tokens[0] == "OR":
        del tokens[0]
        answers.append(_each_of(tokens, allowed))
    return any(answers)


def _each_of(tokens: Tokens, allowed: Sequence[str]) -> bool:
    answers = [_one(tokens, allowed)]
    while tokens and tokens[0] == "AND":
        del tokens[0]
        answers.append(_one(tokens, allowed))
    return all(answers)


def _one(tokens: Tokens, allowed: Sequence[str]) -> bool:
    token = _next(tokens)
    if token == "(":  # noqa: S105 - a bracket is no password
        answer = _any_of(tokens, allowed)
        if _next(tokens) != ")":
            raise ValueError("a bracket is open")
        return answer
    if token in {")", *_OPERATORS}:
        raise ValueError(token)
    if tokens and tokens[0] == "WITH":
        del tokens[0]
        _next(tokens)
    return token in allowed


def _next(tokens: Tokens) -> str:
    if not tokens:
        raise ValueError("the expression ends too early")
    return tokens.pop(0)


def _is_part(token: str) -> bool:
    """Whether an expression can hold it; there are more identifiers than are listed above."""
    return token in {"(", ")", *_OPERATORS} or token in _IDENTIFIERS or "-" in token


def _spelt(token: str) -> str:
    return _NAMES.get(token.lower(), token)


def licence_of(metadata: PackageMetadata | Any) -> str:
    """The SPDX expression of a package's metadata, or an empty string where that is not clear."""
    # Not by subscript: where importlib_metadata is imported, that raises for what is missing.
    for expression in filter(None, metadata.get_all("License-Expression") or []):
        return str(expression)
    named = [normalised(str(text)) for text in metadata.get_all("License") or []]
    named += [
        normalised(line.rpartition(" :: ")[2])
        for line in metadata.get_all("Classifier") or []
        if line.startswith("License ::")
    ]
    return all_of(name for name in named if name)
