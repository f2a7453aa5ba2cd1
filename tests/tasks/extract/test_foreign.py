"""What the text of a function says of a module that no program may import, and what it does not."""

import pytest

from tasks.extract.foreign import is_surely_read

USES = {
    "an attribute in a return": "def f(x):\n    return np.sum(x)\n",
    "a call": "def f(x):\n    y = np(x)\n    return y\n",
    "an expression": "def f(x):\n    np.seed(x)\n    return x\n",
    "below a docstring": 'def f(x):\n    """A\n    np.sum(x).\n    """\n    return np.a\n',
    "beside an annotation": "def f(x: np.a) -> np:\n    return np.sum(x)\n",
    "a check of its type": "def f(x):\n    return isinstance(x, np) and np.sum(x)\n",
}
DOUBTS = {
    "a parameter": "def f(np):\n    return np.sum(1)\n",
    "a variable": "def f(x):\n    np = x\n    return np.sum(1)\n",
    "one of several variables": "def f(x):\n    np, y = x\n    return np.sum(1)\n",
    "the variable of a loop": "def f(x):\n    for np in x:\n        return np.sum(1)\n",
    "an import inside": "def f(x):\n    import np\n    return np.sum(x)\n",
    "a name for an exception": "def f(x):\n    try: g()\n    except E as np: return np.args\n",
    "the parameter of a lambda": "def f(x):\n    g = lambda np: 1\n    return np.sum(x)\n",
    "a function inside": "def f(x):\n    def np(y): return y\n    return np(x)\n",
    "a docstring": 'def f(x):\n    """Like\n    np.sum(x).\n    """\n    return x\n',
    "a comment": "def f(x):\n    # np.sum(x)\n    return x\n",
    "a string": "def f(x):\n    return 'a np.sum' + x\n",
    "an annotation": "def f(x: np.a) -> np.b:\n    return x\n",
    "an annotation on its own line": "def f(\n    x: U[\n        np.a,\n    ],\n):\n    return x\n",
    "an attribute of something else": "def f(x):\n    return x.np.sum()\n",
    "part of another name": "def f(x):\n    return npx.sum(my_np.a)\n",
}


@pytest.mark.parametrize("name", USES)
def test_a_plain_use_is_seen(name: str) -> None:
    assert is_surely_read(USES[name], "np")


@pytest.mark.parametrize("name", DOUBTS)
def test_what_may_be_something_else_is_left_to_the_symbol_table(name: str) -> None:
    assert not is_surely_read(DOUBTS[name], "np")
