"""The setup in the browser: one link, six steps, and nothing told before the last one."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import func, select

from bridge import flow
from bridge.access import audit, setup_keys
from bridge.bootstrap import Bridge
from bridge.config_oidc import OpenIdConnect
from bridge.delivery import outlets
from bridge.demo.lms.capabilities import DEFAULT
from bridge.demo.lms.server import Lms, running_lms
from bridge.errors import InputError
from bridge.model import Audience, AudienceKind, Choice, Role, Stream
from bridge.setup.wizard import Step, first_open, stages
from bridge.storage import Store
from bridge.storage import tables as t
from bridge.web import create_app
from bridge.web.cookies import SETUP
from bridge.web.routes import ROWS
from bridge.worker import Worker
from tests.cast import Cast
from tests.company import Company
from tests.conftest import FrozenClock
from tests.integration.test_delivery_room import FORUM
from tests.setting_up import empty_bridge, link, opened, typed, wait_for_reading
from tests.visitor import Visit, Visitor, words

STEPS = {"connect", "check", "shared", "people", "outlets", "invite"}


@pytest.fixture
def lms(clock: FrozenClock) -> Iterator[Lms]:
    """The demo LMS, standing still at the moment of the tests."""
    with running_lms(clock=lambda: int(clock.now().timestamp())) as running:
        yield running


@pytest.fixture
def fresh(lite_store: Store, clock: FrozenClock) -> Bridge:
    """A bridge right after ``socialbridge init``."""
    return empty_bridge(lite_store, clock)


@pytest.fixture
def connected(fresh: Bridge, lms: Lms) -> Visitor:
    """Who sets it up, after the LMS was connected and read."""
    visitor = opened(fresh)
    assert 303 == visitor.post("/setup/connect", **typed(lms)).status_code
    assert "/setup/shared" == visitor.post("/setup/next", step="check").headers["Location"]
    wait_for_reading()
    return visitor


def somebody(bridge: Bridge) -> Any:
    """The first person of the LMS by their number there who can come in."""
    p = t.people.c
    with bridge.store.reading() as work:
        query = select(t.people).where(p.gone.is_(False), p.suspended.is_(False), p.email != "")
        return work.sql.execute(query.order_by(p.lms_id)).first()


def count(bridge: Bridge, table: Any) -> int:
    """How many rows it has."""
    with bridge.store.reading() as work:
        return int(work.sql.execute(select(func.count()).select_from(table)).scalar_one())


@contextmanager
def redirecting(to: str) -> Iterator[str]:
    """The address of a site that sends everybody elsewhere."""

    class Elsewhere(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(302)
            self.send_header("Location", to)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *about: object) -> None:
            """It keeps no log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


# --- the link ------------------------------------------------------------------------------------


def test_the_address_begins_the_setup_once(fresh: Bridge) -> None:
    """Opening it uses nothing up; the button does, and its browser alone goes on."""
    path, app = link(fresh), create_app(fresh)
    first, second = Visitor(app.test_client()), Visitor(app.test_client())
    for _ in range(2):
        assert "Set up Socialbridge" in first.read(path)
    answer = first.post(path)
    assert (303, "/setup") == (answer.status_code, answer.headers["Location"])
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "/setup/connect" == first.get("/setup").headers["Location"]

    late = second.post(path)
    assert 422 == late.status_code
    assert "This setup address has been used." in words(late.text)
    assert "socialbridge setup-link" in words(late.text)
    assert 403 == second.get("/setup").status_code


def test_the_address_and_what_begins_by_it_expire(fresh: Bridge, clock: FrozenClock) -> None:
    """A day after they were made; a new address goes on where the setup stood."""
    app, path = create_app(fresh), link(fresh)
    visitor = opened(fresh, app)
    clock.advance(hours=24)
    assert "This setup address has expired." in words(visitor.get(path).text)
    refused = visitor.get("/setup/connect")
    assert 403 == refused.status_code
    assert "socialbridge setup-link" in words(refused.text)
    assert 303 == visitor.post(link(fresh)).status_code
    assert 200 == visitor.get("/setup/connect").status_code


