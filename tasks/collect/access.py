"""What opening a corpus may need besides its address."""

from dataclasses import dataclass, field
from pathlib import Path

from tasks.errors import ConfigError
from tasks.records.configs import ColumnsConfig
from tasks.settings import Settings


@dataclass(frozen=True)
class Access:
    """Credentials, room and columns; without any of them local corpora are open."""

    settings: Settings | None = None
    """Endpoint and credentials of s3:// addresses."""
    scratch: Path | None = None
    """A folder for what can only be read from a disk (a git repository that lies on S3)."""
    columns: ColumnsConfig = field(default_factory=ColumnsConfig)

    def require_settings(self, spec: str) -> Settings:
        """The settings. Raises ConfigError where there are none."""
        if self.settings is None:
            raise ConfigError(f"{spec} needs the settings of an S3 server, and none were given.")
        return self.settings

    def require_scratch(self, spec: str) -> Path:
        """The folder. Raises ConfigError where there is none."""
        if self.scratch is None:
            raise ConfigError(f"{spec} needs a folder to be downloaded to, and none was given.")
        return self.scratch
