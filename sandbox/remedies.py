"""Says how to allow what a kernel forbids, from the settings that are known to forbid it."""

from collections.abc import Iterator
from pathlib import Path

_USER_NAMESPACES = (
    (
        "/proc/sys/user/max_user_namespaces",
        "0",
        "user namespaces are switched off: sysctl -w user.max_user_namespaces=10000",
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
            "AppArmor restricts user namespaces (Ubuntu 24.04 does): "
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
        ),
    ),
)
_IN_A_CONTAINER = (
    "if this is a container, its seccomp profile or its missing CAP_SYS_ADMIN forbids namespaces: "
    "start it with --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined, or with --privileged"
)


def explain(complaint: str) -> str:
    """A jail's complaint, and what to do about it on this machine."""
    advice = list(_known_causes()) or [_IN_A_CONTAINER]
    return "\n  ".join([complaint, *advice, "(there is no mode without isolation)"])


def _known_causes() -> Iterator[str]:
    for path, value, advice in _USER_NAMESPACES:
        try:
            if Path(path).read_text().strip() == value:
                yield advice
        except OSError:
            continue  # this kernel has no such setting