def test_before_the_end_the_sign_in_page_leads_to_the_setup(
    fresh: Bridge, connected: Visitor
) -> None:
    """Whoever opens the bridge's address too early learns how the setup begins."""
    stranger = Visitor(create_app(fresh).test_client())
    said = stranger.read("/sign-in")
    assert "not set up yet" in said and "socialbridge setup-link" in said
    assert "socialbridge link" not in said


def test_a_guess_opens_nothing(fresh: Bridge) -> None:
    """Neither as an address nor as a cookie; and the cookie's secret is no address."""
    app = create_app(fresh)
    visitor = opened(fresh, app)
    secret = visitor.client.get_cookie(SETUP)
    assert secret is not None
    stranger = Visitor(app.test_client())
    for guess in ("guessed", secret.value):
        assert "This setup address is not known." in words(stranger.get(f"/setup/{guess}").text)
        assert 422 == stranger.post(f"/setup/{guess}").status_code
    for guess in ("guessed", link(fresh).removeprefix("/setup/")):
        stranger.client.set_cookie(SETUP, guess)
        assert 403 == stranger.get("/setup/connect").status_code


def test_only_hashes_are_kept(fresh: Bridge) -> None:
    """A database that leaks opens no setup."""
    path, visitor = link(fresh), opened(fresh)
    secret = visitor.client.get_cookie(SETUP)
    assert secret is not None
    with fresh.store.reading() as work:
        kept = str(work.sql.execute(select(t.setup_keys)).all())
    assert path.removeprefix("/setup/") not in kept
    assert secret.value not in kept


def test_of_two_who_press_the_button_at_once_one_begins(store: Store, clock: FrozenClock) -> None:
    """The second is told that the address has been used."""
    bridge = empty_bridge(store, clock)
    token = link(bridge).removeprefix("/setup/")
    with store.work() as work:
        assert setup_keys.begin(work, token, clock.now())
        with pytest.raises(InputError, match="has been used"):
            setup_keys.begin(work, token, clock.now())


