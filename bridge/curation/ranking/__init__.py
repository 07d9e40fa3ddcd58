"""Ranks what people might learn next from what everybody learned before; pure.

:mod:`~bridge.curation.ranking.history` holds who had what first when;
:mod:`~bridge.curation.ranking.signals` turns it into signals, one number a person and item;
:mod:`~bridge.curation.ranking.blend` weighs them, and
:mod:`~bridge.curation.ranking.learning` finds out from a site's own past how;
:mod:`~bridge.curation.ranking.split` and :mod:`~bridge.curation.ranking.measure` say how good that
is, by a split in time; :mod:`~bridge.curation.ranking.baselines` are what it has to beat.

Nothing here knows a name, a course or a database: people and items are row and column numbers.
"""
