"""The rows of guarantees, in a ruleset or in the guarantees.yaml of a folder (language.md 8b)."""

import msgspec

from engine.loading.grammar.after import AFTER_OF_GUARANTEE
from engine.loading.grammar.kinds import one_of, word
from engine.loading.grammar.lists import ListOf, OneOrMore
from engine.loading.grammar.parts import CONDITION, NAME, TEXT
from engine.loading.grammar.table import AT, Snippet, Table, key
from engine.loading.guarantees import check_never, check_unless, make_never, name_charged_fee
from engine.loading.rules import name_undone
from engine.model.ruleset import Guarantee, Unless
from engine.model.vocabulary import ACTIONS, CHANNELS, CONTACT

_TONES = ACTIONS["send_reminder"].parameters["tone"].values
_ACTION = one_of(
    (CONTACT, *ACTIONS), ("All actions that contact the debtor.", *(kind.about for kind in ACTIONS.values()))
)
# One row a key: the formatter would give each cell a line of its own.
# fmt: off
_NEVER = Table(
    make=make_never,
    keys=(
        key("action", OneOrMore(_ACTION, "Write a type of action, contact for all contact actions, or a list."),
            "What is done; contact stands for all contact actions.", "suspend_service", ["hand_over", "write_off"],
            field="actions"),
        key("rule", OneOrMore(word(meaning=name_undone), "Write the id of a rule or a table, or a list of ids."),
            "By which rule, or row of a table, along with its action too.", "suspend-service", field="rules"),
        key("channel", OneOrMore(one_of(CHANNELS, CHANNELS.values()), "Write a channel, or a list of channels."),
            "Over which channel, the one chosen.", "phone", field="channels"),
        key("tone", OneOrMore(one_of(_TONES or ()), "Write a tone, or a list of tones."), "In which tone.", "final",
            field="tones"),
        key("fee", OneOrMore(word(meaning=name_charged_fee), "Write the name of a fee, or a list of names."),
            "Charging which fee, an announced one too.", "late", field="fees"),
        key("when", CONDITION, "For which accounts; for all if left out.", {"insolvent": True}),
    ),
    wanted="Write what never happens: {action: suspend_service, when: {vulnerable: true}}.",
    check=check_never,
)
_UNLESS = Table(
    make=Unless,
    keys=(
        key("when", CONDITION, "For which accounts it may happen.", {"legal_hold": True}),
        key("after",
            OneOrMore(AFTER_OF_GUARANTEE, "Write {action: send_dunning_notice, days: 14}, or a list of these.",
                is_unique=False),
            "What must have been executed before, in this episode, so that it may happen.",
            {"action": "send_dunning_notice", "days": 1, "from": "pay_by"}),
    ),
    wanted="Write {after: {action: send_dunning_notice, days: 14}} or {when: {legal_hold: true}}.",
    check=check_unless,
)
GUARANTEE = Table(
    make=Guarantee,
    keys=(
        key("id", NAME, "The guarantee's name, unique in the folder.", "trustee-only", needed=True),
        key("says", TEXT, "What it promises, for readers.", "Who is insolvent hears nothing from us."),
        key("never", _NEVER, "What is never done.", {"action": "contact", "when": {"insolvent": True}}, needed=True),
        key("unless", _UNLESS, "What allows it all the same; one of its keys is enough.",
            {"after": {"action": "send_dunning_notice", "days": 1, "from": "pay_by"}}),
    ),
    wanted="Write a guarantee: {id: …, never: {action: …}}.",
    given=AT,
    snippet=Snippet(
        "guarantee",
        "A guarantee: what can never happen.",
        {
            "id": "${1:trustee-only}",
            "says": "${2:Who is insolvent hears nothing from us.}",
            "never": {"action": "${3:contact}", "when": {"${4:insolvent}": True}},
        },
    ),
)
GUARANTEES = ListOf(
    GUARANTEE, "Write a list of guarantees, each with “- id: …”.", least=0, is_unique=False
)


class _SharedGuarantees(msgspec.Struct, frozen=True):
    guarantees: tuple[Guarantee, ...]


SHARED_GUARANTEES = Table(
    make=_SharedGuarantees,
    keys=(
        key("guarantees", GUARANTEES, "The guarantees of every ruleset of the folder, as a list.",
            [{"id": "trustee-only", "never": {"action": "contact", "when": {"insolvent": True}}}], needed=True),
    ),
    wanted="Write one list “guarantees”.",
)
