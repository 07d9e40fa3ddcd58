"""A Chromium, as the browser tests and the screenshots use it."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium(playwright: Playwright) -> str | None:
    """The path of the system's browser, else of Playwright's own, if this machine has one."""
    own = playwright.chromium.executable_path
    found = (path for path in map(shutil.which, NAMES) if path)
    return next(found, own if own and Path(own).exists() else None)


def launch(playwright: Playwright, path: str) -> Browser:
    """The browser at ``path``, without a window."""
    return playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
