"""What a jail may do: nsjail's configuration and the seccomp policy, both as text.

The policy is a list of denials, each with its reason: Python and the C library make system calls
that differ from version to version, and an allow-list would turn each new one into a wrong
outcome. What must not be reached at all (files, network, other processes) is not there to be
reached: the namespaces and the empty root take it away. The policy takes away what is left: the
kernel's rarely used corners, and every way to act on process 1 or to leave something behind.
"""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from sandbox.image import Image
from sandbox.outcome import Limits

_EPERM, _ENOSYS = 1, 38
INSIDE_USER = 1000
"""What the jail's user is called in its user namespace."""
NOBODY = "65534"
"""What it is outside, if root starts the jail."""

_DENIED: tuple[tuple[str, str], ...] = (
    ("network", "socket socketpair connect bind listen accept accept4"),
    (
        "other processes, their memory and their descriptors",
        (
            "ptrace process_vm_readv process_vm_writev process_madvise process_mrelease kcmp "
            "pidfd_open pidfd_getfd pidfd_send_signal get_robust_list tkill"
        ),
    ),
    (
        "mounts and namespaces",
        (
            "mount umount pivot_root chroot unshare setns open_tree move_mount fsopen fsmount "
            "fsconfig fspick mount_setattr"
        ),
    ),
    (
        "corners of the kernel with a history",
        (
            "bpf perf_event_open userfaultfd keyctl add_key request_key io_uring_setup "
            "io_uring_enter io_uring_register personality vmsplice"
        ),
    ),
    (
        "the machine",
        (
            "init_module finit_module delete_module kexec_load kexec_file_load reboot swapon "
            "swapoff acct quotactl syslog clock_settime settimeofday adjtimex clock_adjtime"
        ),
    ),
    ("identities", "setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid"),
    ("other groups and capabilities", "setgroups capset"),
    (
        "memory that outlives a process or is shared with others",
        (
            "shmget shmat shmctl shmdt semget semop semctl semtimedop msgget msgsnd msgrcv msgctl "
            "mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr "
            "memfd_create memfd_secret"
        ),
    ),
    (
        "files by handle, and watches on files",
        (
            "name_to_handle_at open_by_handle_at fanotify_init fanotify_mark inotify_init1 "
            "inotify_add_watch inotify_rm_watch"
        ),
    ),
    # The image is shared by all jails: a lock on one of its files would be a channel.
    ("locks", "flock"),
    (
        "the scheduling and the limits of process 1, which has the same user",
        (
            "setpriority ioprio_set sched_setaffinity sched_setattr sched_setparam "
            "sched_setscheduler setrlimit mbind set_mempolicy migrate_pages move_pages"
        ),
    ),
)
_DENIED_X86 = ("older ways to the same", "inotify_init modify_ldt iopl ioperm")
# Argument 1 of fcntl: F_SETLK, F_SETLKW, F_OFD_SETLK(W), F_SETLEASE, F_NOTIFY.
_FCNTL_LOCKS = (6, 7, 37, 38, 1024, 1026)
_CLONE_NEW = 0x7E020000
"""Every CLONE_NEW* flag: a nested user namespace would undo RLIMIT_NPROC."""


_MOVED_ZONE = "MOVED-13:45"
"""In the notation of tzset(3), which needs no files: 13 h 45 min east of Greenwich."""


@dataclass(frozen=True, slots=True)
class Jail:
    """What tells one jail from another."""

    image: Image
    limits: Limits
    flavour: str
    """Which modules its zygote imports beforehand."""
    hash_seed: int
    clock_shift: int = 0
    """Seconds by which its clock is ahead; where it is, the jail also lies in another time zone."""


def seccomp_policy() -> str:
    """The policy in kafel, nsjail's own language."""
    groups = [*_DENIED, *([_DENIED_X86] if platform.machine() == "x86_64" else [])]
    denied = [f"  /* {reason} */ " + ", ".join(names.split()) for reason, names in groups]
    locks = " || ".join(f"cmd == {command}" for command in _FCNTL_LOCKS)
    denied += [
        f"  clone(flags) {{ (flags & {_CLONE_NEW:#x}) != 0 }}",
        "  prlimit64(pid) { pid != 0 }",
        f"  fcntl(fd, cmd, arg) {{ {locks} }}",
    ]
    # clone3 hides its flags in memory; ENOSYS makes the C library fall back to clone.
    return (
        f"POLICY jail {{\nERRNO({_EPERM}) {{\n"
        + ",\n".join(denied)
        + f"\n}},\nERRNO({_ENOSYS}) {{ clone3 }}\n}}\nUSE jail DEFAULT ALLOW\n"
    )


