"""What the name of a parameter, and the words about it in the docstring, suggest."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tasks.inputs.shapes import Base, Shape
from tasks.inputs.word_lists import words


@dataclass(frozen=True, slots=True)
class Hint:
    """What a word suggests of the value that bears it."""

    base: Base
    item: Base | None = None
    inner: Base | None = None
    """Of the elements of the elements."""
    flavour: str = ""
    span: tuple[int, int] | None = None


def _hints(names: str, hint: Hint) -> dict[str, Hint]:
    return dict.fromkeys(words(names), hint)


_INT, _FLOAT, _STR, _LIST, _DICT = Base.INT, Base.FLOAT, Base.STR, Base.LIST, Base.DICT
_WORDS: Mapping[str, Hint] = {
    **_hints(
        "n k m i j num number count amount limit total size length len width height depth level"
        " offset position pos index idx step steps steps times score rank seed target capacity"
        " max min maximum minimum low high lo hi left right start stop end begin row col rows cols"
        " columns mod modulus key_length bits bit mask exponent exp order degree quantity age qty"
        " int integer integers value1 value2 numerator denominator lower upper threshold rounds",
        Hint(_INT),
    ),
    **_hints("year years", Hint(_INT, span=(1900, 2100))),
    **_hints("month months", Hint(_INT, span=(1, 12))),
    **_hints("day days weekday", Hint(_INT, span=(1, 28))),
    **_hints("hour hours", Hint(_INT, span=(0, 23))),
    **_hints("minute minutes second seconds secs", Hint(_INT, span=(0, 59))),
    **_hints("base radix", Hint(_INT, span=(2, 16))),
    **_hints("digit digits", Hint(_INT, span=(0, 9))),
    **_hints("percent percentage pct", Hint(_INT, span=(0, 100))),
    **_hints("port", Hint(_INT, span=(1, 65535))),
    **_hints("width indent tabsize precision ndigits decimals places", Hint(_INT, span=(0, 20))),
    **_hints("x y z a b c d r p q t u v w", Hint(_INT)),
    **_hints(
        "price rate ratio weight temperature temp celsius fahrenheit kelvin speed velocity mass"
        " radius distance angle theta lat lon lng latitude longitude probability prob alpha beta"
        " gamma epsilon eps tolerance tol factor scale interest salary bmi voltage current time dx"
        " float duration energy pressure volume area",
        Hint(_FLOAT),
    ),
    **_hints(
        "s s1 s2 str str1 str2 string string1 string2 strings1 word word1 word2 label title tag st"
        " prefix suffix substring substr needle haystack token symbol key name username user first"
        " last identifier ident attr attribute field mode kind type op operator operation command"
        " cmd action direction unit units option suffixes lang language color colour",
        Hint(_STR, flavour="word"),
    ),
    **_hints(
        "text sentence phrase message msg line paragraph content body source src comment"
        " description doc docstring plaintext plain input_string input_str data_string question"
        " query cipher ciphertext encrypted txt",
        Hint(_STR, flavour="sentence"),
    ),
    **_hints("char ch character letter", Hint(_STR, flavour="character")),
    **_hints("path filepath file filename fname fn directory dirname folder pathname",
             Hint(_STR, flavour="path")),
    **_hints("url uri link href", Hint(_STR, flavour="url")),
    **_hints("host hostname domain netloc server", Hint(_STR, flavour="host")),
    **_hints("ip ipaddress address addr", Hint(_STR, flavour="address")),
    **_hints("email mail", Hint(_STR, flavour="email")),
    **_hints("date birthday dob timestamp", Hint(_STR, flavour="date")),
    **_hints("version ver", Hint(_STR, flavour="version")),
    **_hints("hexstr hex hexadecimal hex_string", Hint(_STR, flavour="hexadecimal")),
    **_hints("binary bin bin_string bitstring", Hint(_STR, flavour="binary")),
    **_hints("dna rna sequence_dna strand gene genome", Hint(_STR, flavour="dna")),
    **_hints("roman numeral", Hint(_STR, flavour="roman")),
    **_hints("json", Hint(_STR, flavour="json")),
    **_hints("html xml markup", Hint(_STR, flavour="html")),
    **_hints("expression expr formula equation parens brackets", Hint(_STR, flavour="expression")),
    **_hints("phone telephone", Hint(_STR, flavour="phone")),
    **_hints("encoding charset codec", Hint(_STR, flavour="encoding")),
    **_hints("errors", Hint(_STR, flavour="errors")),
    **_hints("pattern regex wildcard glob", Hint(_STR, flavour="wildcard")),
    **_hints(
        "arr array nums numbers lst list list1 list2 l1 l2 arr1 arr2 seq sequence xs ys values"
        " vals ints scores prices heights weights coins counts indices indexes sizes lengths"
        " digits_list numlist num_list number_list int_list stack queue heap items elements data"
        " collection a_list my_list mylist input_list alist lists series samples population"
        " coefficients coeffs poly vector vec intlist bits_list bills ages ratings integers_list",
        Hint(_LIST, _INT),
    ),
    **_hints(
        "words names lines strings strs tokens labels keys tags parts args argv sentences texts"
        " fields columns_names letters chars characters files paths instructions commands moves"
        " headers rows_text genes sequences members students users langs tokens_list wordlist"
        " word_list strlist string_list str_list namelist",
        Hint(_LIST, _STR),
    ),
    **_hints("matrix grid board mat matrix1 matrix2 table image img maze map array2d field2d rows2d"
             " triangle cells", Hint(_LIST, _LIST, _INT)),
    **_hints("points edges pairs intervals coords coordinates ranges vertices segments tuples",
             Hint(_LIST, Base.TUPLE, _INT)),
    **_hints("point coord coordinate pair size2d interval pt p1 p2 loc location pos1 pos2 shape"
             " rgb bbox", Hint(Base.TUPLE, _INT)),
    **_hints("records people employees entries products dicts objects",
             Hint(_LIST, _DICT)),
    **_hints("d dct dict dictionary dic mapping config cfg params kwargs options settings obj"
             " context env attrs attributes properties metadata meta headers_dict inventory"
             " frequencies freq histogram counter lookup hash hashmap", Hint(_DICT, _INT)),
    **_hints("graph adjacency adj tree_dict dag", Hint(_DICT, flavour="graph")),
    **_hints("bytes bytestring bytestr bstring bstr bytearray raw buf buffer payload"
             " blob packet chunk byte_string",
             Hint(Base.BYTES)),
    **_hints("flag reverse verbose strict inclusive ascending descending inplace recursive ignore"
             " debug force case_sensitive sort sorted is_sorted enabled quiet keepends normalize",
             Hint(Base.BOOL)),
    **_hints("set1 set2 visited seen", Hint(Base.SET, _INT)),
}  # fmt: skip

_PREFIXES: tuple[tuple[str, Hint], ...] = (
    ("is_", Hint(Base.BOOL)),
    ("has_", Hint(Base.BOOL)),
    ("use_", Hint(Base.BOOL)),
    ("num_", Hint(_INT)),
    ("n_", Hint(_INT)),
    ("max_", Hint(_INT)),
    ("min_", Hint(_INT)),
    ("list_of_", Hint(_LIST)),
)
_DOCUMENTED: tuple[tuple[str, Hint], ...] = (
    (r"list of (?:str|string|word)", Hint(_LIST, _STR)),
    (r"list of (?:int|number|float)", Hint(_LIST, _INT)),
    (r"list of (?:list|row)", Hint(_LIST, _LIST, _INT)),
    (r"list of tuple", Hint(_LIST, Base.TUPLE)),
    (r"list of dict", Hint(_LIST, _DICT)),
    (r"list|array|sequence|iterable", Hint(_LIST)),
    (r"dict|mapping", Hint(_DICT)),
    (r"bool|true if|flag", Hint(Base.BOOL)),
    (r"float|real number", Hint(_FLOAT)),
    (r"int\b|integer", Hint(_INT)),
    (r"byte", Hint(Base.BYTES)),
    (r"str\b|string|text|word|name", Hint(_STR)),
    (r"tuple|pair", Hint(Base.TUPLE)),
    (r"set\b", Hint(Base.SET)),
    (r"number", Hint(_INT)),
)
BY_NAME = 1.8
BY_PART = 1.2
BY_DOCSTRING = 2.5
BY_BYTES = 2.5
"""Bytes are rare, but what is called so is seldom anything else."""
_NAMED_KEYS = frozenset(
    words(
        "kwargs kwds keywords environ env headers attrs attributes options settings config params"
    )
)
"""Dicts whose keys are names."""


def read_name(shape: Shape, name: str, docstring: str, share: float = 1.0) -> None:
    """Add what the name and the docstring's line on it suggest, or a share of that."""
    plain = name.lower().strip("_")
    hint = _WORDS.get(plain) or _WORDS.get(plain.rstrip("0123456789"))
    if hint is not None:
        _apply(shape, hint, BY_NAME * share)
    elif share == 1:
        _read_parts(shape, name)
    if "byte" in plain or "bstr" in plain:
        shape.favour((Base.BYTES,), BY_BYTES)
    if plain in _NAMED_KEYS:
        shape.key().only((Base.STR,), BY_DOCSTRING)
    documented = _documented(name, docstring) if docstring else None
    if documented is not None:
        _apply(shape, documented, BY_DOCSTRING)


