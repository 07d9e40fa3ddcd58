"""The API is asked what its own document says can be asked, and what cannot.

``python -m tests.benchmarks.api --cases 10000`` asks more of the same.
"""

from __future__ import annotations

import warnings

from bridge.web.api.table import OPERATIONS
from tests.benchmarks.api import ask_everything, site_to_ask


def test_the_api_answers_as_its_document_says() -> None:
    """No failure of ours, no answer that is not documented, no body of another shape."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with site_to_ask() as site:
            tried = ask_everything(site, 3)
    assert [] == tried.failures
    assert len(OPERATIONS) == len(tried.labels)
    assert tried.cases > 5 * len(OPERATIONS)
    assert len(tried.done) > len(OPERATIONS) / 2
