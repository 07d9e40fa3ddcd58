"""One JSON object a line on standard error, whoever says it, with the time in UTC.

What libraries log by the standard library goes the same way. Within a request or a job every line
carries what was bound to it (``structlog.contextvars``): the request's id, and never a person.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

_SHARED: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


class Lines(logging.StreamHandler[Any]):
    """Writes to standard error as it is now: whoever redirects it later is heeded."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.setFormatter(
            structlog.stdlib.ProcessorFormatter(
                foreign_pre_chain=[*_SHARED, structlog.stdlib.add_logger_name],
                processors=[
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    structlog.processors.JSONRenderer(),
                ],
            )
        )

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr  # Not ``setStream``: it flushes the one before, if it is shut too.
        super().emit(record)


def log_to_stderr(level: str) -> None:
    """Log what is of this level or above; safe to repeat.

    :param level: ``DEBUG``, ``INFO``, ``WARNING`` or ``ERROR``.
    """
    structlog.configure(
        processors=[
            *_SHARED,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=lambda *name: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [h for h in root.handlers if not isinstance(h, Lines)] + [Lines()]
    root.setLevel(level)
    # One says that a job ran, which it does every two seconds; one each step of a new database, and
    # the command says what came of them; one that a request waited a moment.
    logging.getLogger("alembic").setLevel(max(logging.WARNING, root.level))
    logging.getLogger("apscheduler").setLevel(max(logging.WARNING, root.level))
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
