"""Makes the reference pages of the docs from the program: `python -m tests.reference`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from bridge.cli import cli
from bridge.config import SETTINGS

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"


def commands_page() -> str:
    """Every command with its help, as Markdown."""
    parts = ["# Commands\n"]
    for path, command in _commands(cli, "socialbridge"):
        context = click.Context(command, info_name=path, max_content_width=90, terminal_width=90)
        parts.append(f"## {path}\n\n```text\n{command.get_help(context).rstrip()}\n```\n")
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


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, child in sorted(command.commands.items()):
            yield from _commands(child, f"{path} {name}")
    else:
        yield path, command


if __name__ == "__main__":
    (REFERENCE / "commands.md").write_text(commands_page(), "utf-8")
    (REFERENCE / "settings.md").write_text(settings_page(), "utf-8")
