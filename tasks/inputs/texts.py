"""Texts of many kinds: words, paths, dates, numbers in words of digits, small documents."""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from random import Random

from tasks.inputs.chances import chance
from tasks.inputs.word_lists import words

WORDS = words(
    "apple banana cherry orange lemon red blue green hello world python code data list tree"
    " river stone light dark north south alpha beta gamma delta cat dog bird fish level radar"
    " noon test name value one two three four five quick brown fox lazy jumps over the and a"
    " of in is garden window summer winter music paper cloud silver madam racecar listen"
    " silent"
)
NAMES = ("Alice", "Bob", "Carol", "David", "Eve", "Frank")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
COMMON = 0.75
"""Share of characters that a keyboard has."""
_UNUSUAL = (
    "\t\n\x00\x1b\x7f\x85\xa0\xad\xe9\xdf\xb2\u0130\u0221\u0340\u05d0\u0661\u1e9e"
    "\u200b\u200e\u2028\u2160\u3000\u4e2d\ue000\ufdd0\ufeff\ufffd\uff21\U0001f600"
)
"""One or two of most kinds: controls, spaces, marks, digits, other scripts, private, none."""
_EXTENSIONS = ("txt", "py", "csv", "tar.gz", "json", "jpg")


def write(flavour: str, rng: Random) -> str:
    """A text of that kind. Raises KeyError for a kind that does not exist."""
    return FLAVOURS[flavour](rng)


def word(rng: Random) -> str:
    """One word, sometimes with capitals."""
    plain = rng.choice(WORDS)
    return rng.choice((plain, plain, plain, plain.capitalize(), plain.upper(), rng.choice(NAMES)))


def sentence(rng: Random) -> str:
    """Some words, sometimes with a capital, a stop, a comma or a number."""
    words = [rng.choice(WORDS) for _ in range(rng.randint(2, 6))]
    if chance(rng, 0.3):
        words[rng.randrange(len(words))] = str(rng.randint(0, 99))
    separator = rng.choice((" ", " ", " ", " ", ", ", "  "))
    text = separator.join(words)
    return rng.choice((text, text.capitalize() + rng.choice(".!?"), text.title()))


def _lines(rng: Random) -> str:
    indent = rng.choice(("", "", "  ", "    ", "\t"))
    parts = [sentence(rng) for _ in range(rng.randint(2, 4))]
    if chance(rng, 0.7):
        parts = [indent + rng.choice(("", "", "  ")) + part for part in parts]
    return "\n".join(parts) + rng.choice(("", "\n"))


def _letters(rng: Random) -> str:
    alphabet = rng.choice((_LETTERS, "abc", "ab", _LETTERS + _LETTERS.upper() + "0123456789"))
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(1, 8)))


def _character(rng: Random) -> str:
    usual = _LETTERS + _LETTERS.upper() + "0123456789 .,-_"
    return rng.choice(usual if chance(rng, COMMON) else _UNUSUAL)


def _digits(rng: Random) -> str:
    return str(rng.choice((rng.randint(0, 9), rng.randint(10, 99), rng.randint(100, 99999))))


def _decimal(rng: Random) -> str:
    return rng.choice((_digits(rng), f"{rng.uniform(-50, 100):.2f}", f"{rng.randint(1, 9)}.5"))


def _path(rng: Random) -> str:
    folders = [rng.choice(WORDS) for _ in range(rng.randint(0, 3))]
    name = f"{rng.choice(WORDS)}.{rng.choice(_EXTENSIONS)}"
    root = rng.choice(("/", "", "", "./", "../", "~/"))
    return root + "/".join([*folders, rng.choice((name, name, rng.choice(WORDS)))])


def _file(rng: Random) -> str:
    return f"{rng.choice(WORDS)}.{rng.choice(_EXTENSIONS)}"


def _host(rng: Random) -> str:
    host = f"{rng.choice(('www.', '', 'api.'))}{rng.choice(WORDS)}.{rng.choice(('com', 'org'))}"
    return host + rng.choice(("", "", ":8080"))


def _url(rng: Random) -> str:
    scheme = rng.choice(("http", "https", "ftp"))
    query = rng.choice(("", "", f"?{rng.choice(WORDS)}={rng.randint(1, 9)}", "#top"))
    return f"{scheme}://{_host(rng)}/{rng.choice(('', _path(rng).lstrip('./~')))}{query}"


