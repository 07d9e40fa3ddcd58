"""Commands that print what the LMS is to be told: a role and a list of functions."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.table import Table

from bridge.cli.frame import Frame
from bridge.config import load, new_secret_key
from bridge.setup import manifest as what
from bridge.setup import preset

Command = TypeVar("Command", bound=Callable[..., Any])


def _of_features(command: Command) -> Command:
    for option in (
        click.option(
            "--least",
            is_flag=True,
            help="Leave out what a feature can do without: it does less, or costs the LMS more.",
        ),
        click.option(
            "--feature",
            "names",
            multiple=True,
            metavar="NAME",
            help="Only what this feature needs, and what all of them stand on; may be repeated.",
        ),
        click.option(
            "--lms",
            "kind",
            type=click.Choice(what.kinds()),
            default="moodle",
            show_default=True,
            help="Which LMS it is for.",
        ),
    ):
        command = option(command)
    return command


@click.group()
def manifest() -> None:
    """What the bridge needs of an LMS, by feature."""


@manifest.command(epilog="Example: socialbridge manifest features")
@click.pass_obj
def features(frame: Frame) -> None:
    """The features, and what each is for."""
    table = Table(box=None, pad_edge=False)
    for heading in ("feature", "", "for"):
        table.add_column(heading, overflow="fold")
    for feature in what.features():
        table.add_row(feature.name, "needed" if feature.required else "", feature.meaning)
    frame.console.print(table)


@manifest.command(epilog="Example: socialbridge manifest functions --feature discussions")
@_of_features
@click.pass_obj
def functions(frame: Frame, kind: str, names: tuple[str, ...], least: bool) -> None:
    """The functions for the external service, one a line.

    Paste them into the field of External services → Functions → Add functions.
    """
    found = preset.functions(kind, names, least=least, off=_off(frame))
    click.echo("\n".join(found))


@manifest.command("role-preset", epilog="Example: socialbridge manifest role-preset > role.xml")
@_of_features
@click.pass_obj
def role_preset(frame: Frame, kind: str, names: tuple[str, ...], least: bool) -> None:
    """The role of the token's user, as the LMS imports it.

    Upload it under Define roles → Add a new role → Use a role preset. What a setting of the bridge
    asks for is in it: sign-in links as messages of the LMS need the right to write to anybody.
    """
    click.echo(preset.role_preset(kind, names, least=least, off=_off(frame)), nl=False)


def _off(frame: Frame) -> frozenset[str]:
    """The features that the settings here leave out. There need be no key and no database yet."""
    name = "SOCIALBRIDGE_SECRET_KEY"
    trial = {} if os.environ.get(name) else {name: new_secret_key()}
    return what.switched_off({"SIGN_IN_LINKS": load(Path(frame.env_file), trial).sign_in_links})
