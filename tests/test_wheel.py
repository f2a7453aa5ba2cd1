"""What is installed is what is here: the wheel holds every file that the installed code reads."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parent.parent
FOLDERS = ("deployments", "flows", "sandbox", "tasks")
READS = """
import sys
from importlib.util import find_spec

sys.path.insert(0, sys.argv[1])
from flows.server.declared import FOLDER, declared, deployments
from tasks.prompts.grammar import load_grammar
from tasks.reports.page import template
from tasks.studies.grid import find_study, read_study, shipped
from tasks.training.launching import accelerate_config

assert FOLDER.is_relative_to(sys.argv[1]), FOLDER
assert declared().pools.keys() == {"data", "gpu"}
assert deployments("smoke") and deployments("full")
assert load_grammar() and template("page.html.j2")
assert all(read_study(find_study(name)) for name in shipped()) and len(shipped()) > 9
assert accelerate_config("cpu").is_relative_to(sys.argv[1])
for pool in declared().pools:
    assert all((FOLDER / "pools" / f"{kind}-{pool}.json").is_file() for kind in sys.argv[2:])
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    [path] = WheelBuilder(str(ROOT)).build(
        directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"]
    )
    return zipfile.ZipFile(path)


def test_the_wheel_holds_every_file_of_the_code_and_of_the_deployments(
    wheel: zipfile.ZipFile,
) -> None:
    wanted = {
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert sum(not name.endswith(".py") for name in wanted) > 50
    assert wanted <= set(wheel.namelist())
    [about] = {name.partition("/")[0] for name in wheel.namelist()} - set(FOLDERS)
    assert about.endswith(".dist-info"), "and nothing else"


def test_what_is_read_is_read_from_the_wheel_alone(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    installed = tmp_path / "installed"
    wheel.extractall(installed)
    done = subprocess.run(
        [sys.executable, "-c", READS, str(installed), "docker", "kubernetes"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_deployments_start_modules_of_the_wheel(wheel: zipfile.ZipFile) -> None:
    """A path of a file would be one of the machine that deploys."""
    declared = yaml.safe_load(wheel.read("deployments/prefect.yaml"))["deployments"]
    modules = [one["entrypoint"].rpartition(".")[0].replace(".", "/") for one in declared]
    assert modules
    assert {f"{module}.py" for module in modules} <= set(wheel.namelist())