def _address(rng: Random) -> str:
    quad = ".".join(str(rng.choice((0, 1, 10, 127, 192, 255, rng.randint(0, 255)))) for _ in "1234")
    return rng.choice((quad, quad, quad + "/24", "::1", "2001:db8::ff00:42:8329"))


def _email(rng: Random) -> str:
    return f"{rng.choice(WORDS)}{rng.choice(('', '.b', '99'))}@{rng.choice(WORDS)}.com"


def _date(rng: Random) -> str:
    year, month, day = rng.randint(1970, 2030), rng.randint(1, 12), rng.randint(1, 28)
    clock = f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}"
    plain = f"{year}-{month:02}-{day:02}"
    return rng.choice(
        (plain, plain, f"{day:02}/{month:02}/{year}", f"{plain} {clock}", f"{plain}T{clock}Z")
    )


def dated(form: str, rng: Random) -> str:
    """A moment in the format of `strptime`; the format itself where nothing can be written so."""
    moment = datetime(
        *(rng.randint(1970, 2030), rng.randint(1, 12), rng.randint(1, 28)),
        *(rng.randint(0, 23), rng.randint(0, 59), rng.randint(0, 59)),
        tzinfo=UTC,
    )
    try:
        return moment.strftime(form)
    except ValueError:
        return form


def _clock(rng: Random) -> str:
    clock = f"{rng.randint(0, 23):02}:{rng.randint(0, 59):02}"
    return rng.choice((clock, f"{clock}:{rng.randint(0, 59):02}", f"{clock} PM"))


def _version(rng: Random) -> str:
    numbers = [str(rng.randint(0, 20)) for _ in range(rng.randint(2, 4))]
    return ".".join(numbers) + rng.choice(("", "", "", "rc1", "b2", "-alpha"))


def _hexadecimal(rng: Random) -> str:
    length = rng.choice((1, 2, 4, 6, 8))
    text = "".join(rng.choice("0123456789abcdef") for _ in range(length))
    return rng.choice((text, text.upper(), "#" + text, "0x" + text))


def _binary(rng: Random) -> str:
    return "".join(rng.choice("01") for _ in range(rng.randint(1, 10)))


def _dna(rng: Random) -> str:
    return "".join(rng.choice("ACGT") for _ in range(rng.randint(1, 12)))


def _roman(rng: Random) -> str:
    return rng.choice(("I", "IV", "VII", "IX", "XIV", "XL", "XC", "CDXLIV", "MCMXCIV", "MMXXIV"))


def _json(rng: Random) -> str:
    flat = {rng.choice(WORDS): rng.choice((1, 2.5, "x", None, True)) for _ in range(2)}
    return json.dumps(rng.choice((flat, [1, 2, 3], {"a": flat}, rng.randint(0, 99), [flat])))


def _html(rng: Random) -> str:
    text = sentence(rng)
    return rng.choice(
        (f"<p>{text}</p>", f'<a href="/{rng.choice(WORDS)}">{text}</a>', f"{text} &amp; <b>x</b>")
    )


def _expression(rng: Random) -> str:
    a, b, c = (rng.randint(0, 20) for _ in range(3))
    return rng.choice(
        (f"{a} + {b}", f"({a}+{b})*{c}", f"{a}-{b}", "(())", "[{()}]", "(]", "x**2 + 3*x")
    )


def _phone(rng: Random) -> str:
    number = f"{rng.randint(200, 999)}-{rng.randint(200, 999)}-{rng.randint(1000, 9999)}"
    return rng.choice((number, number.replace("-", ""), f"+1 ({number[:3]}) {number[4:]}"))


def _encoding(rng: Random) -> str:
    return rng.choice(("utf-8", "utf-8", "ascii", "latin-1", "utf-16"))


def _errors(rng: Random) -> str:
    return rng.choice(("strict", "strict", "ignore", "replace"))


def _wildcard(rng: Random) -> str:
    return rng.choice(("*.txt", "a*b", "file?.py", "[a-c]*", "*", "a+b", r"\d+", "hello", "h.llo"))


def _accented(rng: Random) -> str:
    return rng.choice((rng.choice(_ACCENTED), f"{rng.choice(_ACCENTED)} {word(rng)}", word(rng)))


_ACCENTED = (
    "caf\xe9",
    "na\xefve",
    "Z\xfcrich",
    "ma\xf1ana",
    "stra\xdfe",
    "\xc5ngstr\xf6m",
    "\u65e5\u672c",
    "\u0395\u03bb\u03bb\u03ac\u03b4\u03b1",
    "\u043f\u0440\u0438\u0432\u0435\u0442",
    "\xa320 \u2013 \u20ac30",
    "\U0001f600 ok",
)


