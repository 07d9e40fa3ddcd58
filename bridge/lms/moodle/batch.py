"""Many reads in one request, where the site allows it, and several requests at once."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from bridge.errors import LmsError, UnexpectedAnswer, Unreachable
from bridge.lms.moodle.client import MoodleClient
from bridge.lms.moodle.refusals import refusal
from bridge.lms.wire import ATTEMPTS, garbled

CARRIER = "tool_mobile_call_external_functions"
INFO = "core_webservice_get_site_info"

FEWEST = 5
"""A batch is not made smaller than that for being slow."""
ALIKE = 3
"""So many refusals of a group in a row, and no answer, are about the group."""
OF_ONE = frozenset({"usernotenroled", "notenroled"})
"""Codes that are never about more than the one request."""
MOST = 300
"""PHP takes 1,000 fields of a form by default (``max_input_vars``); a request of a batch is two."""
GOOD_SECONDS = 0.6
GOOD_BYTES = 2_000_000
WORTH_SHARING = 25
"""Fewer than these are not shared out between the lanes at the end: a request costs more."""

Arguments = Mapping[str, Any]
Answer = Any
"""What a function answered, or the :class:`~bridge.errors.LmsError` it met."""


class BatchSize:
    """How many requests travel in one: it learns from how long and how large the answers are.

    It is kept by the connector for each function, so that a run learns it once.
    """

    def __init__(self, size: int = 50) -> None:
        self.now = size

    def answered(self, asked: int, seconds: float, length: int) -> None:
        """A batch of ``asked`` took so long, and its answer was of so many characters."""
        strain = max(seconds / GOOD_SECONDS, length / GOOD_BYTES, 0.01)
        fitting = int(asked / strain)
        if fitting < self.now or asked >= self.now:
            self.now = max(FEWEST, min(MOST, 2 * self.now, max(fitting, self.now // 2)))

    def at_most(self, size: int) -> None:
        """Larger ones do not go through."""
        self.now = max(FEWEST, min(self.now, size))


class Reader:
    """Reads one function many times.

    :param batched: whether the site has :data:`CARRIER`; else each request goes by itself.
    :param check: makes of an answer what is wanted, and raises where it cannot.
    :param group: what a request is about, for instance its course; with ``ends_group``, which says
        of an error that it is about the whole group: the others get it too, without being asked.
    """

    def __init__(
        self,
        client: MoodleClient,
        function: str,
        *,
        batched: bool,
        size: BatchSize,
        check: Callable[[Any], Any] = lambda answer: answer,
        group: Callable[[Arguments], Hashable] | None = None,
        ends_group: Callable[[LmsError], bool] = lambda error: False,
    ) -> None:
        self._client = client
        self._function = function
        self._batched = batched
        self._size = size
        self._check = check
        self._group = group
        self._ends_group = ends_group
        self._ended: dict[Hashable, LmsError] = {}
        self._alike: Counter[tuple[Hashable, str]] = Counter()
        self._sound: set[Hashable] = set()

    def read(self, requests: Iterable[Arguments]) -> Iterator[Answer]:
        """The answer to each of ``requests``, in their order, or the error it met.

        In Moodle a failing request ends its batch, so the rest is carried on from the next one; and
        PHP may drop the tail of a long form, so an answer that is shorter than its batch is carried
        on as well. A batch that is too much for the site is cut in half.

        :raises LmsError: if the carrying request itself fails, and if a site without batches cannot
            be reached.
        """
        for answers in self._client.lanes.map(self._answers, self._shares(requests)):
            yield from answers

    def _shares(self, requests: Iterable[Arguments]) -> Iterator[Sequence[Arguments]]:
        """What each job is to read. The last ones are shared out evenly between the lanes."""
        source = iter(requests)
        waiting: list[Arguments] = []
        lanes = self._client.lanes.width
        while True:
            size = self._size.now if self._batched else 1
            waiting += islice(source, max(0, size * lanes - len(waiting)))
            if len(waiting) < size * lanes:
                break
            yield waiting[:size]
            del waiting[:size]
        size = min(size, max(WORTH_SHARING, -(-len(waiting) // lanes)))
        for start in range(0, len(waiting), size):
            yield waiting[start : start + size]

    def _answers(self, requests: Sequence[Arguments]) -> list[Answer]:
        answers: dict[int, Answer] = {}
        tries: Counter[int] = Counter()
        while len(answers) < len(requests):
            for number, request in enumerate(requests):
                if number not in answers and (ended := self._ended_by(request)):
                    answers[number] = ended
            left = [number for number in range(len(requests)) if number not in answers]
            if left:
                read = self._carry if self._batched else self._one
                for number, answer in zip(left, read([requests[n] for n in left]), strict=False):
                    tries[number] += 1
                    if not isinstance(answer, LmsError):
                        answers[number] = answer
                        if self._group:
                            self._sound.add(self._group(requests[number]))
                    elif not (answer.retry or garbled(answer)) or tries[number] == ATTEMPTS:
                        answers[number] = self._refused(requests[number], answer)
        return [answers[number] for number in range(len(requests))]

    def _refused(self, request: Arguments, error: LmsError) -> LmsError:
        if error.retry:
            raise error
        if self._group:
            group = self._group(request)
            if error.code not in OF_ONE and group not in self._sound:
                self._alike[group, error.code] += 1
            if self._ends_group(error) or self._alike[group, error.code] >= ALIKE:
                self._ended[group] = error
        return error

    def _ended_by(self, request: Arguments) -> LmsError | None:
        return self._ended.get(self._group(request)) if self._group else None

    def _one(self, requests: Sequence[Arguments]) -> list[Answer]:
        try:
            return [self._client.read(self._function, requests[0], self._check)]
        except LmsError as error:
            if error.retry or garbled(error):
                return [self._alone(error)]
            return [error]

    def _alone(self, error: LmsError) -> LmsError:
        """The error of one request that the site cannot answer, if it answers others.

        :raises LmsError: the error itself, if it is the site's: that cannot even say who it is.
        """
        if not (error.too_much or garbled(error)):
            raise error
        try:
            self._client.read(INFO)
        except LmsError:
            raise error from None
        return LmsError(error.message, error.remedy, function=self._function)

    def _carry(self, requests: Sequence[Arguments]) -> list[Answer]:
        some = requests
        while True:
            began = time.perf_counter()
            try:
                responses = self._carried(some)
            except LmsError as error:
                if len(some) == 1 and error.too_much:
                    return [self._alone(error)]
                if not error.too_much:
                    raise
                some = some[: len(some) // 2]
                self._size.at_most(len(some))
                continue
            answers = [self._unwrapped(response) for response in responses]
            if len(answers) < len(some) and not isinstance(answers[-1], LmsError):
                self._size.at_most(len(answers))
            length = sum(len(r.get("data") or "") for r in responses)
            self._size.answered(len(answers), time.perf_counter() - began, length)
            return answers

    def _carried(self, requests: Sequence[Arguments]) -> list[Any]:
        carried = {
            "requests": [
                {"function": self._function, "arguments": json.dumps(arguments)}
                for arguments in requests
            ]
        }
        responses: list[Any] = self._client.read(CARRIER, carried, _responses)
        return responses[: len(requests)]

    def _unwrapped(self, response: Any) -> Answer:
        """What an entry carries, or its error: an entry that is none is an error like others."""
        try:
            if response["error"]:
                said = json.loads(response.get("exception") or "{}")
                said = said if isinstance(said, Mapping) else {"message": str(said)}
                return refusal(said, self._function, self._client.pages)
            return self._check(json.loads(response["data"]))
        except LmsError as error:
            return error
        except ValueError:
            return Unreachable(
                f"An answer of {self._function} within a batch was cut off.",
                "The bridge tries again at the next sync.",
                function=self._function,
            )


def _responses(answer: Any) -> list[Any]:
    """The entries of a batch's answer.

    :raises UnexpectedAnswer: if there are none, or one of them is no entry.
    """
    responses = answer.get("responses") if isinstance(answer, Mapping) else None
    if not isinstance(responses, list):
        raise UnexpectedAnswer(
            f"The answer of {CARRIER} has no list `responses`.", function=CARRIER
        )
    if not responses:
        raise UnexpectedAnswer(
            f"{CARRIER} answered none of the requests of a batch.",
            "Check PHP's max_input_vars and post_max_size on the LMS.",
            function=CARRIER,
        )
    for response in responses:
        if (
            not isinstance(response, Mapping)
            or not isinstance(
                response.get("exception" if response.get("error") else "data", ""), str | None
            )
            or "error" not in response
            or (not response["error"] and response.get("data") is None)
        ):
            raise UnexpectedAnswer(
                f"An entry of {CARRIER} has neither `data` nor `exception`.", function=CARRIER
            )
    return responses
