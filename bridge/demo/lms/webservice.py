"""The REST server: whose token, which function, which rights, which answer."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import Any
from xml.sax.saxutils import escape

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.api import FUNCTIONS
from bridge.demo.lms.call import Call, Table
from bridge.demo.lms.costs import BATCH, Bill, Costs, Workers
from bridge.demo.lms.faults import Faults, Reply, garbled, instead, spoilt
from bridge.demo.lms.parameters import check, unfold
from bridge.demo.lms.refusals import Refusal, bad_parameter, bad_token, no_access, no_record
from bridge.demo.lms.store import Store
from bridge.demo.lms.wording import php_json

INPUT_VARS = 1000
"""``max_input_vars`` of a PHP that nobody changed."""


class WebService:
    """Moodle's REST server for one token.

    :param token: the secret that the one caller has.
    :param capabilities: the rights of the token's user.
    :param functions: what the token's service lists.
    :param costs: what answering takes; ``None`` for no longer than it does.
    :raises ValueError: for a capability or a function that this LMS does not know.
    """

    table: Table = FUNCTIONS
    """Every function that the LMS has."""
    default_capabilities: frozenset[str] = can.DEFAULT
    """What the token's user may do, unless it is said otherwise."""

    def __init__(
        self,
        store: Store,
        token: str,
        capabilities: Iterable[str] = can.DEFAULT,
        functions: Iterable[str] = tuple(FUNCTIONS),
        costs: Costs | None = None,
    ) -> None:
        self.store = store
        self.token = token
        self.capabilities = can.known(capabilities)
        self.functions = tuple(functions)
        for name in set(self.functions) - self.table.keys():
            raise ValueError(f"{name} is no function that the demo LMS has.")
        self.faults = Faults()
        self.workers = Workers(costs)
        self.input_vars = INPUT_VARS
        """So many fields of a form PHP takes; it drops the others without a word."""
        self.requests = 0
        """HTTP requests to the web services so far."""
        self.calls: Counter[str] = Counter()
        """How often each function was asked for by an HTTP request of its own."""
        self.inner: Counter[str] = Counter()
        """How often each function was called at all: alone, or as a part of a batch."""

    def reply(self, pairs: Iterable[tuple[str, str]], url: str) -> Reply:
        """The HTTP answer to a request with these form fields."""
        given = unfold(islice(pairs, self.input_vars))
        token = str(given.pop("wstoken", ""))
        function = str(given.pop("wsfunction", ""))
        as_json = given.pop("moodlewsrestformat", "xml") == "json"
        given = {k: v for k, v in given.items() if not k.startswith("moodlewssetting")}
        with self.store.lock:
            self.requests += 1
            self.calls[function] += 1
        fault = self.faults.strike(function)
        if fault and (reply := instead(fault)):
            return reply
        with self.workers.answering() as bill:
            try:
                answer = self.answer(token, function, given, url, bill)
            except Refusal as refusal:
                answer = self.refused(refusal)
            if fault:
                answer = spoilt(fault, answer)
            reply = (
                Reply(200, php_json(answer), "application/json") if as_json else self.in_xml(answer)
            )
        return garbled(fault, reply) if fault else reply

    def refused(self, refusal: Refusal) -> dict[str, Any]:
        """What a refusal looks like on the wire."""
        return refusal.answer()

    def in_xml(self, answer: Any) -> Reply:
        """The answer for those who forget to ask for JSON."""
        return _xml(answer)

    def answer(self, token: str, function: str, given: Any, url: str, bill: Bill) -> Any:
        """What the function answers, with what that costs on the bill.

        :raises Refusal: in Moodle's order: the token, the function, the right to ask at all, the
            service, the parameters, and what the function itself refuses.
        """
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            raise bad_token()
        if not function:
            raise bad_parameter()
        if function not in self.table:
            raise no_record("external_functions")

        def again(inner: str, arguments: Any) -> Any:
            if inner != BATCH:
                self.inner[inner] += 1
            try:
                if inner not in self.functions:
                    raise no_access()
                chosen = self.table[inner]
                params = check(chosen.takes, arguments)
                answer = chosen.answer(call, params)
            except Refusal:
                bill.add_refusal()
                raise
            bill.add(inner, params, answer)
            return answer

        call = Call(self.store, url, self.token, self.capabilities, self.functions, again)
        if not call.can(can.REST):
            raise no_access()
        with self.store.lock:
            return again(function, given)


def _xml(answer: Any) -> Reply:
    """Moodle speaks XML to those who forget to ask for JSON."""
    body = f'<?xml version="1.0" encoding="UTF-8" ?>\n<RESPONSE>{_element(answer)}</RESPONSE>'
    return Reply(200, body, "application/xml")


def _element(value: Any) -> str:
    match value:
        case dict():
            keys = "".join(f'<KEY name="{name}">{_element(v)}</KEY>' for name, v in value.items())
            return f"<SINGLE>{keys}</SINGLE>"
        case list():
            return f"<MULTIPLE>{''.join(_element(one) for one in value)}</MULTIPLE>"
        case None:
            return '<VALUE null="null"/>'
        case bool():
            return f"<VALUE>{int(value)}</VALUE>"
        case _:
            return f"<VALUE>{escape(str(value))}</VALUE>"
