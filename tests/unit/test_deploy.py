"""What the bridge is installed with holds together: the wheel, the image, the units."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

from bridge import __version__
from bridge.cli import cli
from bridge.config import SETTINGS
from tests.conftest import SECRET_KEY

ROOT = Path(__file__).parent.parent.parent
DOCKERFILE = ROOT / "Dockerfile"
CACHES = shutil.ignore_patterns("__pycache__")
UNITS = sorted((ROOT / "deploy").glob("*.service"))


def run(*command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command to its end, with what it printed."""
    return subprocess.run(
        [sys.executable, "-m", *command],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **settings},
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without the network from what the Dockerfile copies into the image."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    allowed = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    for line in re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE.read_text("utf-8"), re.MULTILINE):
        for name in line.split():
            assert f"!{name}" in allowed
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, source / name, symlinks=True, ignore=CACHES)
            else:
                shutil.copy(ROOT / name, source)
    build = f"from setuptools import build_meta; build_meta.build_wheel({str(folder)!r})"
    made = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", build],
        capture_output=True,
        text=True,
        cwd=source,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        check=False,
    )
    assert 0 == made.returncode, made.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    """Templates, styles, fonts, migrations: what a file is needed for fails only much later."""
    ours = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "bridge").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    # What a migration is made from serves developers only.
    ours.discard("bridge/storage/migrations/script.py.mako")
    with zipfile.ZipFile(wheel) as archive:
        there = {name for name in archive.namelist() if name.startswith("bridge/")}
    assert ours == there - {"bridge/storage/migrations/script.py.mako"}


def test_the_program_runs_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    """It makes its database with what the wheel holds, and nothing of the source."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    command = (
        "import bridge.cli, sys; sys.argv = ['socialbridge', *sys.argv[1:]]; bridge.cli.main()"
    )
    here = {"PYTHONPATH": str(tmp_path / "installed")}
    said = []
    for arguments in (["--version"], ["init"]):
        done = subprocess.run(
            [sys.executable, "-c", command, *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, **here},
            check=False,
        )
        assert 0 == done.returncode, done.stderr
        said.append(done.stdout)
    assert (True, True) == (__version__ in said[0], (tmp_path / "socialbridge.db").exists())


def test_the_image_is_written_as_it_should_be() -> None:
    """By hadolint, which knows what goes wrong in a Dockerfile."""
    tool = shutil.which("hadolint", path=f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}")
    assert tool is not None
    done = subprocess.run(
        [tool, "Dockerfile"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert (0, "") == (done.returncode, done.stdout)


def test_the_compose_file_is_one() -> None:
    """By the schema of the Compose specification."""
    done = run("check_jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml")
    assert 0 == done.returncode, done.stdout


def test_the_example_settings_exist() -> None:
    """Nobody fills in what is read nowhere."""
    lines = (ROOT / "deploy" / "example.env").read_text("utf-8").splitlines()
    named = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    known = {setting.variable for setting in SETTINGS}
    assert {"POSTGRES_PASSWORD"} == named - known
    required = {setting.variable for setting in SETTINGS if setting.default is None}
    assert set() == required - named


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_starts_a_command_that_there_is(unit: Path) -> None:
    """One unit a process, kept to its own folder."""
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit)
    program, command = parser["Service"]["ExecStart"].split()
    assert ("socialbridge", True) == (Path(program).name, command in cli.commands)
    assert unit.stem == f"socialbridge-{command}"
    assert ("strict", "yes") == (
        parser["Service"]["ProtectSystem"],
        parser["Service"]["NoNewPrivileges"],
    )


def test_there_is_a_unit_for_each_process() -> None:
    """The pages and the worker."""
    assert ["socialbridge-serve", "socialbridge-worker"] == [unit.stem for unit in UNITS]


def test_another_server_serves_the_same_pages(tmp_path: Path) -> None:
    """gunicorn takes the application as the docs say it."""
    settings = {"SOCIALBRIDGE_SECRET_KEY": SECRET_KEY, "SOCIALBRIDGE_LOG_LEVEL": "ERROR"}
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--check-config", "bridge.cli.wsgi:application()"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
        check=False,
    )
    assert 0 == done.returncode, done.stderr
