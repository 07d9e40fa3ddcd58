"""Makes the reference pages of the docs from the program: `python -m tests.reference`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from bridge.cli import cli
from bridge.config import SETTINGS
from bridge.outlets.kinds import KINDS
from tests.doctored import rights_page

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


def outlets_page() -> str:
    """Every kind of outlet, and what can be done there, as Markdown."""
    lines = [
        "# Outlets",
        "",
        "What can be done at an outlet of each kind. *Find*: the bridge can look whether a post"
        " arrived. *Once*: what is sent twice is shown once.",
        "",
        "| kind | publish | edit | delete | find | once | read by | takes |",
        "|---|---|---|---|---|---|---|---|",
    ]
    notes = []
    for name, kind in KINDS.items():
        able = kind.abilities
        marks = [able.edit, able.delete, able.find, able.idempotent]
        said = ["yes" if able else "no" for able in (True, *marks)]
        star = "\\*" if kind.depends else ""
        row = [f"`{name}`{star} {kind.label}", *said, kind.reaches, kind.limit]
        lines.append(f"| {' | '.join(row)} |")
        if kind.depends:
            notes.append(f"\\* `{name}` depends on {kind.depends}.")
        if able.remembers:
            notes.append(f"`{name}`: an edit leaves the earlier words to be read.")
        if able.stays:
            notes.append(f"`{name}`: {able.stays}")
    return "\n".join(lines) + "\n\n" + "\n\n".join(notes) + "\n"


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
    (REFERENCE / "outlets.md").write_text(outlets_page(), "utf-8")
    (REFERENCE / "rights.md").write_text(rights_page(), "utf-8")
