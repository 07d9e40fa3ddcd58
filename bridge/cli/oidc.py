"""Commands about signing in at an OpenID Connect provider."""

from __future__ import annotations

import click

from bridge.access import oidc
from bridge.cli.frame import Frame
from bridge.cli.people import connection_option
from bridge.errors import ConfigError


@click.group(name="oidc")
def oidc_group() -> None:
    """Signing in at an OpenID Connect provider; it is set by SOCIALBRIDGE_OIDC_..."""


@oidc_group.command(epilog="Example: socialbridge oidc check")
@click.pass_obj
def check(frame: Frame) -> None:
    """Ask the provider what it says of itself, and print what to register there."""
    line, now = frame.bridge.provider, frame.bridge.clock.now()
    if line is None:
        raise ConfigError(
            "No provider is set.",
            "Set SOCIALBRIDGE_OIDC_ISSUER and SOCIALBRIDGE_OIDC_CLIENT_ID.",
        )
    provider, keys = line.provider(now), line.keys(now)
    click.echo(f"{provider.issuer} answers, with {len(keys['keys'])} keys.")
    click.echo("Register the bridge there with this redirect URI:")
    click.echo(f"  {frame.bridge.link('/sign-in/oidc/back')}")


@oidc_group.command(epilog="Example: socialbridge oidc forget alice@example.com")
@click.argument("person")
@connection_option
@click.pass_obj
def forget(frame: Frame, person: str, connection_name: str | None) -> None:
    """Forget who PERSON is to the provider: the next with their address there is them."""
    bridge = frame.bridge
    found = frame.person(person, frame.connection(connection_name))
    with bridge.store.work() as work:
        count = oidc.forget(work, found, bridge.clock.now())
    said = "was known to no provider" if not count else "is known anew at their next sign-in"
    frame.console.print(f"{found.name} {said}.", markup=False)
