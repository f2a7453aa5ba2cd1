"""A flow that shows which key it was given, and does not say it."""

from hashlib import sha256
from pathlib import Path

from prefect import flow, get_run_logger

from tasks.settings import load_settings


@flow(name="key")
def show_key(out: str) -> None:
    settings = load_settings()
    get_run_logger().info("settings: %s", settings)
    assert settings.llm_key is not None
    Path(out).write_text(sha256(settings.llm_key.get_secret_value().encode()).hexdigest())
