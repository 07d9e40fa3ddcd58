"""The cast itself, on both databases."""

from bridge.storage import tables as t
from tests.cast import Cast


def test_the_cast_is_stored_on_either_database(cast: Cast) -> None:
    """Everybody that the tests tell of has a row."""
    with cast.store.reading() as work:
        assert 6 == work.sql.execute(t.people.select()).fetchall().__len__()
