"""Many reads in one request, where the site allows it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bridge.errors import LmsError, UnexpectedAnswer, Unreachable
from bridge.lms.moodle.client import MoodleClient
from bridge.lms.moodle.refusals import refusal

CARRIER = "tool_mobile_call_external_functions"

Arguments = Mapping[str, Any]


def read_many(
    client: MoodleClient,
    function: str,
    requests: Sequence[Arguments],
    *,
    batched: bool,
    size: int,
) -> Iterator[Any | LmsError]:
    """The answer of ``function`` to each of ``requests``, in their order, or the error it met.

    With ``batched``, ``size`` of them travel in one HTTP request. In Moodle a failing one ends its
    batch, so the rest is carried on from the next one; and PHP may drop the tail of a long form
    (``max_input_vars``), so an answer that is shorter than its batch is carried on as well.

    :raises LmsError: if the carrying request itself fails.
    """
    if not batched:
        yield from (_one(client, function, request) for request in requests)
        return
    position = 0
    while position < len(requests):
        answers = _carry(client, function, requests[position : position + size])
        if not answers:
            raise UnexpectedAnswer(
                f"{CARRIER} answered none of {len(requests) - position} requests.",
                "Check PHP's max_input_vars and post_max_size on the LMS.",
                function=CARRIER,
            )
        yield from answers
        position += len(answers)


def _one(client: MoodleClient, function: str, request: Arguments) -> Any | LmsError:
    try:
        return client.read(function, request)
    except LmsError as error:
        if error.retry:
            raise
        return error


def _carry(
    client: MoodleClient, function: str, requests: Sequence[Arguments]
) -> list[Any | LmsError]:
    answer = client.read(
        CARRIER,
        {
            "requests": [
                {"function": function, "arguments": json.dumps(arguments)} for arguments in requests
            ]
        },
    )
    responses = answer.get("responses") if isinstance(answer, Mapping) else None
    if not isinstance(responses, list):
        raise UnexpectedAnswer(
            f"The answer of {CARRIER} has no list `responses`.", function=CARRIER
        )
    return [_unwrap(response, function) for response in responses[: len(requests)]]


def _unwrap(response: Any, function: str) -> Any | LmsError:
    try:
        if response["error"]:
            said = json.loads(response.get("exception") or "{}")
            return refusal(said if isinstance(said, Mapping) else {"message": str(said)}, function)
        return json.loads(response["data"])
    except (TypeError, KeyError) as error:
        raise UnexpectedAnswer(
            f"An entry of {CARRIER} has neither `data` nor `exception`.", function=CARRIER
        ) from error
    except ValueError as error:
        raise Unreachable(
            f"An answer of {function} within a batch was cut off.",
            "The bridge tries again at the next sync.",
            function=function,
        ) from error
