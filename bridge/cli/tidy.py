"""The command that forgets what is older than it is kept."""

from __future__ import annotations

import click

from bridge import flow
from bridge.cli.frame import Frame


@click.command(epilog="Example: socialbridge tidy --dry-run")
@click.option("--dry-run", is_flag=True, help="Only count what would be forgotten.")
@click.pass_obj
def tidy(frame: Frame, dry_run: bool) -> None:
    """Forget what is older than it is kept. The worker does it by itself, once a day."""
    bridge = frame.bridge
    days = bridge.config.kept
    if dry_run:
        found = flow.too_old(bridge.store, bridge.clock, days).items()
    else:
        found = dict(flow.tidy(bridge.store, bridge.clock, days)).items()
    said = "would be forgotten" if dry_run else "forgotten"
    for kind, count in found:
        line = f"{kind:12} kept {days[kind]:>6,.0f} days   {count:>8,} {said}"
        frame.console.print(line, markup=False)
