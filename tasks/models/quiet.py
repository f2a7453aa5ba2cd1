"""Keeps what libraries say while they load a model off the console of whoever only uses it.

Covered: bars, and warnings that nobody who runs a command can act on, each by its words. All other
warnings are shown, and errors are raised as before.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

NOISE = (
    # transformers speaks to itself.
    r"`is_gradient_checkpointing` is deprecated",
    r"`gradient_checkpointing` is deprecated",
    # peft asks the Hub for the config of a base model that is a folder.
    r"Unable to fetch remote file",
    r"Could not find a config file in",
)


@contextmanager
def quietly() -> Iterator[None]:
    """Inside the block transformers draws no bars; the noise is not shown, there and from then on.

    Filters stay, since taking them back while other threads warn would mix up both.
    """
    from transformers.utils import logging  # noqa: PLC0415 - it costs seconds

    for message in NOISE:
        warnings.filterwarnings("ignore", message=message)
    had_bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if had_bars:
            logging.enable_progress_bar()
