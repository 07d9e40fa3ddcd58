"""Commands about LTI platforms: where people open the feed inside their LMS."""

from __future__ import annotations

from dataclasses import replace

import click
from rich.table import Table

from bridge.access import audit, lti
from bridge.cli.frame import Frame, show_json


@click.group(name="lti")
def lti_group() -> None:
    """The feed inside the LMS: people open it from a course, with nothing to sign in to."""


@lti_group.command(epilog="Example: socialbridge lti invite academy")
@click.argument("name")
@click.pass_obj
def invite(frame: Frame, name: str) -> None:
    """Make an address that registers the bridge in the Moodle of connection NAME.

    It works once, for 24 hours.
    """
    bridge = frame.bridge
    connection = frame.connection(name)
    now = bridge.clock.now()
    with bridge.store.work() as work:
        token = lti.invite(work, connection.id, now)
        audit.note(work, None, "lti invited", connection.name, now)
    click.echo(
        "In Moodle, under Site administration → Plugins → External tool → Manage tools, paste\n"
        f"  {bridge.link(f'/lti/register/{token}')}\n"
        "as the tool URL, press Add LTI Advantage, then Activate on the tool's card.\n"
        "It works once, for 24 hours."
    )
    if not bridge.config.base_url.startswith("https://"):
        click.echo("Note: without https:// a browser keeps nobody signed in inside the LMS's page.")


@lti_group.command(
    epilog="Example: socialbridge lti add academy --client-id HNZzbwYtrdZBRNR --deployment 1"
)
@click.argument("name")
@click.option("--client-id", required=True, help="What Moodle calls Client ID.")
@click.option("--deployment", required=True, help="What Moodle calls Deployment ID.")
@click.option("--issuer", default="", help="The platform ID; the LMS's address unless given.")
@click.option("--auth-url", default="", help="The authentication request URL.")
@click.option("--keys-url", default="", help="The public keyset URL.")
@click.option("--token-url", default="", help="The access token URL.")
@click.pass_obj
def add(
    frame: Frame,
    name: str,
    client_id: str,
    deployment: str,
    issuer: str,
    auth_url: str,
    keys_url: str,
    token_url: str,
) -> None:
    """Make a tool known that was configured by hand in the Moodle of connection NAME.

    The addresses are those that every Moodle has, unless they are given.
    """
    bridge = frame.bridge
    connection = frame.connection(name)
    now = bridge.clock.now()
    usual = lti.of_moodle(connection, client_id, deployment, now)
    wanted = replace(
        usual,
        issuer=issuer or usual.issuer,
        auth_url=auth_url or usual.auth_url,
        keys_url=keys_url or usual.keys_url,
        token_url=token_url or usual.token_url,
    )
    with bridge.store.work() as work:
        platform = lti.add(work, wanted)
        audit.note(work, None, "lti added", f"{connection.name}: {client_id}", now)
    tool = bridge.tool
    click.echo(
        f"{platform.issuer} is known by its client id {platform.client_id}.\n"
        "In Moodle, the tool's settings are:\n"
        f"  Tool URL               {tool.launch_url}\n"
        "  LTI version            LTI 1.3\n"
        f"  Public keyset          {tool.keys_url}\n"
        f"  Initiate login URL     {tool.login_url}\n"
        f"  Redirection URI(s)     {tool.launch_url}"
    )


@lti_group.command(epilog="Example: socialbridge lti deployment academy 2")
@click.argument("name")
@click.argument("deployment")
@click.option("--client-id", default="", help="Of which platform, if there are several.")
@click.pass_obj
def deployment(frame: Frame, name: str, deployment: str, client_id: str) -> None:
    """Take launches of one more DEPLOYMENT of a platform of connection NAME."""
    bridge = frame.bridge
    connection = frame.connection(name)
    with bridge.store.work() as work:
        platform = lti.find(work, connection.id, client_id)
        lti.add(work, replace(platform, deployments=frozenset({deployment})))
        now = bridge.clock.now()
        audit.note(work, None, "lti deployment added", f"{connection.name}: {deployment}", now)
    click.echo(f"Launches of the deployment {deployment} are taken.")


@lti_group.command(name="list", epilog="Example: socialbridge lti list academy --json")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
@click.pass_obj
def list_(frame: Frame, name: str, as_json: bool) -> None:
    """Show the platforms of connection NAME."""
    connection = frame.connection(name)
    with frame.bridge.store.reading() as work:
        platforms = work.lti.platforms(connection.id)
    if as_json:
        show_json(
            [
                {
                    "issuer": one.issuer,
                    "client_id": one.client_id,
                    "deployments": sorted(one.deployments),
                    "keys_read_at": one.keys_at.isoformat() if one.keys_at else None,
                }
                for one in platforms
            ]
        )
        return
    if not platforms:
        click.echo(f"None yet. Register: socialbridge lti invite {connection.name}")
        return
    table = Table("platform", "client id", "deployments", box=None, pad_edge=False)
    for one in platforms:
        table.add_row(one.issuer, one.client_id, ", ".join(sorted(one.deployments)))
    frame.console.print(table)


@lti_group.command(epilog="Example: socialbridge lti remove academy --client-id HNZzbwYtrdZBRNR")
@click.argument("name")
@click.option("--client-id", default="", help="Of which platform, if there are several.")
@click.pass_obj
def remove(frame: Frame, name: str, client_id: str) -> None:
    """Let nobody in from a platform of connection NAME any more.

    Who came in from there is signed out. In Moodle, delete the tool as well.
    """
    bridge = frame.bridge
    connection = frame.connection(name)
    now = bridge.clock.now()
    with bridge.store.work() as work:
        platform = lti.find(work, connection.id, client_id)
        lti.take_away(work, platform, now)
        audit.note(work, None, "lti removed", f"{connection.name}: {platform.client_id}", now)
    click.echo(f"Nobody comes in from {platform.issuer} by {platform.client_id} any more.")


@lti_group.command(name="new-key", epilog="Example: socialbridge lti new-key")
@click.pass_obj
def new_key(frame: Frame) -> None:
    """Make a new key that the bridge signs with; the old one stays published for 30 days."""
    bridge = frame.bridge
    now = bridge.clock.now()
    with bridge.store.work() as work:
        kid = lti.new_key(work, now)
        audit.note(work, None, "lti key made", kid, now)
    click.echo(f"The bridge signs with the key {kid} from now on.")
