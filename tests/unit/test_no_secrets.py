"""No secret stands in the tree: what looks like one fails, unless it is known to be none."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LOOKS = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*\n?[A-Za-z0-9+/=]{40}",
    "an AWS key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})",
    "a Slack token": r"\bxox[abeoprs]-[0-9A-Za-z-]{20,}",
    "a Slack webhook": r"hooks\.slack\.com/services/T[A-Z0-9]{8,}/B[A-Z0-9]{8,}/[A-Za-z0-9]{24}",
    "a Google key": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "a signed token": r"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}",
    "a sealed text": r"\bgAAAAA[A-Za-z0-9_-]{60,}",
    "a password in an address": r"\b[a-z][a-z0-9+]*://[^\s/:@<>{}'\"]+:[^\s/:@<>{}'\"$]{12,}@",
    "a Moodle token": r"(?i)\b(?:ws)?token['\"]?\s*[=:]\s*['\"]?(?!0123456789abcdef)[0-9a-f]{32}\b",
    "a secret key": r"SECRET_KEY\s*=\s*['\"]?[A-Za-z0-9_-]{43}=",
}

KNOWN = {
    "tests/conftest.py": "the tests' own key, which says so when it is decoded",
    "tests/contract/test_apprise.py": "addresses of nobody, refused before anything is sent",
}
"""Files in which something looks like a secret and is none, and why."""


def _files() -> list[Path]:
    """What is kept in the repository, or will be with the next commit; all files without git."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        kept = ("bridge", "tests", "docs", "deploy", ".ci")
        return [path for top in kept for path in (ROOT / top).rglob("*") if path.is_file()]
    return [path for name in listed if (path := ROOT / name).is_file()]


def _found(text: str) -> list[str]:
    return [what for what, pattern in LOOKS.items() if re.search(pattern, text)]


def test_no_file_holds_what_looks_like_a_secret() -> None:
    """Whoever needs one in a test makes it there, from parts or by chance."""
    seen: dict[str, list[str]] = {}
    files = _files()
    for path in files:
        try:
            found = _found(path.read_text("utf-8"))
        except UnicodeDecodeError:
            continue  # A picture or a font.
        if found:
            seen[path.relative_to(ROOT).as_posix()] = found
    assert {} == {name: found for name, found in seen.items() if name not in KNOWN}
    assert set(KNOWN) == set(seen) & set(KNOWN), "Nothing looks like one there any more."
    assert len(files) > 300


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN RSA PRIVATE" + " KEY-----\n" + "A" * 64,
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "ghp_" + "a1" * 18,
        "xoxb-" + "1234567890-abcdefghijkl",
        "https://hooks.slack.com/services/T" + "A" * 9 + "/B" + "B" * 9 + "/" + "c" * 24,
        "AIza" + "x" * 35,
        "eyJ" + "a" * 20 + ".eyJ" + "b" * 30 + "." + "c" * 43,
        "gAAAAA" + "Bk" * 40,
        "postgresql://bridge:" + "correct-horse-battery" + "@db/bridge",
        "wstoken=" + "feedfacecafebeef" * 2,
        "SOCIALBRIDGE_SECRET_KEY=" + "A" * 43 + "=",
    ],
)
def test_each_kind_of_secret_would_be_found(text: str) -> None:
    """The patterns find what they are for."""
    assert 1 <= len(_found(text))
