"""The pages for a WSGI server other than our own: ``gunicorn 'bridge.cli.wsgi:application()'``."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from bridge.bootstrap import bootstrap
from bridge.config import load
from bridge.logs import log_to_stderr
from bridge.web import create_app


def application(env_file: str = ".env") -> Flask:
    """The application of the settings in the environment and the ``.env`` file.

    :raises ConfigError: if a setting cannot be used.
    """
    config = load(Path(env_file))
    log_to_stderr(config.log_level)
    return create_app(bootstrap(config))
