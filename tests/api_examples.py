"""Makes the examples of the API's document: ``python -m tests.api_examples``.

Each is what the site of :mod:`tests.authorisation` was asked and answered, with lists cut short and
secrets left out.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from bridge.storage import Store, schema
from bridge.web.api import operations
from bridge.web.api.table import OPERATIONS
from tests.api_table import CALLS
from tests.authorisation import OWN, ROLES, Site, make_site
from tests.cast import make_cast
from tests.conftest import SECRET_KEY, FrozenClock
from tests.doctored import no_outlet
from tests.every_table import NOW

EXAMPLES = Path(operations.__file__).with_name("examples.json")
SECRET = re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])")
"""How long our tokens are."""
MOST = 2


def examples(site: Site) -> dict[str, dict[str, Any]]:
    """By the name of an operation what was said and answered."""
    found: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        call = next(
            c
            for c in CALLS
            if (c.method, c.rule) == (operation.method, operation.rule) and "y" in c.own
        )
        person = site.people[ROLES[call.own.index("y")], OWN]
        answer = site.call(call.method, call.path, call.said, person)
        assert operation.status == answer.status_code or answer.status_code == 204, call
        example: dict[str, Any] = {}
        if call.said is not None:
            example["said"] = site.filled(call.said)
        if answer.data:
            example["answer"] = _short(answer.json)
        found[operation.name] = example
    return found


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _short(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_short(inner) for inner in value[:MOST]]
    return SECRET.sub("SECRET", value) if isinstance(value, str) else value


def main() -> None:
    """Write them."""
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{Path(folder, 'bridge.db')}", (SECRET_KEY,))
        schema.upgrade(store)
        clock = FrozenClock(NOW)
        site = make_site(make_cast(store, NOW), clock)
        with (
            patch("bridge.lms.wire.ATTEMPTS", 1),
            patch("bridge.flow.examining.try_outlet", no_outlet),
        ):
            found = examples(site)
        site.close()
        store.close()
    EXAMPLES.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
