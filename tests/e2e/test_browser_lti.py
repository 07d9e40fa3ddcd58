"""Bob opens the feed in a frame of the LMS, which is another site, in a real browser.

The bridge is served over https, as it must be for that; a certificate is made for the test.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser, Page, Route, expect
from werkzeug.serving import make_server

from bridge.bootstrap import Bridge
from bridge.storage import tables as t
from bridge.web import create_app
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.contract.lti_platform import LtiPlatform, Tool, lti_platform
from tests.e2e.conftest import PATIENCE, _Quiet
from tests.integration.test_lti import known, lms_id


@dataclass
class InMoodle:
    """The bridge over https, the LMS that shows it, and Bob's browser."""

    bridge: Bridge
    cast: Cast
    platform: LtiPlatform
    page: Page


def certificate(folder: Path, clock: FrozenClock) -> ssl.SSLContext:
    """A context with a fresh certificate for ``localhost``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - timedelta(days=400))
        .not_valid_after(clock.now() + timedelta(days=400))
        .sign(key, hashes.SHA256())
    )
    file = folder / "localhost.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.fixture
def moodle(
    browser: Browser, lite_cast: Cast, clock: FrozenClock, tmp_path: Path
) -> Iterator[InMoodle]:
    """Bob is signed in to the LMS, and in Negotiation."""
    with lti_platform() as platform:
        platform.now = clock.now()
        platform.signed_in = lms_id(lite_cast, t.people, lite_cast.bob)
        platform.course = lms_id(lite_cast, t.courses, lite_cast.negotiation)
        bridge = known(lite_cast, clock, platform)
        server = make_server(
            "localhost",
            0,
            create_app(bridge),
            threaded=True,
            request_handler=_Quiet,
            ssl_context=certificate(tmp_path, clock),
        )
        server.daemon_threads, server.block_on_close = False, True  # type: ignore[attr-defined]
        url = f"https://localhost:{server.server_port}"
        bridge.config = replace(bridge.config, base_url=url)
        platform.tool = Tool(f"{url}/lti/login", f"{url}/lti/launch", f"{url}/lti/keys")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        context = browser.new_context(ignore_https_errors=True, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE)
        yield InMoodle(bridge, lite_cast, platform, context.new_page())
        context.close()
        server.shutdown()
        thread.join()
        server.server_close()


def test_in_a_frame_of_the_lms_bob_reads_and_writes(moodle: InMoodle) -> None:
    """The course's feed is there without a click; a post of his is taken; reloading keeps him."""
    page = moodle.page
    page.goto(f"{moodle.platform.url}/course/view.php")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Negotiation", exact=True)).to_be_visible()
    frame.get_by_role("link", name="Feed").first.click()
    frame.get_by_role("textbox").first.fill("We settled without a lawyer.")
    frame.get_by_role("button", name="Post").first.click()
    expect(frame.get_by_text("We settled without a lawyer.").first).to_be_visible()
    kept = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert "__Host-socialbridge" not in kept
    assert "None" == kept["__Host-socialbridge-framed"]["sameSite"]


def test_the_frames_session_is_not_the_tabs(moodle: InMoodle) -> None:
    """Who is signed in inside the LMS is signed in nowhere else, and no other site may frame it."""
    page = moodle.page
    page.goto(f"{moodle.platform.url}/course/view.php")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Negotiation", exact=True)).to_be_visible()
    tab = page.context.new_page()
    tab.goto(moodle.bridge.link("/"))
    expect(tab.get_by_role("heading", name="Sign in by a link")).to_be_visible()


def test_where_a_frame_keeps_no_cookie_a_tab_opens(moodle: InMoodle) -> None:
    """The browser drops what the frame is given; the button signs Bob in, in a tab of its own."""

    def forget(route: Route) -> None:
        answer = route.fetch(max_redirects=0)
        kept = {k: v for k, v in answer.headers.items() if k.lower() != "set-cookie"}
        route.fulfill(response=answer, headers=kept)

    page = moodle.page
    page.route("**/lti/login?*", forget)
    page.goto(f"{moodle.platform.url}/course/view.php")
    frame = page.frame_locator("iframe")
    button = frame.get_by_role("button", name="Open in a new tab")
    expect(button).to_be_visible()
    with page.context.expect_page() as opened:
        button.click()
    tab = opened.value
    expect(tab.get_by_role("heading", name="Negotiation", exact=True)).to_be_visible()
