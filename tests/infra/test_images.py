"""What can be said of the images without a Docker engine."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMAGES = sorted((ROOT / "infra/images").glob("*.Dockerfile"))


def instructions(image: Path, name: str) -> list[str]:
    text = re.sub(r"\\\n\s*", "", image.read_text())
    return re.findall(rf"^{name} +(.+)$", text, re.MULTILINE)


def test_there_is_one_for_workers_and_one_for_training() -> None:
    assert [image.stem for image in IMAGES] == ["trainer", "worker"]


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.stem)
def test_the_linter_of_dockerfiles_has_nothing_to_say(image: Path) -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, image], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.stem)
def test_it_runs_as_an_ordinary_user(image: Path) -> None:
    assert instructions(image, "USER")[-1] == "1000:1000"


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.stem)
def test_what_is_copied_is_there_and_is_all_that_the_build_sees(image: Path) -> None:
    copied = {part for line in instructions(image, "COPY") for part in line.split()[:-1]}
    assert all((ROOT / part).exists() for part in copied)
    ignore = image.with_name(image.name + ".dockerignore").read_text().splitlines()
    assert ignore[1] == "*"
    assert copied <= {line[1:] for line in ignore if line.startswith("!")}


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.stem)
def test_it_installs_extras_that_there_are_at_the_pinned_versions(image: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    [line] = [line for line in instructions(image, "RUN") if "pip install" in line]
    assert "--constraint requirements.lock" in line
    [extras] = re.findall(r"'\.\[([a-z,]+)\]'", line)
    assert set(extras.split(",")) <= set(project["optional-dependencies"])
