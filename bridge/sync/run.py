"""One sync run, stream by stream, kept from its beginning to its end."""

from __future__ import annotations

from collections.abc import Callable

from bridge.errors import LmsError, Missing
from bridge.model import Connection, Stream, StreamReport, SyncReport
from bridge.ports import Clock, Connector
from bridge.storage import Store
from bridge.sync import learning, people, structure
from bridge.sync.task import Progress, Task

__all__ = ["Progress", "run"]

STREAMS: dict[Stream, Callable[[Task, str], None]] = {
    Stream.COURSES: structure.courses,
    Stream.TEAMS: structure.teams,
    Stream.ENROLMENTS: people.enrolments,
    Stream.PEOPLE: people.people,
    Stream.COMPLETIONS: learning.completions,
    Stream.DISCUSSIONS: learning.discussions,
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
) -> SyncReport:
    """Read every stream of the connection from where the last run stopped.

    What the token may not read is a problem in the report, whose outcome is then ``partial``.

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
    )
    error: LmsError | None = None
    try:
        _read(task)
    except LmsError as met:
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
        )
        with store.work() as work:
            work.runs.finish(run_id, report)
    return report


def _read(task: Task) -> None:
    site = task.connector.site()
    with task.store.work() as work:
        work.connections.remember(task.connection.id, site)
    for stream, read in STREAMS.items():
        strategy = site.strategies.get(stream, "none")
        if strategy == "none":
            missing = Missing(
                f"The token's service has no function to read {stream}.",
                "Add those that the manifest names (plugin_manifest.json) to the external service.",
            )
            task.reports.append(
                StreamReport(stream=stream, strategy=strategy, problems=(str(missing),))
            )
        else:
            read(task, strategy)


def _outcome(task: Task, error: LmsError | None) -> str:
    if error is not None or len(task.reports) < len(STREAMS):
        return "failed"
    return "partial" if any(report.problems for report in task.reports) else "complete"
