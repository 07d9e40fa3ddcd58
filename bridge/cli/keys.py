"""Commands about the secret key that everything at rest is sealed with."""

from __future__ import annotations

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bridge import config as settings
from bridge import flow
from bridge.cli.frame import Frame
from bridge.storage.resealing import sealed_columns


@click.group()
def keys() -> None:
    """The secret key, and changing it."""


@keys.command(epilog="Example: socialbridge keys new")
def new() -> None:
    """Print a fresh key; nothing is changed.

    To change keys put it before the one that stands in SOCIALBRIDGE_SECRET_KEY, with a comma,
    start everything anew, and run `socialbridge keys rotate`.
    """
    click.echo(settings.new_secret_key())


@keys.command(epilog="Example: socialbridge keys rotate")
@click.pass_obj
def rotate(frame: Frame) -> None:
    """Seal everything with the first key of SOCIALBRIDGE_SECRET_KEY.

    The bridge may run meanwhile, if all of it was started with the new key. Stopped anywhere, run
    it again: what is done is passed by.
    """
    bridge, console = frame.bridge, frame.console
    with bridge.store.reading() as work:
        total = sum(work.resealing.count(name) for name in sealed_columns())
    with Progress(
        TextColumn("{task.description:<28}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task("", total=total)
        done = flow.reseal(
            bridge.store,
            bridge.clock,
            lambda name, seen: bar.update(task, description=name, advance=seen),
        )
    click.echo(
        f"{done.looked_at:,} secrets are sealed with the newest key; {done.anew:,} of them were"
        " sealed anew."
    )
    earlier = len(bridge.config.secret_keys) - 1
    if earlier:
        click.echo(
            f"The {earlier} earlier may be taken out of SOCIALBRIDGE_SECRET_KEY: nothing in the"
            " database needs them. Without them links in letters that were sent before, and backups"
            " that were made before, do not open."
        )
