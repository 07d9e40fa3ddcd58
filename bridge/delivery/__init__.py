"""Makes each outlet show what it should, and nothing else.

It does: decide where an activity goes (:mod:`~bridge.delivery.routing`) and what is to be done next
(:mod:`~bridge.delivery.plan`), note what is wanted (:mod:`~bridge.delivery.outbox`), put it into
words with consent asked once more (:mod:`~bridge.delivery.compose`), publish, edit, delete and ask
until the outlet shows it (:mod:`~bridge.delivery.worker`), and tell what became of it
(:mod:`~bridge.delivery.ledger`).

It does not: know the protocol of an outlet, or decide what is told to whom (the feed does).

A delivery is the state of one activity at one outlet. Before an attempt goes over the network it is
written down, in a transaction of its own, that something may be there now (``sent``). A worker that
dies in between thus leaves a delivery of which the next one knows that it does not know: it asks
the outlet, or sends the same key again where that shows one post, and else leaves it alone.
"""
