"""What S3 answers when it does not do what it was asked, as one sentence that says what to do."""

from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ReadTimeoutError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from tasks.errors import StoreError, StoreRefusedError

MISSING = frozenset(("404", "NoSuchKey", "NotFound"))
STANDS_ALREADY = frozenset(("412", "PreconditionFailed"))
# Another writer is at it right now: the step tries again.
CONTENDED = frozenset(("409", "ConditionalRequestConflict"))
UNNAMED = frozenset(("400", "403"))
"""Of answers to HEAD, which has no body that could name what is wrong."""

_EXPIRED = "the credentials have expired; renew them and run again"
_REGION = "the bucket is in another region; say which with CASE2CODE_S3_REGION"
_DENIED = "access was denied; the key needs Get, Put, List and Delete on this prefix"
_ADVICE = {
    "NoSuchBucket": "the bucket does not exist; create it, or name another with --store",
    "AccessDenied": _DENIED,
    "403": _DENIED,
    "AllAccessDisabled": "all access to the bucket is disabled; ask its owner",
    "InvalidAccessKeyId": "the access key is not known there; check CASE2CODE_S3_ACCESS_KEY",
    "SignatureDoesNotMatch": "the secret key is wrong; check CASE2CODE_S3_SECRET_KEY",
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "TokenRefreshRequired": _EXPIRED,
    "InvalidToken": "the session token is not valid; check CASE2CODE_S3_SESSION_TOKEN",
    "RequestTimeTooSkewed": (
        "the clock of this machine is too far off for the server to trust it; "
        "set it (`timedatectl set-ntp true`) and run again"
    ),
    "PermanentRedirect": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "NotImplemented": "the server lacks what a store needs: conditional writes, checksums",
}
_NO_CREDENTIALS = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)


def code_of(error: ClientError) -> str:
    """What S3 calls it; of an answer without a body, its status."""
    return str(error.response.get("Error", {}).get("Code", ""))


def refused_or_failed(where: str, error: ClientError) -> StoreError:
    """An answer that waiting does not change is a StoreRefusedError, which nobody tries again."""
    code = code_of(error)
    advice = (
        _ADVICE.get(code) or error.response.get("Error", {}).get("Message") or "no reason given"
    )
    kind = StoreRefusedError if code in _ADVICE else StoreError
    return kind(f"{where}: {advice} ({code})")


def not_reached(where: str, error: Exception) -> StoreError:
    """No answer, or none that could be read to its end."""
    if isinstance(error, _NO_CREDENTIALS):
        return StoreRefusedError(
            f"{where}: {error}; set CASE2CODE_S3_ACCESS_KEY and CASE2CODE_S3_SECRET_KEY, or what "
            "boto3 reads: its variables, a profile, the role of the instance"
        )
    if isinstance(error, ParamValidationError):
        return StoreRefusedError(f"{where}: {error}; write s3://bucket/prefix")
    late = "; the server is too slow" if isinstance(error, ReadTimeoutError) else ""
    return StoreError(
        f"{where}: {_one_line(error)}{late}; check CASE2CODE_S3_ENDPOINT and the network"
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
