"""What spans rooms, a few lines each; one module a topic, and all of them by name from here.

A flow opens one transaction and hands it to the rooms, which never commit. Two rooms own their
commits because they go over the network between them: sync and delivery.
"""

from bridge.flow.administering import (
    add_outlet,
    invite_platform,
    let_lead,
    own_category,
    own_person,
    remove_outlet,
    retry_deliveries,
    retry_delivery,
    set_outlet_pace,
    set_outlet_rules,
    switch_outlet,
)
from bridge.flow.choices import change_consent, hide_item, undo_choice
from bridge.flow.connecting import GUARDED, Connected, Wanted, connect_lms
from bridge.flow.disconnecting import disconnect, take_all_back
from bridge.flow.erasing import Erasure, erase, lift_erasure
from bridge.flow.launching import Arrival, take_launch
from bridge.flow.leading import set_leader_rules, take_leaders
from bridge.flow.letters import address_of, write_letters
from bridge.flow.moderating import hide_words, keep_words, restore_words
from bridge.flow.notes import NoteLook, NoteWays, look_at_note, note_ways, write_notes
from bridge.flow.planning import plan_share, publish_plans
from bridge.flow.policies import drop_tag_policy, set_policy, set_rule_policy, set_tag_policy
from bridge.flow.previewing import DAYS, LONGEST, OutletPreview, WhatIf, preview
from bridge.flow.profiles import set_profile_rules
from bridge.flow.proving import why
from bridge.flow.registering import register
from bridge.flow.rehearsing import ShareRehearsal, rehearse_share
from bridge.flow.rekeying import Rekeyed, reseal
from bridge.flow.rosters import Compared, compare_rosters
from bridge.flow.rounds import RunReport, connect, run_once, suggest, tell
from bridge.flow.sending_links import send_links
from bridge.flow.setting_up import (
    choose_admin,
    chosen_admin,
    finish_setup,
    is_read_through,
    read_first,
)
from bridge.flow.sharing import UNDO, desk_page, share, undo_share
from bridge.flow.signing_in import CameIn, take_answer
from bridge.flow.spread import spread
from bridge.flow.talking import edit_post, post, remove_post, reply
from bridge.flow.tidying import tidy, too_old

__all__ = [
    "DAYS",
    "GUARDED",
    "LONGEST",
    "UNDO",
    "Arrival",
    "CameIn",
    "Compared",
    "Connected",
    "Erasure",
    "NoteLook",
    "NoteWays",
    "OutletPreview",
    "Rekeyed",
    "RunReport",
    "ShareRehearsal",
    "Wanted",
    "WhatIf",
    "add_outlet",
    "address_of",
    "change_consent",
    "choose_admin",
    "chosen_admin",
    "compare_rosters",
    "connect",
    "connect_lms",
    "desk_page",
    "disconnect",
    "drop_tag_policy",
    "edit_post",
    "erase",
    "finish_setup",
    "hide_item",
    "hide_words",
    "invite_platform",
    "is_read_through",
    "keep_words",
    "let_lead",
    "lift_erasure",
    "look_at_note",
    "note_ways",
    "own_category",
    "own_person",
    "plan_share",
    "post",
    "preview",
    "publish_plans",
    "read_first",
    "register",
    "rehearse_share",
    "remove_outlet",
    "remove_post",
    "reply",
    "reseal",
    "restore_words",
    "retry_deliveries",
    "retry_delivery",
    "run_once",
    "send_links",
    "set_leader_rules",
    "set_outlet_pace",
    "set_outlet_rules",
    "set_policy",
    "set_profile_rules",
    "set_rule_policy",
    "set_tag_policy",
    "share",
    "spread",
    "suggest",
    "switch_outlet",
    "take_all_back",
    "take_answer",
    "take_launch",
    "take_leaders",
    "tell",
    "tidy",
    "too_old",
    "undo_choice",
    "undo_share",
    "why",
    "write_letters",
    "write_notes",
]
