"""The house: floors, style, types and names, held by tools that run here as tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

TOOLS = {
    "imports run down the floors": [
        "-c",
        "from importlinter.cli import lint_imports_command as m; m()",
    ],
    "style": ["-m", "ruff", "check", "."],
    "format": ["-m", "ruff", "format", "--check", "."],
    "types": ["-m", "mypy"],
}


@pytest.mark.parametrize("what", TOOLS)
def test_the_house_stands(what: str) -> None:
    """Each tool finds nothing."""
    done = subprocess.run(
        [sys.executable, *TOOLS[what]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode, done.stdout[-4000:] + done.stderr[-2000:]


def test_no_file_is_named_for_nothing() -> None:
    """A name says what is in the room."""
    banned = {"utils", "util", "helpers", "helper", "manager", "misc", "common"}
    names = {path.stem for path in (ROOT / "bridge").rglob("*.py")}
    assert set() == banned & names
