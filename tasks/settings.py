"""Places and secrets: the one thing that is read from the environment.

What changes an artifact is a parameter of the flow instead (`tasks.records.configs`),
so that it is in the cache key and in the manifest. Nothing here ever is.
"""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from tasks.errors import ConfigError


def _is_url(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("is no URL; it begins with http:// or https://")
    return without_credentials(value)


def without_credentials(address: str) -> str:
    """The address itself. Raises ConfigError, which does not repeat it, where it holds a secret.

    An address is written down: in run records, in the database of Prefect, in error messages.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return address  # no URL at all, which its user will say
    if parts.password is not None or (parts.scheme == "s3" and "@" in parts.netloc):
        raise ConfigError(
            f"an address that begins with {parts.scheme}:// holds credentials: leave them out of "
            "it, and set CASE2CODE_S3_ACCESS_KEY and CASE2CODE_S3_SECRET_KEY, CASE2CODE_LLM_KEY, "
            "or what the library itself reads"
        )
    return address


class Settings(BaseSettings):
    """Read from variables named `CASE2CODE_...`, or from a file `.env` where the command runs."""

    model_config = SettingsConfigDict(
        env_prefix="CASE2CODE_",
        env_file=".env",
        extra="ignore",
        use_attribute_docstrings=True,
        hide_input_in_errors=True,
    )

    home: Path = Field(default_factory=lambda: user_data_path("case2code"))
    """Folder of the local store and of the Prefect database."""
    store: Annotated[str, AfterValidator(without_credentials)] = ""
    """Where artifacts go: a folder or s3://bucket/prefix. Empty: `store` in the home folder."""
    s3_endpoint: Annotated[str, AfterValidator(_is_url)] | None = None
    """URL of an S3-compatible server; unset for AWS."""
    s3_region: str | None = None
    s3_access_key: SecretStr | None = None
    s3_secret_key: SecretStr | None = None
    s3_session_token: SecretStr | None = None
    """Of temporary credentials. Where the three are unset, boto3's own chain (environment,
    profile, instance role) is asked."""
    heritage_url: str = "s3://softwareheritage/content"
    """Where the contents of the Software Heritage archive are read from, without credentials."""
    heritage_endpoint: str | None = None
    """URL of an S3-compatible server that mirrors them; unset for AWS."""
    llm_url: Annotated[str, AfterValidator(_is_url)] | None = Field(
        default=None, validation_alias=AliasChoices("CASE2CODE_LLM_URL", "OPENAI_BASE_URL")
    )
    """Base URL of an OpenAI-compatible server, for example http://127.0.0.1:8000/v1."""
    llm_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("CASE2CODE_LLM_KEY", "OPENAI_API_KEY")
    )
    llm_concurrency: int = Field(default=32, gt=0)
    """Requests in flight at once."""
    llm_timeout: float = Field(default=300.0, gt=0)
    """Seconds for one answer, before it is asked for again."""
    llm_requests_per_minute: float | None = Field(default=None, gt=0)
    llm_tokens_per_minute: float | None = Field(default=None, gt=0)
    """Limits of the server, where its answers do not tell them."""

    @property
    def store_url(self) -> str:
        """The store that is used where a command names none."""
        return self.store or str(self.home / "store")


def load_settings() -> Settings:
    """The settings of this process; raises ConfigError naming the variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"setting CASE2CODE_{name.upper()}: {first['msg']}") from error
