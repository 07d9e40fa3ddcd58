"""One site and one token: what is known about them, and how to ask."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from bridge.errors import LmsError
from bridge.lms.moodle import schemas
from bridge.lms.moodle.batch import CARRIER, INFO, BatchSize, Reader
from bridge.lms.moodle.client import MoodleClient


class MoodleSite:
    """Asks a site; what the site says of itself is read once, when it is first needed."""

    def __init__(self, client: MoodleClient) -> None:
        self.client = client
        self._sizes: dict[str, BatchSize] = {}

    @cached_property
    def info(self) -> dict[str, Any]:
        """The checked answer to who the site is."""
        return self.read_as(schemas.SiteInfo, INFO)

    @cached_property
    def functions(self) -> frozenset[str]:
        """The web-service functions that the token may call."""
        return frozenset(f["name"] for f in self.info["functions"])

    @property
    def url(self) -> str:
        """The address by which the site calls itself, without a slash at the end."""
        return str(self.info["siteurl"]).rstrip("/")

    @property
    def user_id(self) -> int:
        """The LMS id of the token's user."""
        return int(self.info["userid"])

    @property
    def language(self) -> str:
        """The language of the token's user."""
        return str(self.info["lang"])

    def read(self, function: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """One call of a function that changes nothing."""
        return self.client.read(function, parameters)

    def read_as(
        self,
        schema: type[schemas.Answer],
        function: str,
        parameters: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The checked answer of a function that answers an object."""
        return dict(
            self.client.read(
                function, parameters, lambda answer: schemas.load(schema, answer, function)
            )
        )

    def write(self, function: str, parameters: Mapping[str, Any]) -> Any:
        """One call of a function that changes something."""
        return self.client.write(function, parameters)

    def read_list(
        self,
        function: str,
        schema: type[schemas.Answer],
        parameters: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """The checked rows of a function that answers a list."""
        return list(
            self.client.read(
                function,
                parameters,
                lambda answer: schemas.load(schema, answer, function, many=True),
            )
        )

    def read_many(
        self,
        function: str,
        requests: Iterable[Mapping[str, Any]],
        size: int = 50,
        *,
        check: Callable[[Any], Any] = lambda answer: answer,
        group: Callable[[Mapping[str, Any]], Hashable] | None = None,
        ends_group: Callable[[LmsError], bool] = lambda error: False,
    ) -> Iterator[Any]:
        """The answer to each request or its error, in their order; see :class:`Reader`.

        ``size`` is that of the first batch, where the site has batches.
        """
        reader = Reader(
            self.client,
            function,
            batched=CARRIER in self.functions,
            size=self._sizes.setdefault(function, BatchSize(size)),
            check=check,
            group=group,
            ends_group=ends_group,
        )
        return reader.read(requests)
