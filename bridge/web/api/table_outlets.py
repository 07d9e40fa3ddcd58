"""The operations about outlets."""

from __future__ import annotations

from bridge.model.api import Scope
from bridge.web.api import outlet_adding, outlets
from bridge.web.api.operations import Operation
from bridge.web.api.shapes import list_of
from bridge.web.table import ADMINS

ADMIN = Scope.ADMIN

OUTLETS = (
    Operation(
        "GET",
        "/admin/outlets",
        outlets.show,
        ADMIN,
        "Outlets",
        list_of(outlets.OutletShape),
        roles=ADMINS,
    ),
    Operation(
        "GET",
        "/admin/outlets/kinds",
        outlet_adding.kinds,
        ADMIN,
        "Kinds of outlets, and what each asks",
        list_of(outlet_adding.KindShape),
        roles=ADMINS,
    ),
    Operation(
        "POST",
        "/admin/outlets",
        outlet_adding.add,
        ADMIN,
        "Add an outlet",
        outlets.OutletShape,
        says=outlet_adding.OutletSaid,
        status=201,
        roles=ADMINS,
    ),
    Operation(
        "DELETE",
        "/admin/outlets/<int:outlet_id>",
        outlet_adding.remove,
        ADMIN,
        "Take an outlet out",
        roles=ADMINS,
    ),
    Operation(
        "GET",
        "/admin/outlets/<int:outlet_id>",
        outlets.one,
        ADMIN,
        "One outlet",
        outlets.OutletShape,
        roles=ADMINS,
    ),
    Operation(
        "PATCH",
        "/admin/outlets/<int:outlet_id>",
        outlets.switch,
        ADMIN,
        "Switch it on or off",
        outlets.OutletShape,
        says=outlets.SwitchSaid,
        roles=ADMINS,
        of=(outlets.one, outlets.OutletShape),
    ),
    Operation(
        "PUT",
        "/admin/outlets/<int:outlet_id>/rules",
        outlets.set_rules,
        ADMIN,
        "What it takes by itself",
        outlets.OutletShape,
        says=outlets.RulesSaid,
        roles=ADMINS,
        of=(outlets.one, outlets.OutletShape),
    ),
    Operation(
        "PATCH",
        "/admin/outlets/<int:outlet_id>/pace",
        outlets.set_pace,
        ADMIN,
        "How much it takes, and when",
        outlets.OutletShape,
        says=outlets.PaceSaid,
        roles=ADMINS,
        of=(outlets.one, outlets.OutletShape),
    ),
    Operation(
        "GET",
        "/admin/outlets/<int:outlet_id>/preview",
        outlets.preview,
        ADMIN,
        "What it would be told",
        outlets.PreviewShape,
        asks=outlets.PreviewAsked,
        roles=ADMINS,
        limit="60 per minute",
    ),
    Operation(
        "GET",
        "/admin/ledger",
        outlets.ledger,
        ADMIN,
        "What became of what was sent",
        outlets.LedgerShape,
        asks=outlets.LedgerAsked,
        roles=ADMINS,
    ),
    Operation(
        "POST",
        "/admin/ledger/<int:delivery_id>/retry",
        outlets.retry,
        ADMIN,
        "Try a delivery again",
        says=outlets.RetrySaid,
        roles=ADMINS,
    ),
    Operation(
        "POST",
        "/admin/ledger/retry",
        outlets.retry_all,
        ADMIN,
        "Try everything again that was given up",
        outlets.Retried,
        asks=outlets.OutletAsked,
        roles=ADMINS,
    ),
)
