"""What a function is about, by its name, its docstring and its module: paths, dates, addresses.

A topic is a kind of text (see `tasks.inputs.texts`) that goes to parameters which take texts
and have no kind of their own.
"""

import re
from collections.abc import Iterator, Mapping

from tasks.inputs.shapes import Base, Shape, weights
from tasks.inputs.word_lists import words
from tasks.records.functions import Function

MAX_TOPICS = 2
PLAIN = frozenset(("word", "sentence", "letters"))
"""Kinds that say no more than that it is a text."""
AS_TEXT = 0.3
"""From this share of the likeliest type on, a parameter may be a text."""
BY_TOPIC = 0.8
_TEXTUAL = re.compile(
    r"(?:^|_)(?:str|string|text|chars?|words?)(?:_|$)|^_?str(?!uct|eam|ide|ategy)"
)
_ABOUT_TEXT = re.compile(
    r"(?i)^\W*(?:compare|convert|parse|split|strip|encode|decode|escape|quote|unquote|normali[sz]e"
    r"|tokenize|wrap|indent|remove|replace)[a-z]*\b[^.]{0,30}\b(?:strings?|text|words?)\b"
)
"""The first words of a docstring about what becomes of a text."""
_TOPICS: Mapping[str, str] = {
    word: flavour
    for flavour, known in {
        "path": "path paths pathname filename filepath filesystem directory directories dirname"
        " posixpath ntpath genericpath basename splitext splitdrive normpath pathlib",
        "url": "url urls uri urllib urlsplit urlparse urlopen robotparser",
        "date": "date dates isoformat datetime iso8601 day calendar weekday",
        "clock": "time hms hh mm timezone utcoffset clock duration",
        "email": "email emails mailbox smtplib rfc822 rfc2822 rfc5322",
        "html": "html xml saxutils markup sgml xhtml cdata",
        "json": "json",
        "address": "ip ipv4 ipv6 ipaddress subnet netmask",
        "version": "version versions pep440 semver release",
        "hexadecimal": "hex hexadecimal hexdigest base16 unhexlify",
        "lines": "indent dedent indentation lines multiline cleandoc pydoc difflib textwrap"
        " docstring paragraph",
        "accented": "unicode nonascii punycode idna utf utf8 utf16 latin1 charset codec"
        " encodings stringprep normalize nfkd nfkc",
        "base64": "base64 b64 b64decode base64mime",
        "quoted": "quote quotes quoted unquote dequote shlex escape unescape escaped",
        "printable": "quopri quoprimime qp",
        "option": "getopt argparse optparse argv option options commandline longopts",
        "header": "header headers cookie cookies cookiejar mime wsgiref httpcookies contenttype"
        " mailcap multipart",
        "module": "module modules importlib import pkgutil package dotted qualname",
        "locale": "locale locales gettext localename",
        "wildcard": "glob fnmatch wildcard wildcards",
        "markdown": "markdown md rst",
        "csv": "csv tsv delimiter delimited",
        "identifier": "identifier camelcase snake_case camel snake pascal",
    }.items()
    for word in words(known)
}


def read_topics(function: Function, shapes: Mapping[str, Shape]) -> None:
    """Add the topics of a function to its parameters that take texts of no special kind."""
    for name, shape in shapes.items():
        own = [_TOPICS[word] for word in _split(name) if word in _TOPICS]
        topics = list(dict.fromkeys(own or topics_of(function)))
        if topics:
            _add(shape, topics)
    if _TEXTUAL.search(function.name) or _ABOUT_TEXT.search(function.docstring):
        for shape in shapes.values():
            shape.favour((Base.STR,), BY_TOPIC)


def topics_of(function: Function) -> tuple[str, ...]:
    """The topics of a function, those of its name before those of its docstring and module."""
    found = [_TOPICS[word] for word in _words_of(function) if word in _TOPICS]
    return tuple(dict.fromkeys(found))[:MAX_TOPICS]


def _words_of(function: Function) -> Iterator[str]:
    yield from _split(function.name)
    yield from _split(function.path.rsplit(".", 1)[0].rsplit("/", 1)[-1])
    yield from _split(function.docstring[:300])
    yield from _split(function.path)


def _split(text: str) -> Iterator[str]:
    for word in re.findall(r"[A-Za-z_][A-Za-z_0-9]*", text):
        yield word.lower()
        parts = re.findall(r"[A-Z]?[a-z]+\d*|[A-Z]+\d*", word)
        if len(parts) > 1:
            yield from (part.lower() for part in parts)


def _add(shape: Shape, topics: list[str]) -> None:
    known = weights(shape)
    if max(known[Base.STR], known[Base.BYTES]) >= AS_TEXT:
        if not any(flavour not in PLAIN for flavour in shape.flavours):
            shape.flavours.extend(topics)
            shape.topical = True
        if not shape.patterns and known[Base.BYTES] < 1:
            shape.favour((Base.STR,), BY_TOPIC)
    for inner in (shape.item, *(pieces.item for _, pieces in shape.parts)):
        if inner is not None and known[Base.LIST] >= AS_TEXT and not inner.flavours:
            _add(inner, topics)
