"""The cast, who finish courses, with a board in memory for each outlet that tells of it."""

from __future__ import annotations

from bridge import flow
from bridge.access import sessions
from bridge.consent import receipts
from bridge.model import Choice, Viewer, WithdrawalReceipt
from bridge.ports import Abilities
from tests.cast import Cast
from tests.conftest import FrozenClock
from tests.integration.test_delivery_room import Stage

TOLD = ["completion"]
NO_EDIT = Abilities(edit=False, delete=True, find=True, idempotent=False)
LETTERS = Abilities(edit=False, delete=False, find=False, idempotent=False)


class Company(Stage):
    """The cast, who finish courses, and a board for each outlet that tells of it."""

    def viewer(self, person: int) -> Viewer:
        """The person as they are after signing in."""
        with self.store.reading() as work:
            return sessions.viewer_of(work, person)

    def tell(self) -> None:
        """Turn what is new into activities, and send them until nothing is due."""
        flow.tell(self.store, self.clock, self.cast.connection)
        self.drain()

    def drain(self) -> None:
        """Work until nothing is due."""
        while self.work().claimed:
            pass

    def narrow(self, person: int, choice: Choice = Choice.NOBODY) -> WithdrawalReceipt:
        """The person lets fewer people see their name; the receipt at that moment."""
        flow.change_consent(self.store, self.clock, person, choice)
        return self.receipt(person)

    def receipt(self, person: int) -> WithdrawalReceipt:
        """The person's newest receipt as it stands."""
        with self.store.reading() as work:
            return receipts.mine(work, self.viewer(person), 1)[0]

    def counts(self, person: int) -> tuple[int, int, int, int]:
        """Taken back, still to be, cannot be, never left."""
        found = self.receipt(person)
        return found.removed, found.waiting, found.stays, found.never


def make_company(cast: Cast, clock: FrozenClock) -> Company:
    """Bob and Beth finished Giving feedback today, Bob alone Negotiation; both are for everyone."""
    for person in (cast.bob, cast.beth):
        cast.choose(person, Choice.EVERYONE)
        cast.complete(person, cast.feedback)
    cast.complete(cast.bob, cast.negotiation)
    return Company(cast, clock)
