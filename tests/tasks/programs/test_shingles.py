"""Runs of tokens that are blind to names and layout."""

from tasks.programs.shingles import shingles

ONE = '''def total(values, start=0):
    """Adds up."""
    for value in values:  # each
        start += value.size
    return max(start, 0)
'''
RENAMED = """def summed(items,   begin=0):
    for item in items:
        begin += item.size
    return max(begin,
               0)
"""


def test_names_comments_layout_and_the_docstring_do_not_count() -> None:
    assert shingles(ONE, 5) == shingles(RENAMED, 5)


def test_attributes_builtins_and_what_is_called_keep_their_names() -> None:
    for old, new in ((".size", ".mass"), ("max(", "min("), ("max(", "highest(")):
        assert shingles(ONE.replace(old, new), 5) != shingles(ONE, 5)


def test_imported_modules_keep_their_names() -> None:
    one = "import zlib\n\ndef f(data):\n    return zlib.MAX + data\n"
    assert shingles(one, 5) != shingles(one.replace("zlib", "bz2"), 5)


def test_which_variable_it_is_counts_inside_a_run() -> None:
    assert shingles("a - b + a", 5) != shingles("a - b + b", 5)
    assert shingles("a - b + a", 5) == shingles("x - y + x", 5)


def test_strings_and_numbers_count() -> None:
    assert shingles("a = 'x' + 'y'", 5) != shingles("a = 'x' + 'z'", 5)


def test_a_source_shorter_than_a_run_is_one_run() -> None:
    assert len(shingles("a", 5)) == 1
    assert shingles("# nothing\n", 5) == frozenset()