def _base64(rng: Random) -> str:
    return base64.b64encode(sentence(rng)[: rng.randint(1, 18)].encode()).decode()


def _quoted(rng: Random) -> str:
    text = sentence(rng)
    inner = rng.choice(
        (text, text.replace(" ", '\\"', 1), f"{word(rng)} & <{word(rng)}>", f"a{_mark(rng)}b")
    )
    mark = rng.choice(('"', "'", '"', "<", ""))
    return mark + inner + (">" if mark == "<" else mark)


def _printable(rng: Random) -> str:
    """As in quoted-printable mail."""
    code = f"={rng.choice((*range(32, 127), *range(160, 256))):02X}"
    return rng.choice((word(rng), "")) + rng.choice((code, "=3D", "_", "=C3=A9")) + word(rng)


def _mark(rng: Random) -> str:
    return rng.choice("\"'\\/&%=?;:,<>#@!$ +\t\n")


def _option(rng: Random) -> str:
    name = rng.choice(WORDS)
    return rng.choice(
        (f"--{name}", f"--{name}={rng.randint(0, 99)}", f"-{name[0]}", name, f"-{name[0]}{name}")
    )


def _header(rng: Random) -> str:
    kind = rng.choice(("text/html", "application/json", "text/plain"))
    name = rng.choice(WORDS)
    return rng.choice(
        (
            f"{kind}; charset={_encoding(rng)}",
            f'attachment; filename="{_file(rng)}"',
            f"{name}={rng.choice(WORDS)}; path=/; {rng.choice(WORDS)}={rng.randint(0, 99)}",
            f"{word(rng)} <{_email(rng)}>",
            f'"{sentence(rng)}" <{_email(rng)}>, {_email(rng)}',
            rng.choice((kind, "Content-Type", "keep-alive", "gzip, deflate", "en-US,en;q=0.5")),
        )
    )


def _module(rng: Random) -> str:
    parts = [rng.choice(WORDS) for _ in range(rng.randint(1, 4))]
    return rng.choice(("", "", "", ".", "..")) + ".".join(parts)


def _locale(rng: Random) -> str:
    code = rng.choice(("en_US", "de_DE", "fr", "pt_BR", "zh_CN", "C", "ja_JP", "es"))
    return code + rng.choice(("", ".UTF-8", ".iso8859-1", "@euro", ".utf8@latin"))


def _markdown(rng: Random) -> str:
    text = sentence(rng)
    return rng.choice(
        (f"# {text}", f"- {text}", f"**{text}**", f"[{text}]({_url(rng)})", f"`{text}`")
    )


def _csv(rng: Random) -> str:
    cells = [rng.choice((word(rng), _digits(rng), f'"{sentence(rng)}"', "")) for _ in range(4)]
    return rng.choice((",", ";", "\t")).join(cells)


def _identifier(rng: Random) -> str:
    parts = [rng.choice(WORDS) for _ in range(rng.randint(1, 3))]
    snake = "_".join(parts)
    camel = "".join(part.capitalize() for part in parts)
    return rng.choice(
        (snake, camel, camel[0].lower() + camel[1:], snake.upper(), "_" + snake, f"__{snake}__")
    )


FLAVOURS: Mapping[str, Callable[[Random], str]] = {
    "word": word,
    "sentence": sentence,
    "lines": _lines,
    "letters": _letters,
    "character": _character,
    "digits": _digits,
    "decimal": _decimal,
    "path": _path,
    "file": _file,
    "url": _url,
    "host": _host,
    "address": _address,
    "email": _email,
    "date": _date,
    "clock": _clock,
    "version": _version,
    "hexadecimal": _hexadecimal,
    "binary": _binary,
    "dna": _dna,
    "roman": _roman,
    "json": _json,
    "html": _html,
    "expression": _expression,
    "phone": _phone,
    "wildcard": _wildcard,
    "encoding": _encoding,
    "errors": _errors,
    "accented": _accented,
    "base64": _base64,
    "quoted": _quoted,
    "printable": _printable,
    "option": _option,
    "header": _header,
    "module": _module,
    "locale": _locale,
    "markdown": _markdown,
    "csv": _csv,
    "identifier": _identifier,
}
