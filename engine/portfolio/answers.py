"""The columns of decisions: what each row's verdict carries, gathered from what is worked out once."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from msgspec import UNSET

from engine.evaluation.explaining import NO_RULE_EVER
from engine.evaluation.schedule import first_moment, pay_by
from engine.model.decision import NextAction
from engine.model.money import InterestUnknown
from engine.model.ruleset import Action, waits_for_best_hour
from engine.model.vocabulary import ACTIONS, CHANNELS
from engine.portfolio.ahead import Outlooks
from engine.portfolio.arrays import NO_DAY, Column, first_rows, spans, sums, unique
from engine.portfolio.bits import Ints, Truths
from engine.portfolio.joining import Coded, Part
from engine.portfolio.kinds import Held
from engine.portfolio.money import Money
from engine.portfolio.standing import NO_CHANNEL, Standings, names_of
from engine.portfolio.tables import NOBODY, Tables
from engine.portfolio.verdicts import INTEREST_UNKNOWN, Verdicts
from engine.portfolio.wording import Texts, Words, list_texts

_CHANNELS = tuple(CHANNELS)
_TEXTS = pa.list_(pa.string())
_EPOCH = dt.date(1970, 1, 1).toordinal()


class Answers:
    """What comes of the verdicts on a batch; ``moments`` are the instants asked about, one a zone.

    ``unread`` are rows of which something can only be said one by one, by why.
    """

    def __init__(
        self,
        tables: Tables,
        standings: Standings,
        verdicts: Verdicts,
        outlooks: Outlooks,
        held: Held,
        moments: Sequence[dt.datetime],
    ) -> None:
        self.tables, self.standings, self.verdicts, self.outlooks = tables, standings, verdicts, outlooks
        self.held, self.moments = held, moments
        self.edition = standings.program.edition
        self.everybody = np.arange(standings.count)
        self.words = Words(tables, standings)
        is_waiting = verdicts.is_nothing & (outlooks.upcoming != NOBODY)
        idle = verdicts.is_nothing & ~is_waiting
        is_unknown = verdicts.block == INTEREST_UNKNOWN
        self.is_blocked = verdicts.is_blocked | (idle & is_unknown)
        self.is_waiting = is_waiting
        # The place of the action that is carried out: that of its rule, after all rules that of otherwise.
        otherwise = np.where(idle & verdicts.does_otherwise, len(self.edition.rules), NOBODY)
        self.acting = np.where(verdicts.is_act, verdicts.rule, otherwise)
        self.actions: tuple[Action, ...] = (*(rule.action for rule in self.edition.rules), self.edition.otherwise)
        self.unread: dict[str, Truths] = {}
        self._refuse_money_beside()

    def _refuse_money_beside(self) -> None:
        """Leave the money of actions along with another to the single path."""
        beside = [any(o.fee or o.announce_fee or o.interest for o in each.along_with) for each in self.actions]
        if any(beside):
            self.unread["money of an action along with another"] = np.array([*beside, False], dtype=np.bool_)[
                self.acting
            ]

    @cached_property
    def money(self) -> Money:
        """Return the money of the actions."""
        money = Money(self.standings, self.tables.fees)
        for work_out, names in (
            (money.charge, [each.fee for each in self.actions]),
            (money.announce, [each.announce_fee for each in self.actions]),
            (money.claim_interest, [each.interest for each in self.actions]),
        ):
            for name in dict.fromkeys(filter(None, names)):
                own = np.array([*(each == name for each in names), False], dtype=np.bool_)
                rows = np.flatnonzero(own[self.acting])
                if len(rows):
                    work_out(name, rows)
        return money

    def by_action(self) -> list[tuple[int, Ints]]:
        """Return the places of the actions that are carried out, with their rows."""
        return [(int(p), np.flatnonzero(self.acting == p)) for p in np.unique(self.acting) if p != NOBODY]

    @property
    def at_best_hour(self) -> Truths:
        """Tell which rows have a call that waits for the best hour, which is worked out one by one."""
        waiting = [at for at, action in enumerate(self.actions) if waits_for_best_hour(action)]
        return np.isin(self.acting, waiting)

    # what is worked out by the day

    @cached_property
    def scheduled(self) -> tuple[list[dt.datetime], Ints]:
        """Return the moments that actions are scheduled for, and the place of each row's."""
        calendar = self.standings.program.ruleset.calendar
        found: list[dt.datetime] = []
        places = np.full(self.standings.count, NOBODY, dtype=np.int64)
        keys = (self.acting * 64 + self.verdicts.channel + 1) * len(self.moments) + self.standings.zone_of
        rows = np.flatnonzero(self.acting != NOBODY)
        found_keys, inverse = unique(keys[rows])
        for row in rows[first_rows(inverse, len(found_keys))].tolist():
            action = self.actions[self.acting[row]]
            zone = int(self.standings.zone_of[row])
            channel = int(self.verdicts.channel[row])
            found.append(
                first_moment(
                    calendar,
                    self.standings.zones[zone],
                    self.moments[zone],
                    action.schedule,
                    channel=None if channel == NO_CHANNEL else _CHANNELS[channel],
                    is_contact=ACTIONS[action.type].is_contact,
                    is_retry=action.type == "retry_payment",
                )
            )
        places[rows] = inverse
        return found, places

    @cached_property
    def pay_by(self) -> Ints:
        """Return the last day on which payment is in time, `NO_DAY` for none."""
        calendar = self.standings.program.ruleset.calendar
        moments, places = self.scheduled
        found = np.full(self.standings.count, NO_DAY, dtype=np.int64)
        for place, rows in self.by_action():
            within = self.actions[place].pay_within_days
            if within is None:
                continue
            keys = places[rows] * 64 + self.verdicts.channel[rows] + 1
            found_keys, inverse = unique(keys)
            last = []
            for row in rows[first_rows(inverse, len(found_keys))].tolist():
                channel = int(self.verdicts.channel[row])
                name = None if channel == NO_CHANNEL else _CHANNELS[channel]
                last.append(pay_by(calendar, moments[places[row]].date(), name, within).toordinal())
            found[rows] = np.array(last, dtype=np.int64)[inverse]
        return found

    # the actions along with it

    @cached_property
    def along(self) -> tuple[list[tuple[NextAction, ...]], Ints, dict[int, list[str]]]:
        """Return the actions along with another, the place of each row's, and what was left out, by row."""
        found: list[tuple[NextAction, ...]] = [()]
        places = np.zeros(self.standings.count, dtype=np.int64)
        left_out: dict[int, list[str]] = {}
        known: dict[tuple[object, ...], tuple[int, list[str]]] = {}
        language = self.language
        for place, rows in self.by_action():
            others = self.actions[place].along_with
            if not others:
                continue
            open_ = self.standings.usable[rows] & ~self.standings.over_limit(rows, self.standings.days[rows])
            channels = [self.standings.first_of(other.channels, rows, open_).tolist() for other in others]
            for at, row in enumerate(rows.tolist()):
                own = tuple(each[at] for each in channels)
                word = int(language.values[row]) if language.present[row] else -1
                key = (place, own, int(self.standings.zone_of[row]), int(self.verdicts.choices.stops[row]), word)
                if key not in known:
                    made, warnings = self._make_along(others, own, row, language.words[word] if word >= 0 else None)
                    found.append(made)
                    known[key] = len(found) - 1, warnings
                places[row], warnings = known[key]
                if warnings:
                    left_out[row] = warnings
        return found, places, left_out

    def _make_along(
        self, others: Sequence[Action], channels: Sequence[int], row: int, language: str | None
    ) -> tuple[tuple[NextAction, ...], list[str]]:
        program, zone = self.standings.program, int(self.standings.zone_of[row])
        stops = [i for n, i in enumerate(program.stop_blocks) if self.verdicts.choices.stops[row] >> n & 1]
        stopped = {action for i in stops for action in self.edition.blocks[i].stops or ()}
        made, warnings = [], []
        for other, place in zip(others, channels, strict=True):
            kind = ACTIONS[other.type]
            channel = None if place == NO_CHANNEL or not kind.is_contact else _CHANNELS[place]
            if other.type in stopped:
                warnings.append(f"{other.type} was left out: a block stops it")
                continue
            if kind.is_contact and channel is None:
                warnings.append(f"{other.type} was left out: no channel is open")
                continue
            calendar = program.ruleset.calendar
            at = first_moment(
                calendar,
                self.standings.zones[zone],
                self.moments[zone],
                other.schedule,
                channel=channel,
                is_contact=kind.is_contact,
                is_retry=other.type == "retry_payment",
            )
            parameters = dict(other.parameters)
            if kind.is_contact and "language" not in parameters and language is not None:
                parameters["language"] = language
            within = other.pay_within_days
            made.append(
                NextAction(
                    type=other.type,
                    channel=channel if channel is not None else UNSET,
                    pay_by=UNSET if within is None else pay_by(calendar, at.date(), channel, within),
                    scheduled_for=at,
                    approval=_approval(other),
                    **parameters,  # type: ignore[arg-type]  # typed by the vocabulary
                )
            )
        return tuple(made), warnings

    @cached_property
    def language(self) -> Column:
        """Return each account's language."""
        return self.standings.fact(self.edition.facts["language"], self.everybody, self.standings.days)

    def languages(self) -> Coded:
        """Return the language of each contact."""
        own, is_contact, words = self.language, [], list(self.language.words)
        fixed = []
        for action in self.actions:
            is_contact.append(ACTIONS[action.type].is_contact)
            given = action.parameters.get("language")
            fixed.append(NOBODY if given is None else len(words))
            words += [] if given is None else [str(given)]
        said = np.where(own.present, own.values, NOBODY)
        places = np.where(np.array([*is_contact, False], dtype=np.bool_)[self.acting], said, NOBODY)
        given_places = np.array([*fixed, NOBODY], dtype=np.int64)[self.acting]
        return Coded(pa.array(words, pa.string()), np.where(given_places == NOBODY, places, given_places))

    # the claim

    @cached_property
    def claimed(self) -> tuple[Ints, Ints]:
        """Return how many invoices each row claims, and their sum."""
        standings = self.standings
        debts = standings.debts
        overdue = debts.overdue(self.everybody, standings.days)
        lengths = np.where(overdue > 0, overdue, debts.counts)
        amounts = sums(debts.lines.open[spans(debts.starts, lengths)], lengths)
        for name in ("open_balance", "overdue_balance"):
            fact = standings.fact(self.edition.facts[name], self.everybody, standings.days)
            taken = ~debts.carried & fact.present & (fact.values != 0)
            amounts = np.where(taken, fact.values, amounts)
        return lengths, amounts

    def claim_invoices(self) -> pa.Array:
        """Return the ids of the invoices that each row claims."""
        debts, (lengths, _) = self.standings.debts, self.claimed
        offsets = np.concatenate((np.zeros(1, dtype=np.int32), np.cumsum(lengths).astype(np.int32)))
        ids = debts.invoices.ids.take(pa.array(debts.lines.places[spans(debts.starts, lengths)]))
        return pa.ListArray.from_arrays(pa.array(offsets), ids)

    # words

    def warnings(self) -> pa.Array:
        """Return what each decision warns of."""
        found: dict[int, list[str]] = defaultdict(list)
        program = self.standings.program
        for number, i in enumerate(program.stop_blocks):
            rows = np.flatnonzero(self.verdicts.choices.stops >> number & 1)
            block = self.edition.blocks[i]
            for row, reason in zip(
                rows.tolist(), list_texts(self.words.fill(block.reason, rows), len(rows)), strict=True
            ):
                found[row].append(f"{block.id} stops {', '.join(block.stops or ())}: {reason}")
        for more in (self.money.warnings, self.along[2]):
            for row, said in more.items():
                found[row].extend(said)
        lengths = np.zeros(self.standings.count + 1, dtype=np.int32)
        for row, said in found.items():
            lengths[row + 1] = len(said)
        texts = [text for row in sorted(found) for text in found[row]]
        return pa.ListArray.from_arrays(pa.array(np.cumsum(lengths, dtype=np.int32)), pa.array(texts, pa.string()))

    def block_reasons(self) -> Coded:
        """Return why each blocked row is."""
        found = Texts(self.standings.count)
        self._put_block_reasons(found)
        return found.whole()

    def _put_block_reasons(self, found: Texts) -> None:
        block = np.where(self.is_blocked, self.verdicts.block, NOBODY)
        for place in unique(block)[0].tolist():
            rows = np.flatnonzero(block == place)
            if place == INTEREST_UNKNOWN:
                said = [self._why_unknown(row) for row in rows.tolist()]
                found.put(rows, Coded(pa.array(said, pa.string()), np.arange(len(rows))))
            elif place != NOBODY:
                found.put(rows, self.words.fill(self.edition.blocks[place].reason, rows))

    def _why_unknown(self, row: int) -> str:
        rule = int(self.verdicts.choices.rule[row])
        name = self.actions[len(self.edition.rules) if rule == NOBODY else rule].interest
        worked = self.money.interest_of(name or "", row)
        return worked.reason if isinstance(worked, InterestUnknown) else ""

    def reasons(self) -> Coded:
        """Return in a sentence which facts decided each row."""
        found = Texts(self.standings.count)
        self._put_block_reasons(found)
        rule = self.verdicts.rule
        found.put(np.flatnonzero(~self.is_blocked & ~self.is_waiting & (rule == NOBODY)), NO_RULE_EVER)
        for index in unique(rule)[0].tolist():
            if index != NOBODY:
                rows = np.flatnonzero(rule == index)
                boxes = self.held.winning_boxes(self.tables, index, rows)
                for own, said in self.words.reason_of_rule(index, rows, boxes):
                    found.put(own, said)
        waiting = np.flatnonzero(self.is_waiting)
        keys = self.outlooks.upcoming_on[waiting] * len(self.actions) + self.outlooks.upcoming[waiting]
        distinct, places = unique(keys)
        sentences = []
        for key in distinct.tolist():
            title, on = self.words.title(key % len(self.actions)), dt.date.fromordinal(key // len(self.actions))
            sentences.append(f"No rule holds today; {title} will on {on} if nothing is paid")
        found.put(waiting, Coded(pa.array(sentences, pa.string()), places))
        return found.whole()

    def variants(self) -> Part:
        """Return the variants of each row as JSON."""
        experiments = self.standings.program.terms.experiments
        if not experiments:
            return pa.nulls(self.standings.count, pa.string())
        keys = np.zeros(self.standings.count, dtype=np.int64)
        for each in experiments:
            drawn = self.standings.variant(each, self.everybody, self.standings.days)
            keys = keys * len(names_of(each)) + drawn
        distinct, places = unique(keys)
        said = []
        for key in distinct.tolist():
            named, rest = dict[str, str](), key
            for each in reversed(experiments):
                rest, place = divmod(rest, len(names_of(each)))
                named[each.id] = names_of(each)[place]
            said.append(msgspec.json.encode(dict(reversed(named.items()))).decode())
        return Coded(pa.array(said, pa.string()), places)


def _approval(action: Action) -> Any:  # noqa: ANN401  one of two words
    return "required" if action.approval_required else "not_required"


def write_days(days: Ints) -> pa.Array:
    """Return ordinals as dates, null for `NO_DAY`."""
    return pa.array((days - _EPOCH).astype(np.int32), pa.int32(), mask=days == NO_DAY).cast(pa.date32())
