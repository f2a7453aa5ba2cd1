"""A disk that is full, and what to do about it."""

import errno
import shutil
from pathlib import Path

_SIGNS = (
    "no space left on device",
    "disk quota exceeded",
    # Of torch, which does not say why: its file is shorter than what it wrote.
    "pytorchstreamwriter failed writing",
    ". unexpected pos ",
)


def is_disk_full(error: BaseException) -> bool:
    """Whether an error, of whatever library, says that a file could not be written to its end."""
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return True
    return any(sign in str(error).lower() for sign in _SIGNS)


def room_advice(work: Path) -> str:
    """What to do, with what the folder has left."""
    free = shutil.disk_usage(work).free
    return (
        f"no space is left for the training in {work} ({free >> 20:,} MB free): make room, or set "
        "CASE2CODE_HOME to a folder on a larger disk, and run the same command again; it goes on "
        "from the last whole checkpoint. --save-every N saves less often"
    )
