"""Makes the reference pages of the docs from the program: `python -m tests.reference`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from bridge.cli import cli
from bridge.config import SETTINGS

WIDTH: dict[str, Any] = {"terminal_width": 90, "max_content_width": 90}
REFERENCE = Path(__file__).parent.parent / "docs" / "reference"


def commands_page() -> str:
    """Every command with its help, as Markdown."""
    root = click.Context(cli, info_name="socialbridge", **{**cli.context_settings, **WIDTH})
    parts = ["# Commands\n"]
    for context in _contexts(root):
        parts.append(f"## {context.command_path}\n")
        parts.append(f"```text\n{context.get_help().rstrip()}\n```\n")
    return "\n".join(parts)


def settings_page() -> str:
    """Every setting with its default and its meaning, as Markdown."""
    lines = [
        "# Settings",
        "",
        "From the environment, or from `.env` in the working directory; the environment wins.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for setting in SETTINGS:
        default = "required" if setting.default is None else f"`{setting.default}`"
        default = "none" if setting.default == "" else default
        lines.append(f"| `{setting.variable}` | {default} | {setting.meaning} |")
    return "\n".join(lines) + "\n"


def _contexts(context: click.Context) -> Iterator[click.Context]:
    command = context.command
    if isinstance(command, click.Group):
        for name, child in sorted(command.commands.items()):
            yield from _contexts(click.Context(child, parent=context, info_name=name, **WIDTH))
    else:
        yield context


if __name__ == "__main__":
    (REFERENCE / "commands.md").write_text(commands_page(), "utf-8")
    (REFERENCE / "settings.md").write_text(settings_page(), "utf-8")