def named(shape: Shape, key: str) -> Shape:
    """The shape under a constant key of a dict, whose name is a hint on first use."""
    new = key not in shape.fields
    field = shape.at(key)
    if new and len(key) > 1:
        read_name(field, key, "")
    return field


def _read_parts(shape: Shape, name: str) -> None:
    for prefix, hint in _PREFIXES:
        if name.startswith(prefix):
            _apply(shape, hint, BY_NAME)
            return
    if name.lower().endswith(("_list", "_seq")):
        _apply(shape, Hint(_LIST), BY_NAME)
        return
    parts = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+", name)]
    for word in reversed(parts):
        if len(word) > 1 and word in _WORDS:
            _apply(shape, _WORDS[word], BY_PART)
            return
    if name.lower().endswith("s") and len(name) > len("xs"):
        _apply(shape, Hint(_LIST), BY_PART / 2)


def _documented(name: str, docstring: str) -> Hint | None:
    """The type in `name (int): ...`, `name: list of str`, `:param int name:`, `:type name: int`."""
    found = re.search(
        rf":param (?P<before>\w+) {re.escape(name)}\b|:type {re.escape(name)}: *(?P<type>.+)"
        rf"|^\W*(?::param )?{re.escape(name)}\b *(?P<after>[(:\-].{{0,60}})",
        docstring,
        re.MULTILINE,
    )
    if found is None:
        return None
    said = " ".join(filter(None, found.groups())).lower()
    return next((hint for pattern, hint in _DOCUMENTED if re.search(pattern, said)), None)


def _apply(shape: Shape, hint: Hint, by: float) -> None:
    shape.favour((hint.base,), by)
    if hint.flavour:
        shape.flavours.append(hint.flavour)
    if hint.span:
        shape.span = shape.span or hint.span
    if hint.item:
        shape.inner().favour((hint.item,), by)
        if hint.inner:
            shape.inner().inner().favour((hint.inner,), by)
