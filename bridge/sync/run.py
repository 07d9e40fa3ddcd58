"""One sync run, stream by stream, kept from its beginning to its end."""

from __future__ import annotations

from collections.abc import Callable, Collection

from bridge.errors import LmsError, Missing, NotFound
from bridge.model import Connection, Site, Stream, StreamReport, SyncReport
from bridge.ports import Clock, Connector
from bridge.storage import Store
from bridge.sync import people, push, structure
from bridge.sync.completions import completions
from bridge.sync.discussions import discussions
from bridge.sync.reconciliation import reconciliation
from bridge.sync.scope import EVERYTHING_DUE, Scope
from bridge.sync.task import Progress, Task

__all__ = ["Progress", "run"]

STREAMS: dict[Stream, Callable[[Task, str], None]] = {
    Stream.COURSES: structure.courses,
    Stream.TEAMS: structure.teams,
    Stream.ENROLMENTS: people.enrolments,
    Stream.PEOPLE: people.people,
    Stream.COMPLETIONS: completions,
    Stream.DISCUSSIONS: discussions,
    Stream.RECONCILIATION: reconciliation,
}


class _Silent:
    def begin(self, stream: Stream, total: int | None) -> None:
        """Nobody looks."""

    def advance(self, stream: Stream, rows: int) -> None:
        """Nobody looks."""

    def end(self, stream: Stream) -> None:
        """Nobody looks."""


def run(
    store: Store,
    connector: Connector,
    connection: Connection,
    clock: Clock,
    *,
    progress: Progress | None = None,
    accept_shrink: bool = False,
    scope: Scope = EVERYTHING_DUE,
    streams: Collection[Stream] | None = None,
) -> SyncReport:
    """Read the streams of the connection from where the last run stopped.

    What the token may not read is a problem in the report, whose outcome is then ``partial``.

    :param scope: less or more than what is due. :param streams: these only; all by default. One
        that was never read to its end is read all the same.
    :raises NotFound: if the scope names a course or person that is not known here.
    :raises LmsError: if the connection as a whole is at fault; the run is kept as ``failed``, and
        what was stored page by page stays.
    """
    started = clock.now()
    with store.work() as work:
        last_read = work.runs.last_read(connection.id)
        run_id = work.runs.begin(connection.id, started)
    task = Task(
        store=store,
        connector=connector,
        connection=connection,
        now=started,
        last_read=last_read,
        progress=progress or _Silent(),
        accept_shrink=accept_shrink,
        scope=scope,
    )
    error: LmsError | NotFound | None = None
    try:
        _check_scope(task)
        _read(task, streams)
    except (LmsError, NotFound) as met:
        error = met
        raise
    finally:
        report = SyncReport(
            connection=connection.name,
            started_at=started,
            ended_at=clock.now(),
            outcome=_outcome(task, error),
            streams=tuple(task.reports),
            error=str(error) if error else "",
            requests=connector.requests,
            scope=str(scope),
        )
        with store.work() as work:
            work.runs.finish(run_id, report)
    return report


def _check_scope(task: Task) -> None:
    scope = task.scope
    with task.store.reading() as work:
        courses = work.facts.course_ids(task.connection.id)
        known = work.people.known(task.connection.id, [scope.person_lms_id or 0])
    if scope.course_lms_id is not None and scope.course_lms_id not in courses:
        raise NotFound(
            f"The course {scope.course_lms_id} is not known here.",
            "Give the number in the address of its page in the LMS (course/view.php?id=…); a new"
            " course is found by a sync without --course.",
        )
    if scope.person_lms_id is not None and not known:
        raise NotFound(
            f"The person {scope.person_lms_id} is not known here.",
            "Give the number in the address of their profile in the LMS (user/profile.php?id=…); a"
            " new person is found by a sync without --person.",
        )


def _read(task: Task, streams: Collection[Stream] | None) -> None:
    site = task.connector.site()
    with task.store.work() as work:
        work.connections.remember(task.connection.id, site)
    for stream, read in STREAMS.items():
        if stream not in task.scope.streams:
            continue
        if streams is not None and stream not in streams and not task.first(stream):
            continue
        strategy = site.strategies.get(stream, "none")
        if strategy == "none":
            task.reports.append(_unreadable(stream, site))
        else:
            read(task, strategy)
        if stream is Stream.PEOPLE:
            push.retry_all(task.store, task.connection.id, task.now)
    task.finished = True


def _unreadable(stream: Stream, site: Site) -> StreamReport:
    missing = Missing(
        f"The token's service has no function to read {stream}.",
        "Add those that the manifest names (plugin_manifest.json) to the external service.",
    )
    # Without verdicts there is nothing to compare either: said once is enough.
    said = () if stream is Stream.RECONCILIATION else (str(missing),)
    return StreamReport(stream=stream, strategy="none", problems=said)


def _outcome(task: Task, error: Exception | None) -> str:
    if error is not None or not task.finished:
        return "failed"
    return "partial" if any(report.problems for report in task.reports) else "complete"
