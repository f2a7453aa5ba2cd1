"""Two passes disagree on what depends on anything but the arguments."""

from collections.abc import Iterator

import pytest

from sandbox import Call, Program, Sandbox, Status


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as started:
        yield started


@pytest.mark.parametrize(
    "source",
    [
        "def f(x): return id(object())",
        "def f(x): return hash('a')",
        "def f(x): return str(object())",
        "def f(x): raise ValueError(object.__repr__(f))",
        "def f(x): return list({'a', 'b', 'c', 'd'})",
        "def f(x): return ''.join(set('abc'))",
        "def f(x): return list({'a': 1, 'b': 2, 'c': 3}.keys() & {'a', 'b', 'c'})",
        "import random\ndef f(x): return random.random()",
        "import os\ndef f(x): return os.urandom(8)",
        "import time\ndef f(x): return time.time_ns()",
        "import uuid\ndef f(x): return str(uuid.uuid4())",
        "import datetime\ndef f(x): return str(datetime.datetime.now())",
        "import datetime\ndef f(x): return str(datetime.date.today())",
        "import datetime\ndef f(x): return datetime.date.today().year",
        "from datetime import datetime\ndef f(x): return datetime.today().month",
        "from datetime import datetime\ndef f(x): return datetime.utcnow().year",
        "from datetime import *\ndef f(x): return datetime.now(timezone.utc).weekday()",
        "import datetime\nclass D(datetime.datetime): pass\ndef f(x): return D.now().hour",
        "import datetime\ndef f(x): return datetime.datetime.fromtimestamp(0).hour",
        "import time\ndef f(x): return int(time.time()) // 86400",
        "import time\ndef f(x): return time.clock_gettime(time.CLOCK_REALTIME) // 86400",
        "import time\ndef f(x): return time.gmtime().tm_year",
        "import time\ndef f(x): return time.localtime(None).tm_mon",
        "import time\ndef f(x): return time.ctime()[:3]",
        "import time\ndef f(x): return time.asctime()[:3]",
        "import time\ndef f(x): return time.strftime('%Y')",
        "import time\ndef f(x): return time.localtime(x).tm_hour",
        "import time\ndef f(x): return time.mktime((2000, 1, 1, 0, 0, 0, 0, 0, 0))",
        "import time\ndef f(x): return time.timezone",
        "import time\ndef f(x): return time.tzname",
        "import email.utils\ndef f(x): return email.utils.formatdate()[:16]",
        "seen = []\ndef f(x):\n    seen.append(x)\n    return len(seen)",
        "def f(x, seen=[]):\n    seen.append(x)\n    return seen",
    ],
)
def test_what_is_not_determined_is_named_so(sandbox: Sandbox, source: str) -> None:
    [outcomes] = sandbox.prove([Program(source, "f", (Call((1,)), Call((2,))))])
    assert {outcome.status for outcome in outcomes} == {Status.NONDETERMINISTIC}


@pytest.mark.parametrize(
    "source",
    [
        "def f(x): return sorted({'a', 'b', 'c', str(x)})",
        "def f(x): return {'a', 'b', 'c', str(x)}",
        "import random\ndef f(x): return random.Random(x).random()",
        "import re\ndef f(x): return re.sub('1', 'a', str(x))",
        "import datetime\ndef f(x): return str(datetime.date(2000, 1, x))",
        "from datetime import *\ndef f(x): return datetime.fromtimestamp(x, timezone.utc).hour",
        "import datetime\ndef f(x): return datetime.datetime(2000, 1, x).strftime('%A %Z')",
        "import time\ndef f(x): return tuple(time.gmtime(x))",
        "import time\ndef f(x): return time.strftime('%Y', time.gmtime(x))",
        "import time\ndef f(x): return time.asctime(time.gmtime(x))",
        "import time\ndef f(x): return time.strftime('%Y', (1, 2))",
        "import calendar\ndef f(x): return calendar.timegm((2000, 1, x, 0, 0, 0))",
        "def f(x): return {str(k): k for k in range(x)}",
        "def f(x): return x / 0",
        "def f(x): return f",
    ],
)
def test_what_is_determined_is_proved_as_it_was_run(sandbox: Sandbox, source: str) -> None:
    program = Program(source, "f", (Call((1,)), Call((2,))))
    assert list(sandbox.prove([program])) == list(sandbox.run([program]))


@pytest.mark.parametrize("arcs", [False, True])
def test_deaths_in_another_order_are_no_disagreement(sandbox: Sandbox, arcs: bool) -> None:
    source = "import os\ndef f(x):\n    if x % 2: os._exit(1)\n    return x"
    program = Program(source, "f", tuple(Call((x,)) for x in range(7)))
    [outcomes] = sandbox.prove([program], arcs=arcs)
    assert [outcome.value for outcome in outcomes] == ["0", None, "2", None, "4", None, "6"]
