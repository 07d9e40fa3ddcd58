"""The REST server: whose token, which function, which rights, which answer."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape

from bridge.demo.lms import capabilities as can
from bridge.demo.lms.api import FUNCTIONS
from bridge.demo.lms.call import Call
from bridge.demo.lms.faults import Faults, Reply, garbled, instead, spoilt
from bridge.demo.lms.parameters import check, unfold
from bridge.demo.lms.refusals import Refusal, bad_parameter, bad_token, no_access, no_record
from bridge.demo.lms.store import Store
from bridge.demo.lms.wording import php_json


class WebService:
    """Moodle's REST server for one token.

    :param token: the secret that the one caller has.
    :param capabilities: the rights of the token's user.
    :param functions: what the token's service lists.
    :raises ValueError: for a capability or a function that this LMS does not know.
    """

    def __init__(
        self,
        store: Store,
        token: str,
        capabilities: Iterable[str] = can.DEFAULT,
        functions: Iterable[str] = tuple(FUNCTIONS),
    ) -> None:
        self.store = store
        self.token = token
        self.capabilities = can.known(capabilities)
        self.functions = tuple(functions)
        for name in set(self.functions) - FUNCTIONS.keys():
            raise ValueError(f"{name} is no function that the demo LMS has.")
        self.faults = Faults()
        self.requests = 0
        """HTTP requests to the web services so far."""
        self.calls: Counter[str] = Counter()
        """How often each function was asked for by an HTTP request of its own."""

    def reply(self, pairs: Iterable[tuple[str, str]], url: str) -> Reply:
        """The HTTP answer to a request with these form fields."""
        given = unfold(pairs)
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
        try:
            answer = self.answer(token, function, given, url)
        except Refusal as refusal:
            answer = refusal.answer()
        if fault:
            answer = spoilt(fault, answer)
        reply = Reply(200, php_json(answer), "application/json") if as_json else _xml(answer)
        return garbled(fault, reply) if fault else reply

    def answer(self, token: str, function: str, given: Any, url: str) -> Any:
        """What the function answers.

        :raises Refusal: in Moodle's order: the token, the function, the right to ask at all, the
            service, the parameters, and what the function itself refuses.
        """
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            raise bad_token()
        if not function:
            raise bad_parameter()
        if function not in FUNCTIONS:
            raise no_record("external_functions")

        def again(inner: str, arguments: Any) -> Any:
            if inner not in self.functions:
                raise no_access()
            chosen = FUNCTIONS[inner]
            return chosen.answer(call, check(chosen.takes, arguments))

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
