"""A Moodle site that answers what was recorded from a real one, over the ``responses`` library.

It is as strict as a replay can be: a call that was never recorded is an error of the test.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl

import requests
import responses

from tests.contract import transcripts

URL = "https://moodle.example"
PAYLOADS = transcripts.PAYLOADS / transcripts.MOODLE


def transcript(name: str) -> dict[str, Any]:
    """One recorded call to a Moodle: ``{function, params, http_status, note, response}``."""
    return transcripts.transcript(transcripts.MOODLE, name)


class RecordedSite:
    """Answers the functions of ``names``; of two recordings of one function the later one wins.

    The carrier of batches is taken apart and put together as Moodle does it: the first error ends
    the batch.

    :param site: whose recordings; see :mod:`tests.contract.transcripts`.
    :param url: the address that it answers at.
    """

    def __init__(self, *names: str, site: str = transcripts.MOODLE, url: str = URL) -> None:
        recorded = [transcripts.transcript(site, name) for name in names]
        self.answers = {one["function"]: one for one in recorded}
        self.endpoint = f"{url}/webservice/rest/server.php"
        self.calls: list[tuple[str, dict[str, str]]] = []

    def start(self, mock: responses.RequestsMock) -> None:
        """Answer what is sent to the site."""
        mock.add_callback(responses.POST, self.endpoint, self._answer)

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        body = request.body.decode() if isinstance(request.body, bytes) else request.body
        form = dict(parse_qsl(str(body), keep_blank_values=True))
        function = form.pop("wsfunction")
        self.calls.append((function, form))
        if function == "tool_mobile_call_external_functions":
            return 200, {}, json.dumps({"responses": self._carried(form)})
        return self._one(function)

    def _one(self, function: str) -> tuple[int, dict[str, str], str]:
        recorded = self.answers[function]
        return recorded["http_status"], {}, json.dumps(recorded["response"])

    def _carried(self, form: dict[str, str]) -> list[dict[str, Any]]:
        carried: list[dict[str, Any]] = []
        count = len(
            {re.match(r"requests\[(\d+)\]", key).group(1) for key in form if "requests" in key}
        )
        for number in range(count):
            _, _, answer = self._one(form[f"requests[{number}][function]"])
            json.loads(form[f"requests[{number}][arguments]"])
            if "exception" in (json.loads(answer) or {}):
                carried.append({"error": True, "exception": answer})
                break
            carried.append({"error": False, "data": answer})
        return carried
