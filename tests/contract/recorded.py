"""A Moodle site that answers what was recorded from a real one, over the ``responses`` library.

It is as strict as a replay can be: a call that was never recorded is an error of the test.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import requests
import responses

URL = "https://moodle.example"
ENDPOINT = URL + "/webservice/rest/server.php"
PAYLOADS = Path(__file__).parent.parent / "payloads" / "moodle-4.5.6"


def transcript(name: str) -> dict[str, Any]:
    """One recorded call: ``{function, params, http_status, note, response}``."""
    return json.loads((PAYLOADS / f"{name}.json").read_text("utf-8"))


class RecordedSite:
    """Answers the functions of ``names``; of two recordings of one function the later one wins.

    The carrier of batches is taken apart and put together as Moodle does it: the first error ends
    the batch.
    """

    def __init__(self, *names: str) -> None:
        self.answers = {transcript(name)["function"]: transcript(name) for name in names}
        self.calls: list[tuple[str, dict[str, str]]] = []

    def start(self, mock: responses.RequestsMock) -> None:
        """Answer what is sent to :data:`ENDPOINT`."""
        mock.add_callback(responses.POST, ENDPOINT, self._answer)

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
