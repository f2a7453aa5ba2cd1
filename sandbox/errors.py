"""What can be wrong with the sandbox itself. What is wrong with a program is an outcome."""


class SandboxError(Exception):
    """The base of every error that the sandbox raises on purpose."""


class SandboxUnavailableError(SandboxError):
    """The sandbox cannot start on this machine; the message says what to do about it."""
