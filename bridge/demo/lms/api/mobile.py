"""tool_mobile_*: many calls in one request."""

from __future__ import annotations

import json
from typing import Any

from bridge.demo.lms.call import Call, Function, Table
from bridge.demo.lms.parameters import Many, Record, Type, Value
from bridge.demo.lms.refusals import Refusal
from bridge.demo.lms.wording import php_json

_SETTING = Value(Type.BOOL, default=False)


def call_external_functions(call: Call, params: dict[str, Any]) -> Any:
    """The first request that fails ends the batch: those after it get no answer."""
    responses: list[dict[str, Any]] = []
    for request in params["requests"]:
        try:
            data = call.again(request["function"], _arguments(request["arguments"]))
        except Refusal as refusal:
            failure = php_json(refusal.inside_a_batch(call.url))
            responses.append({"error": True, "exception": failure})
            break
        responses.append({"error": False, "data": php_json(data)})
    return {"responses": responses}


def _arguments(text: str) -> Any:
    """What is no JSON object counts as no arguments at all."""
    try:
        arguments = json.loads(text)
    except ValueError:
        return {}
    return arguments if isinstance(arguments, dict) else {}


FUNCTIONS: Table = {
    "tool_mobile_call_external_functions": Function(
        call_external_functions,
        Record(
            {
                "requests": Many(
                    Record(
                        {
                            "function": Value(),
                            "arguments": Value(default="{}"),
                            "settingraw": _SETTING,
                            "settingfilter": _SETTING,
                            "settingfileurl": Value(Type.BOOL, default=True),
                            "settinglang": Value(default=""),
                        }
                    )
                )
            }
        ),
    ),
}
