"""Work done ahead by a bounded number of threads, handed on in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def ahead(function: Callable[[T], R], items: Iterable[T], threads: int) -> Iterator[R]:
    """`map`, with at most `threads` results in the making or waiting; one thread is none."""
    if threads == 1:
        yield from map(function, items)
        return
    waiting = iter(items)
    with ThreadPoolExecutor(threads) as pool:
        futures: deque[Future[R]] = deque(
            pool.submit(function, item) for item in islice(waiting, threads)
        )
        while futures:
            result = futures.popleft().result()
            futures.extend(pool.submit(function, item) for item in islice(waiting, 1))
            yield result
