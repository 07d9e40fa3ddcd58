"""The REST server of a Totara: several tokens, and what stands before them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, cast
from xml.sax.saxutils import escape

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.call import Table
from bridge.demo.lms.costs import Bill
from bridge.demo.lms.faults import Reply
from bridge.demo.lms.parameters import check
from bridge.demo.lms.refusals import Refusal, bad_parameter, bad_token, no_access
from bridge.demo.lms.totara import (
    completions,
    contents,
    courses,
    enrolments,
    forums,
    other,
    people,
    site,
)
from bridge.demo.lms.totara.call import TotaraCall
from bridge.demo.lms.totara.store import TotaraStore
from bridge.demo.lms.totara.words import missing, refused, told
from bridge.demo.lms.webservice import WebService

FUNCTIONS: Table = {
    **site.FUNCTIONS,
    **courses.FUNCTIONS,
    **contents.FUNCTIONS,
    **enrolments.FUNCTIONS,
    **completions.FUNCTIONS,
    **people.FUNCTIONS,
    **forums.FUNCTIONS,
    **other.FUNCTIONS,
}
"""Name → function, in the order in which the site lists them."""

ELSEWHERE = frozenset({"core_user_create_users"})
"""Functions that Totara has and that are in nobody's service here."""


class Validity(Enum):
    """What may be wrong with a token that is there."""

    GOOD = "good"
    CLOSED = "its service, its user, or its IP address"
    EXPIRED = "expired; taken away when it is used"


@dataclass
class Token:
    """Who calls with it, and with which rights."""

    user_id: int
    capabilities: frozenset[str]
    validity: Validity = Validity.GOOD


class TotaraService(WebService):
    """Totara's REST server. The token of the LMS is one of several that it may know."""

    table = FUNCTIONS
    default_capabilities = can.DEFAULT | {can.UPDATE_COURSE}

    @property
    def totara(self) -> TotaraStore:
        return cast(TotaraStore, self.store)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tokens: dict[str, Token] = {}
        """Further tokens, beside the one of the service account."""

    def reply(self, pairs: Iterable[tuple[str, str]], url: str) -> Reply:
        if not self.totara.switches.web_services:
            return Reply(403, "", "text/html")
        return super().reply(pairs, url)

    def refused(self, refusal: Refusal) -> dict[str, Any]:
        return told(refusal, self.totara.switches.debugging)

    def in_xml(self, answer: Any) -> Reply:
        if not (isinstance(answer, dict) and "exception" in answer):
            return super().in_xml(answer)
        body = (
            f'<?xml version="1.0" encoding="UTF-8" ?>\n<EXCEPTION class="{answer["exception"]}">\n'
            f"<ERRORCODE>{answer['errorcode']}</ERRORCODE>\n"
            f"<MESSAGE>{escape(answer['message'])}</MESSAGE>\n</EXCEPTION>\n"
        )
        return Reply(200, body, "application/xml")

    def answer(self, token: str, function: str, given: Any, url: str, bill: Bill) -> Any:
        caller = self._caller(token)
        if self.totara.switches.maintenance and can.UPDATE_COURSE not in caller.capabilities:
            message = "The site is undergoing maintenance and is currently not available"
            raise refused("sitemaintenance", message)
        if not function:
            raise bad_parameter()
        if function not in self.table and function not in ELSEWHERE:
            raise missing()
        if can.REST not in caller.capabilities or function not in self.functions:
            raise no_access()
        call = TotaraCall(
            self.store,
            url,
            token,
            caller.capabilities,
            self.functions,
            lambda inner, arguments: None,
            caller.user_id,
        )
        chosen = self.table[function]
        with self.store.lock:
            self.inner[function] += 1
            try:
                params = check(chosen.takes, given)
                answer = chosen.answer(call, params)
            except Refusal:
                bill.add_refusal()
                raise
            bill.add(function, params, answer)
            return answer

    def _caller(self, token: str) -> Token:
        """:raises Refusal: an expired token is refused once, and then is not known any more."""
        if token == self.token:
            return Token(self.store.service_id, frozenset(self.capabilities))
        caller = self.tokens.get(token)
        if caller is None:
            raise bad_token()
        if caller.validity is Validity.EXPIRED:
            del self.tokens[token]
        if caller.validity is not Validity.GOOD:
            raise no_access()
        return caller