def nsjail_config(jail: Jail, zygote_argument: str) -> str:
    """The configuration of one jail, in protobuf's text format."""
    lines = [
        *_process_lines(jail, zygote_argument),
        *_user_lines(),
        *_limit_lines(jail.limits),
        *_mount_lines(jail.image.root, "/", executable=True),
        *_mount_lines(jail.image.app, "/app", executable=False),
        *(f"seccomp_string: {_quoted(line)}" for line in seccomp_policy().splitlines()),
    ]
    return "\n".join(lines) + "\n"


def _process_lines(jail: Jail, zygote_argument: str) -> list[str]:
    return [
        'name: "sandbox"',
        "mode: ONCE",
        'hostname: "sandbox"',
        'cwd: "/"',
        "time_limit: 0",
        "log_level: ERROR",
        "keep_env: false",
        # -I would ignore the hash seed, so the command line has -s -S -P instead.
        f'envar: "PYTHONHASHSEED={jail.hash_seed}"',
        f'envar: "TZ={_MOVED_ZONE if jail.clock_shift else "UTC0"}"',
        'envar: "PYTHONHOME=/py"',
        # Without /proc no $ORIGIN resolves.
        'envar: "LD_LIBRARY_PATH=/py/lib"',
        'envar: "LC_ALL=C.UTF-8"',
        # Else every fork would look up the functions that only forks call.
        'envar: "LD_BIND_NOW=1"',
        "nice_level: 0",  # the default is 19
        "iface_no_lo: true",
        "mount_proc: false",
        (
            'exec_bin { path: "/py/bin/python3" arg: "-s" arg: "-S" arg: "-P"'
            f' arg: "/app/zygote.pyc" arg: {_quoted(zygote_argument)} }}'
        ),
    ]


def has_user_namespace() -> bool:
    """Whether jails get a user namespace; only root can do without, where they are forbidden."""
    if os.geteuid() != 0:
        return True
    try:
        return Path("/proc/sys/user/max_user_namespaces").read_text().strip() != "0"
    except OSError:
        return True


def _user_lines() -> list[str]:
    """Root's jails run as nobody: RLIMIT_NPROC does not bind the host's root.

    Without a user namespace they are nobody inside too, and nsjail still takes all capabilities.
    """
    alone = has_user_namespace()
    inside = str(INSIDE_USER) if alone else NOBODY
    outside = NOBODY if os.geteuid() == 0 else ""
    return [
        f"clone_newuser: {str(alone).lower()}",
        *(
            f'{kind}map {{ inside_id: "{inside}" outside_id: "{outside}" count: 1 }}'
            for kind in ("uid", "gid")
        ),
    ]


def _limit_lines(limits: Limits) -> list[str]:
    # Of the kinds below the first, nsjail ignores the number unless the type says VALUE.
    return [
        f"rlimit_as: {max(1, limits.memory_bytes >> 20)}",
        "rlimit_cpu_type: INF",
        "rlimit_fsize: 0",
        "rlimit_nofile: 16",
        "rlimit_core: 0",
        # Without a user namespace, all that run as nobody on this machine count.
        f"rlimit_nproc: {64 if has_user_namespace() else 4096}",
        "rlimit_nproc_type: VALUE",
        "rlimit_stack: 16",
        "rlimit_stack_type: VALUE",
        "rlimit_memlock: 0",
        "rlimit_memlock_type: VALUE",
        "rlimit_msgqueue: 0",
        "rlimit_msgqueue_type: VALUE",
    ]


def _mount_lines(source: Path, target: str, *, executable: bool) -> list[str]:
    noexec = "" if executable else " noexec: true"
    return [
        (
            f"mount {{ src: {_quoted(str(source))} dst: {_quoted(target)} is_bind: true rw: false"
            f" nosuid: true nodev: true{noexec} }}"
        )
    ]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