def test_what_is_connected_at_the_command_line_is_set_up(
    bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """No address is made, and every page of the setup says how admins come in."""
    with pytest.raises(InputError, match="The bridge is set up"):
        link(bridge)
    for person in (None, lite_cast.dana):
        for path in ("/setup", "/setup/guessed", "/setup/connect", "/setup/invite"):
            answer = visit(person).get(path)
            assert 404 == answer.status_code
            assert "socialbridge link NAME" in words(answer.text)


@pytest.mark.parametrize("role", [None, *Role])
def test_no_role_opens_the_setup(
    role: Role | None, bridge: Bridge, lite_cast: Cast, visit: Visit
) -> None:
    """Its pages belong to whoever began it: an admin who is signed in is refused as anybody is."""
    with bridge.store.work() as work:
        work.setups.begin(lite_cast.connection, lite_cast.now)
        if role not in {None, Role.LEARNER, Role.LEADER, Role.DELEGATE}:
            work.access.grant(lite_cast.bob, role)
    person = {None: None, Role.LEADER: lite_cast.alice}.get(role, lite_cast.bob)
    visitor = visit(person)
    for row in ROWS:
        if not row.setup:
            continue
        path = re.sub(r"<int:\w+>", "1", row.rule.replace("<filename>", "x"))
        answer = visitor.get(path) if row.method == "GET" else visitor.post(path)
        assert 403 == answer.status_code, path
        assert "open to who sets the bridge up" in words(answer.text)


def test_who_sets_up_opens_nothing_else(connected: Visitor) -> None:
    """The setup's session is no person's."""
    for path in ("/", "/admin", "/desk", "/me/sharing"):
        assert "/sign-in" in connected.get(path).headers["Location"]


# --- step by step --------------------------------------------------------------------------------


def test_before_an_lms_is_connected_only_the_first_step_is_open(fresh: Bridge) -> None:
    """The others lead back to it, and their forms do nothing."""
    visitor = opened(fresh)
    for step in STEPS - {"connect"}:
        assert "/setup/connect" == visitor.get(f"/setup/{step}").headers["Location"]
    for path in ("/setup/finish", "/setup/admin", "/setup/people", "/setup/reading"):
        answer = visitor.post(path)
        assert 404 == answer.status_code, path
        assert "No LMS is connected yet." in words(answer.text)


def test_what_to_do_in_the_lms_stands_there_to_copy_and_to_save(fresh: Bridge) -> None:
    """For either LMS, and for fewer features; without scripts, too."""
    visitor = opened(fresh)
    page = visitor.page("/setup/connect")
    assert "core_cohort_get_cohorts" in page and "moodle/cohort:view" in page
    totara = visitor.page("/setup/connect?lms=totara")
    assert "moodle/course:update" in totara
    assert "System information" in words(totara) and "System information" not in words(page)
    less = visitor.page("/setup/connect?feature=connect")
    assert "core_cohort_get_cohorts" not in less
    role = visitor.get("/setup/files/socialbridge-role.xml")
    assert role.text.startswith("<?xml") and "attachment" in role.headers["Content-Disposition"]
    functions = visitor.get("/setup/files/socialbridge-functions.txt?lms=totara")
    assert "core_course_get_courses" in functions.text.splitlines()
    assert 404 == visitor.get("/setup/files/other.txt").status_code


def test_connecting_asks_the_lms_first(fresh: Bridge, lms: Lms) -> None:
    """A wrong token is refused beside the form, nothing is kept, and no secret is shown again."""
    visitor = opened(fresh)
    for form, says in (
        ({"token": "wrong-token"}, "does not know the token"),
        ({"token": ""}, "The token is empty."),
        ({"name": "My LMS"}, "is no name for a connection"),
        ({"url": "ftp://user@example.com"}, "That is no address of a site."),
        ({"url": "http://["}, "That is no address of a site."),
        ({"client_id": "one"}, "one half is missing"),
        ({"kind": "other"}, "Choose the kind from the list."),
    ):
        answer = visitor.post("/setup/connect", **typed(lms, **form))
        assert (422, True) == (answer.status_code, says in words(answer.text)), answer.text
        assert "wrong-token" not in answer.text
    assert 0 == count(fresh, t.connections)
    assert "/setup/check" == visitor.post("/setup/connect", **typed(lms)).headers["Location"]
    page = visitor.page("/setup/connect")
    assert lms.token not in page and lms.url in page


def test_an_address_inside_the_network_needs_the_allow_list(
    lite_store: Store, clock: FrozenClock, lms: Lms
) -> None:
    """Whatever kind is said; the remedy names the setting and the command."""
    visitor = opened(empty_bridge(lite_store, clock, allow=frozenset()))
    for kind in ("auto", "totara", "moodle"):
        answer = visitor.post("/setup/connect", **typed(lms, kind=kind))
        assert 422 == answer.status_code
        said = words(answer.text)
        assert "127.0.0.1 stands for 127.0.0.1, an address inside a private network." in said
        assert "SOCIALBRIDGE_OUTLET_ALLOW_PRIVATE" in said
        assert "socialbridge connect NAME --url ADDRESS --setup" in said


def test_the_guard_stays_with_what_a_page_connected(fresh: Bridge, lms: Lms) -> None:
    """A later sync is guarded as well, so that a name which moves inside gains nothing; the command
    line frees the address."""
    opened(fresh).post("/setup/connect", **typed(lms))
    shut = empty_bridge(fresh.store, fresh.clock, allow=frozenset())  # type: ignore[arg-type]
    with fresh.store.reading() as work:
        connection = work.connections.named("academy")
    with pytest.raises(Exception, match="inside a private network"):
        shut.connector(connection).site()
    wanted = flow.Wanted("academy", lms.url, lms.token, "moodle")
    made = flow.connect_lms(shut.store, shut.clock, wanted, shut.kind_of, shut.connector)
    assert "Larkfield Academy" == shut.connector(made.connection).site().name
    with fresh.store.reading() as work:
        assert work.setups.is_open(made.connection.id)


def test_a_redirect_is_not_followed(fresh: Bridge) -> None:
    """An address that answers with another one is no LMS."""
    with redirecting("http://169.254.169.254/") as url:
        form = {"url": url, "token": "x", "name": "academy", "kind": "auto"}
        refused = opened(fresh).post("/setup/connect", **form)
    assert 422 == refused.status_code
    assert "169.254.169.254" in words(refused.text)


def test_a_redirect_to_no_address_is_refused_as_any_other(fresh: Bridge) -> None:
    """What the site says is hostile; it breaks no page off."""
    with redirecting("http://[") as url:
        form = {"url": url, "token": "x", "name": "academy"}
        kinds = ("auto", "moodle", "totara")
        answers = [opened(fresh).post("/setup/connect", **form, kind=kind) for kind in kinds]
    assert [422, 422, 422] == [answer.status_code for answer in answers]


def test_the_doctor_says_what_will_not_work(fresh: Bridge, clock: FrozenClock) -> None:
    """One can go on all the same."""
    visitor = opened(fresh)
    rights = set(DEFAULT) - {"moodle/cohort:view"}
    at = int(clock.now().timestamp())
    with running_lms(clock=lambda: at, capabilities=rights) as lms:
        visitor.post("/setup/connect", **typed(lms))
        assert "Press the button" in visitor.read("/setup/check")
        answer = visitor.post("/setup/check")
    said = words(answer.text)
    assert 200 == answer.status_code
    assert "moodle/cohort:view" in said and "works in part or not at all:" in said
    assert "read cohorts as teams" in said
    gone = visitor.post("/setup/check")
    assert (200, True) == (gone.status_code, "cannot be reached" in words(gone.text))
    assert "/setup/shared" == visitor.post("/setup/next", step="check").headers["Location"]
    wait_for_reading()
    assert "The reading ended early" in visitor.read("/setup/shared")


def test_the_lms_is_read_and_the_page_follows(fresh: Bridge, lms: Lms) -> None:
    """The part that is looked at again says when there is something new for the whole page."""
    visitor = opened(fresh)
    visitor.post("/setup/connect", **typed(lms))
    assert "Your LMS is not read yet" in visitor.read("/setup/shared")
    assert 303 == visitor.post("/setup/reading").status_code
    wait_for_reading()
    part = visitor.get("/setup/reading?seen=nnnnr", headers={"HX-Request": "true"})
    assert "true" == part.headers["HX-Refresh"]
    assert "Your LMS is read" in words("<svg></svg>" + part.text)
    assert "hx-get" not in part.text
    with fresh.store.reading() as work:
        read = work.runs.last_read(work.setups.current().connection_id)  # type: ignore[union-attr]
    assert Stream.PEOPLE in read
    before = count(fresh, t.sync_runs)
    visitor.post("/setup/next", step="check")
    assert before == count(fresh, t.sync_runs)


def test_what_is_shared_is_said_in_words_and_can_be_changed(
    fresh: Bridge, connected: Visitor
) -> None:
    """What must be taken is quiet by the rule; each category can be told otherwise."""
    said = connected.read("/setup/shared")
    assert "Everybody begins with nobody sees my name." in said
    with fresh.store.reading() as work:
        connection = work.connections.named("academy")
        policies = work.facts.policies(connection.id)
    quiet = next(p for p in policies if p.courses and p.mandatory == p.courses)
    assert f"{quiet.name} {quiet.courses} courses · not announced" in said
    answer = connected.post(f"/setup/shared/{quiet.id}", announce="yes")
    assert 303 == answer.status_code
    with fresh.store.reading() as work:
        after = {p.id: p.announce for p in work.facts.policies(connection.id)}
        assert (True, 0) == (after[quiet.id], len(after) - len(policies))
        assert (None, "policy set") == (audit.recent(work, 1)[0].person_id, "policy set")
    assert 404 == connected.post("/setup/shared/9999", announce="yes").status_code
    assert 422 == connected.post(f"/setup/shared/{quiet.id}", announce="perhaps").status_code


def test_leaders_are_named_by_hand_by_file_and_by_rules(fresh: Bridge, connected: Visitor) -> None:
    """By the same forms as later; each act is in the log, by nobody."""
    person = somebody(fresh)
    with fresh.store.reading() as work:
        team = work.access.teams(work.connections.named("academy").id)[0]
    named = connected.follow("/setup/people", team=team.name, person=person.email)
    assert f"{person.name} leads {team.name} now." in named
    ended = connected.follow(f"/setup/people/{team.id}/{person.id}/end")
    assert f"{person.name} leads {team.name} no more." in ended
    lines = f"team,leader\n{team.name},{person.email}\n"
    tried = connected.post("/setup/people/file", lines=lines, do="try")
    assert "Nothing was changed yet." in words(tried.text)
    assert 303 == connected.post("/setup/people/file", lines=lines, do="take").status_code
    assert 422 == connected.post("/setup/people/rules", rules="no rule", do="take").status_code
    assert 303 == connected.post("/setup/people/rules", rules="", do="take").status_code
    assert 422 == connected.post("/setup/people", team="Nowhere", person="nobody").status_code
    with fresh.store.reading() as work:
        log = audit.recent(work, 50)
    assert {None} == {entry.person_id for entry in log}
    assert any(entry.act == f"leads {team.name}" for entry in log)


def test_the_first_admin_is_somebody_of_the_lms(fresh: Bridge, connected: Visitor) -> None:
    """Chosen by what only one has; the role comes with the last step."""
    person = somebody(fresh)
    assert "not chosen yet" in connected.read("/setup/invite")
    refused = connected.post("/setup/finish")
    assert 422 == refused.status_code
    assert "Nobody is chosen as admin yet." in words(refused.text)
    assert 422 == connected.post("/setup/admin", person="nobody-of-that-name").status_code
    chosen = connected.follow("/setup/admin", person=person.email)
    assert f"{person.name} becomes the admin." in chosen
    assert 0 == count(fresh, t.roles)


def test_each_outlet_has_a_dry_run(fresh: Bridge, connected: Visitor) -> None:
    """As if the setup were finished; nothing of it is stored."""
    assert "None yet." in connected.read("/setup/outlets")
    with fresh.store.work() as work:
        connection = work.connections.named("academy")
        everyone = Audience(AudienceKind.EVERYONE, connection.id)
        settings = {"url": "https://example.com/hook", "kinds": ["completion", "course"]}
        outlet = outlets.add(
            work, connection.id, "Intranet", "webhook", everyone, settings, "secret"
        )
    dry = connected.read(f"/setup/outlets?outlet={outlet.id}")
    assert "Dry run: Intranet" in dry
    assert "completed" in dry or "finished" in dry
    assert 404 == connected.get("/setup/outlets?outlet=999").status_code
    with fresh.store.reading() as work:
        assert work.setups.is_open(connection.id)
    assert (0, 0) == (count(fresh, t.activities), count(fresh, t.deliveries))


def test_an_outlet_is_added_and_taken_out_in_the_setup(connected: Visitor, fresh: Bridge) -> None:
    """It is on and its dry run is shown at once; nothing leaves before the end."""
    assert "Webhook" in connected.read("/setup/outlets")
    form = connected.read("/setup/outlets?kind=webhook")
    assert "Address of the receiver" in form and "cannot be edited" not in form
    with fresh.store.reading() as work:
        connection = work.connections.named("academy")
    answer = connected.post(
        "/setup/outlets",
        kind="webhook",
        name="Intranet",
        url="https://intranet.example/hook",
        audience=Audience(AudienceKind.EVERYONE, connection.id).key,
        kinds=["completion", "milestone"],
    )
    assert 200 == answer.status_code
    with fresh.store.reading() as work:
        made = outlets.named(work, connection.id, "Intranet")
    assert made.secret.startswith("whsec_") and made.enabled
    assert made.secret in answer.text
    assert ["completion", "milestone"] == made.settings["kinds"]
    page = connected.page(f"/setup/outlets?outlet={made.id}")
    assert "Dry run: Intranet" in words(page)
    assert made.secret not in page
    assert 0 == count(fresh, t.deliveries)
    gone = connected.follow(f"/setup/outlets/{made.id}/remove")
    assert "Intranet is taken out." in gone and "None yet." in gone


def test_a_form_of_the_setup_needs_the_token_of_its_page(connected: Visitor) -> None:
    """As every form does: who lures the browser elsewhere changes nothing."""
    for row in ROWS:
        if row.setup and row.method == "POST":
            path = re.sub(r"<int:\w+>", "1", row.rule)
            answer = connected.client.post(path, data={"csrf_token": "guessed"})
            assert 400 == answer.status_code, path


# --- leaving, coming back, and the end -----------------------------------------------------------


def test_a_setup_is_taken_up_where_it_was_left(fresh: Bridge, connected: Visitor) -> None:
    """In the same browser, and by a new address in another one."""
    assert "/setup/shared" == connected.get("/setup").headers["Location"]
    connected.post("/setup/next", step="shared")
    connected.post("/setup/next", step="outlets")
    assert "/setup/people" == connected.get("/setup").headers["Location"]
    other = Visitor(create_app(fresh).test_client())
    path = link(fresh)
    assert "Go on setting up" in other.read(path)
    other.post(path)
    assert "/setup/people" == other.get("/setup").headers["Location"]
    assert 422 == other.post("/setup/next", step="somewhere").status_code


def test_nothing_is_told_before_the_last_step_and_then_it_is(
    fresh: Bridge, connected: Visitor, clock: FrozenClock
) -> None:
    """The worker syncs, tells and delivers as ever, and yet no activity and no delivery is there;
    the last step makes the admin one, signs them in, and opens it."""
    person = somebody(fresh)
    connected.post("/setup/admin", person=person.email)
    worker = Worker(fresh)
    worker.sync_all()
    worker.deliver_all()
    assert 0 < count(fresh, t.completions)
    assert (0, 0) == (count(fresh, t.activities), count(fresh, t.deliveries))
    with fresh.store.reading() as work:
        waiting = [c for c in work.sql.execute(select(t.completions)) if c.pending]
    assert waiting

    answer = connected.post("/setup/finish")
    assert (303, "/admin") == (answer.status_code, answer.headers["Location"])
    assert "Larkfield Academy" in connected.read("/admin")
    assert 0 < count(fresh, t.activities)
    assert None is connected.client.get_cookie(SETUP)
    assert 404 == connected.get("/setup/connect").status_code
    assert (0, 0) == (count(fresh, t.setups), count(fresh, t.setup_keys))
    with fresh.store.reading() as work:
        acts = [entry.act for entry in audit.recent(work, 2)]
        viewer = work.access.viewer(person_id=person.id)
        assert viewer is not None and Role.ADMIN in viewer.roles
    assert ["setup finished", "granted admin"] == acts


def test_the_last_step_names_the_sign_in_provider(fresh: Bridge, lms: Lms) -> None:
    """Where there is one; else a link is the way in."""
    acme = OpenIdConnect(
        "https://id.example", "b", "", "Acme", "email", "email", False, "openid", "groups", {}
    )
    for oidc, named in ((None, False), (acme, True)):
        visitor = opened(replace(fresh, config=replace(fresh.config, oidc=oidc)))
        visitor.post("/setup/connect", **typed(lms))
        assert named == ("With the account of Acme" in visitor.read("/setup/invite"))


def test_a_totara_is_recognised_and_looked_at(fresh: Bridge, clock: FrozenClock) -> None:
    """Nobody has to say which LMS it is; the doctor looks at it as at a Moodle."""
    visitor = opened(fresh)
    at = int(clock.now().timestamp())
    with running_lms(clock=lambda: at, flavour="totara-12") as lms:
        assert 303 == visitor.post("/setup/connect", **typed(lms)).status_code
        answer = visitor.post("/setup/check")
    assert (200, True) == (answer.status_code, "Examine again" in words(answer.text))
    with fresh.store.reading() as work:
        assert "totara" == work.connections.named("academy").kind


def test_from_the_link_to_the_admins_page(store: Store, clock: FrozenClock) -> None:
    """On both databases; every act of it is in the log, and nobody's."""
    bridge = empty_bridge(store, clock)
    visitor = opened(bridge)
    at = int(clock.now().timestamp())
    with running_lms(clock=lambda: at) as lms:
        assert 303 == visitor.post("/setup/connect", **typed(lms)).status_code
        visitor.post("/setup/next", step="check")
        wait_for_reading()
    for step in ("shared", "people", "outlets"):
        visitor.read(f"/setup/{step}")
        assert 303 == visitor.post("/setup/next", step=step).status_code
    person = somebody(bridge)
    visitor.post("/setup/admin", person=person.email)
    assert person.name in visitor.read("/setup/invite")
    assert "/admin" == visitor.post("/setup/finish").headers["Location"]
    assert 200 == visitor.get("/admin").status_code
    with store.reading() as work:
        log = audit.recent(work, 50)
    assert {None} == {entry.person_id for entry in log}
    assert [
        *("setup link made", "setup opened", "setup connected", "setup step connect"),
        *("setup step check", "setup reading begun", "setup step shared", "setup step people"),
        *("setup step outlets", "setup admin chosen", "granted admin", "setup finished"),
    ] == [entry.act for entry in reversed(log)]


def test_a_connection_in_setup_sends_nothing_to_outlets(
    company: Company, clock: FrozenClock
) -> None:
    """Neither what was noted before nor what is new; at the end all of it goes."""
    cast = company.cast
    wall = company.outlet("Wall", FORUM, ["completion", "post"])
    with company.store.work() as work:
        work.setups.begin(cast.connection, clock.now())
    company.tell()
    me = company.viewer(cast.bob)
    flow.post(company.store, company.clock, me, "Bob was here.", company.everyone, False)
    company.drain()
    assert 0 == len(company.boards[wall.id].posts)
    with company.store.reading() as work:
        assert ["post"] == [a.kind for a in work.sql.execute(select(t.activities.c.kind))]
        assert [] == work.delivery.waiting(clock.now() + timedelta(days=1))
    with company.store.work() as work:
        assert work.setups.end(cast.connection)
    company.tell()
    company.drain()
    assert 3 == len(company.boards[wall.id].posts)


def test_consent_during_the_setup_tells_nothing_either(
    company: Company, clock: FrozenClock
) -> None:
    """What a choice would correct waits as well, and counts at the end."""
    cast = company.cast
    with company.store.work() as work:
        work.setups.begin(cast.connection, clock.now())
    flow.change_consent(company.store, clock, cast.bob, Choice.NOBODY)
    with company.store.reading() as work:
        assert not work.telling.any(cast.connection)
    with company.store.work() as work:
        work.setups.end(cast.connection)
    company.tell()
    with company.store.reading() as work:
        assert work.telling.any(cast.connection)
        named = work.sql.execute(select(t.activity_members.c.person_id)).scalars().all()
    assert cast.bob not in named


def test_nobody_is_written_to_before_the_end(cast: Cast, clock: FrozenClock) -> None:
    """A leader gets no first word, and nobody is known to who asks for a link."""
    with cast.store.work() as work:
        work.setups.begin(cast.connection, cast.now)
        assert [] == work.notes.newcomers(10)
        assert () == work.access.known_as("bob", 3)
        work.setups.end(cast.connection)
        assert cast.alice in [ident for ident, _ in work.notes.newcomers(10)]
        assert 1 == len(work.access.known_as("bob", 3))


def test_the_chosen_admin_must_be_there_at_the_end(fresh: Bridge, connected: Visitor) -> None:
    """Who left meanwhile opens nothing; somebody else is chosen."""
    person = somebody(fresh)
    connected.post("/setup/admin", person=person.email)
    with fresh.store.work() as work:
        work.sql.execute(t.people.update().where(t.people.c.id == person.id).values(gone=True))
    assert 422 == connected.post("/setup/finish").status_code
    assert 1 == count(fresh, t.setups)


def test_the_end_waits_for_the_first_reading(fresh: Bridge, connected: Visitor) -> None:
    """What was read after it would be taken for news."""
    connected.post("/setup/admin", person=somebody(fresh).email)
    with fresh.store.work() as work:
        work.sql.execute(t.sync_runs.update().values(outcome="failed", error="It was cut off."))
    page = connected.read("/setup/invite")
    assert "The reading ended early" in page and "It was cut off." in page
    refused = connected.post("/setup/finish")
    assert 422 == refused.status_code
    assert "The LMS is not read through yet." in words(refused.text)


def test_a_second_finish_opens_nothing(fresh: Bridge, connected: Visitor) -> None:
    """Of two browsers that finish, one is signed in."""
    connected.post("/setup/admin", person=somebody(fresh).email)
    with fresh.store.reading() as work:
        begun = work.setups.current()
    assert begun is not None
    assert 303 == connected.post("/setup/finish").status_code
    with pytest.raises(InputError, match="finished meanwhile"):
        flow.finish_setup(fresh.store, fresh.clock, begun, "")


def test_a_connection_cannot_be_set_up_twice(fresh: Bridge, lms: Lms) -> None:
    """At the command line, too: one that is set up stays so, and two are not set up at once."""
    wanted = flow.Wanted("academy", lms.url, lms.token, "moodle")

    def connect(name: str) -> flow.Connected:
        again = flow.Wanted(**{**vars(wanted), "name": name})
        return flow.connect_lms(
            fresh.store, fresh.clock, again, fresh.kind_of, fresh.connector, setup=True
        )

    first = connect("academy")
    assert first.connection == connect("academy").connection
    with pytest.raises(InputError, match="academy is being set up"):
        connect("other")
    with fresh.store.work() as work:
        work.setups.end(first.connection.id)
    with pytest.raises(InputError, match="academy is set up already"):
        connect("academy")


def test_a_setup_stays_with_the_lms_that_was_read(fresh: Bridge, connected: Visitor) -> None:
    """Another one has other people under the number of the chosen admin; who means it, disconnects
    first and goes on in the same browser."""
    person = somebody(fresh)
    connected.post("/setup/admin", person=person.email)
    with running_lms(clock=lambda: int(fresh.clock.now().timestamp())) as other:
        refused = connected.post("/setup/connect", **typed(other))
        assert (422, True) == (
            refused.status_code,
            "socialbridge disconnect academy" in words(refused.text),
        )
        with fresh.store.reading() as work:
            kept = work.connections.named("academy")
        assert other.url != kept.url
        flow.disconnect(fresh.store, fresh.clock, kept, say=lambda *said: None)
        assert 303 == connected.post("/setup/connect", **typed(other)).status_code
        with fresh.store.reading() as work:
            assert (other.url, True) == (
                work.connections.named("academy").url,
                work.setups.current() is not None,
            )


# --- the steps, by themselves --------------------------------------------------------------------


def test_the_list_of_steps_says_what_is_done_and_open() -> None:
    """Before an LMS is connected only the first can be gone to."""
    shut = stages(Step.CONNECT, (), connected=False)
    assert [True, *[False] * 5] == [stage.open for stage in shut]
    assert [True, *[False] * 5] == [stage.here for stage in shut]
    some = stages(Step.PEOPLE, {"connect", "check"}, connected=True)
    assert [True, True, False, False, False, False] == [stage.done for stage in some]
    assert Step.SHARED is first_open({"connect", "check", "outlets"}, connected=True)
    assert Step.INVITE is first_open(STEPS, connected=True)
    assert Step.INVITE is Step.INVITE.next
