"""One file of a data set on the Hugging Face Hub, through the library's own cache.

`hf://ORGANISATION/NAME/PATH/OF/FILE@REVISION`; without a network, what the cache holds is there.
"""

from pathlib import Path

from tasks.errors import ConfigError

HUB = "hf://"


def downloaded(address: str) -> Path:
    """Where the file lies now. Raises ConfigError."""
    place, _, revision = address.removeprefix(HUB).partition("@")
    parts = place.split("/", 2)
    if len(parts) != 3 or not all(parts):  # noqa: PLR2004 - organisation, name, file
        raise ConfigError(f"{address}: write {HUB}ORGANISATION/NAME/FILE, with @REVISION to pin it")
    try:
        from huggingface_hub import hf_hub_download  # noqa: PLC0415 - an extra
        from huggingface_hub.errors import HfHubHTTPError  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(f"{address} needs the extra hub: pip install 'case2code[hub]'") from error
    try:
        return Path(
            hf_hub_download(
                "/".join(parts[:2]), parts[2], repo_type="dataset", revision=revision or None
            )
        )
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise ConfigError(
            f"{address} cannot be had ({type(error).__name__}): check the name and the network,"
            " or name a file that lies here"
        ) from error
