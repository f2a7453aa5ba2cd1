"""Says how to allow what a kernel forbids, from the settings that are known to forbid it."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from sandbox.policy import NOBODY

_SETTINGS = (
    (
        "/proc/sys/user/max_user_namespaces",
        "0",
        (
            "user namespaces are switched off: sysctl -w user.max_user_namespaces=10000 "
            "(or start the sandbox as root, which can do without)"
        ),
    ),
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "user namespaces are for root only: sysctl -w kernel.unprivileged_userns_clone=1",
    ),
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        (
            "AppArmor restricts user namespaces (Ubuntu does since 23.10): "
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or allow nsjail alone by a "
            "profile with `userns,` in /etc/apparmor.d"
        ),
    ),
)
"""What keeps an ordinary user from jails; none of it keeps root."""
_IN_A_CONTAINER = (
    "if this is a container, its seccomp profile or its missing CAP_SYS_ADMIN forbids namespaces: "
    "start it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined, or with --privileged"
)
_UNMAPPED = (
    f"root's jails run as user and group {NOBODY}, which this user namespace does not map: start "
    "the sandbox as an ordinary user, or the namespace with a whole range of ids "
    "(unshare --map-auto; the default of rootless containers)"
)
_NSJAILS_OWN = re.compile(r"^(?:the jail has ended: )?\[[EF]\]", re.MULTILINE)
"""How nsjail marks its errors; others are those of the zygote."""
_OTHERS_MAY_PASS = 0o001


def explain(complaint: str, image: Path) -> str:
    """What to do about a jail that does not start on this machine, and its own complaint.

    Args:
        complaint: What nsjail or the zygote said.
        image: The folder that was to become its root.
    """
    advice = list(_roots_causes(image) if os.geteuid() == 0 else _known_settings())
    if not advice and _NSJAILS_OWN.search(complaint):
        advice = [_IN_A_CONTAINER]
    return "\n  ".join(
        ["no jail starts here:", *advice, complaint, "(there is no mode without isolation)"]
    )


def _known_settings() -> Iterator[str]:
    for path, value, advice in _SETTINGS:
        try:
            if Path(path).read_text().strip() == value:
                yield advice
        except OSError:
            continue  # this kernel has no such setting


def _roots_causes(image: Path) -> Iterator[str]:
    """What keeps the user that root's jails run as from its files, or from being."""
    if not all(map(_maps_nobody, ("uid", "gid"))):
        yield _UNMAPPED
    for folder in reversed(image.resolve().parents):
        if not folder.stat().st_mode & _OTHERS_MAY_PASS:
            yield (
                f"{folder} is closed to other users, and root's jails run as one: "
                f"chmod o+x {folder}, or keep the image elsewhere (cache_dir)"
            )


def _maps_nobody(kind: str) -> bool:
    """Whether the id of nobody is one of this user namespace: lines of first, outside, count."""
    try:
        lines = Path(f"/proc/self/{kind}_map").read_text().splitlines()
    except OSError:
        return True
    ranges = [tuple(map(int, line.split())) for line in lines]
    return any(first <= int(NOBODY) < first + count for first, _, count in ranges)
