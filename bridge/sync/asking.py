"""Asking an LMS for verdicts, and storing what it says, page by page."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping

from bridge.errors import LmsError, Missing, MissingCapability
from bridge.model import CompletionFact, Stream
from bridge.ports import NO_CRITERIA
from bridge.storage.verdicts import Due, Pair
from bridge.sync.plan import NEWS
from bridge.sync.task import Count, Task
from bridge.sync.verdicts import Answered, Moment, store

PAGE = {"plain": 50}
"""How many answers are stored at a time, by strategy. One by one they take long, and what was not
stored when a run is stopped has to be asked for again."""
A_PAGE = 2_000
GIVE_UP_AFTER = 10
"""So many courses refusing, and none answering, mean that the right as a whole is missing."""


class Asking:
    """Asks for the verdicts of one stream.

    A course that refuses keeps its people due and is *held*: it is tried again a day later. A
    course without criteria is left alone for longer.
    """

    def __init__(self, task: Task, count: Count) -> None:
        self._task = task
        self._count = count
        with task.store.reading() as work:
            # If the LMS ever judged anybody, the right as a whole is there.
            self._proven = work.verdicts.judged(task.connection.id)
            never_judged = work.verdicts.never_judged(task.connection.id)
        self._moment = Moment(
            now=task.now,
            news_since=task.now - NEWS,
            dateless_is_news=not task.first(Stream.COMPLETIONS),
            never_judged=never_judged,
        )
        self._answers: list[Answered] = []
        self._unasked: list[Pair] = []
        self._without_criteria: set[int] = set()
        self._page = PAGE.get(count.strategy, A_PAGE)
        self.refused: set[int] = set()
        """The courses, in our ids, that would not be judged."""
        self.answered: set[int] = set()
        """Those that were, for somebody."""

    def ask(self, dues: Iterable[Due], dated_as: Mapping[Pair, str] | None = None) -> None:
        """Ask about ``dues``, which are taken as they are needed.

        :param dated_as: how the report words the moment, by our ids.
        :raises MissingCapability: if the right to judge is missing as a whole.
        :raises LmsError: if the connection as a whole is at fault. What was answered is stored.
        """
        worded = dated_as or {}
        waiting: deque[Due] = deque()

        def pairs() -> Iterator[tuple[int, int]]:
            for due in dues:
                waiting.append(due)
                yield due.pair

        try:
            for _, answer in self._task.connector.completions(pairs()):
                due = waiting.popleft()
                self._take(due, answer, worded.get(due.key, ""))
                if len(self._answers) + len(self._unasked) >= self._page:
                    self._store()
        finally:
            self._store()

    def _take(self, due: Due, answer: CompletionFact | LmsError, dated_as: str) -> None:
        if isinstance(answer, CompletionFact):
            self.answered.add(due.course_id)
            self._answers.append(Answered(due, answer, dated_as))
        elif answer.code in NO_CRITERIA:
            self._without_criteria.add(due.course_id)
        elif isinstance(answer, Missing):
            self.answered.add(due.course_id)
            self._answers.append(Answered(due, None))
        else:
            self._count.problem(answer)
            self.refused.add(due.course_id)
            self._unasked.append(due.key)
            if (
                isinstance(answer, MissingCapability)
                and len(self.refused) >= GIVE_UP_AFTER
                and not self.answered
                and not self._proven
            ):
                raise answer

    def _store(self) -> None:
        answers, unasked = self._answers, self._unasked
        if not (answers or unasked or self._without_criteria):
            return
        task, count = self._task, self._count
        with task.store.work() as work:
            work.verdicts.mark_unreadable(sorted(self._without_criteria), task.now)
            work.verdicts.hold(sorted(self.refused - self.answered), task.now)
            work.verdicts.mark_unasked(unasked)
            tally = store(work, task.connection.id, answers, self._moment)
        count.page(len(answers), tally)
        self._answers, self._unasked, self._without_criteria = [], [], set()
