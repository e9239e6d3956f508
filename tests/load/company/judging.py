"""Holding what the service and its workers did against the lives of the customers, as `books` reads them.

What was done between two moments must have been right as of some state that the service may have known in between: all
that was acknowledged before, and perhaps what was on its way.
"""

import bisect
import collections
import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.api.ledger import check_ledger
from tests.load.company.books import LADDERS, STEPS, Case, Standing, cents, find_step, read_standing
from tests.load.company.firm import Company
from tests.load.company.lives import FIRST_DAY, LAST_DAY, Life
from tests.load.company.worker import Letter

_CHANNELS = {"reminder": "email", "call": "phone"}


def judge(company: Company) -> dict[str, int]:
    """See that all was right, and count it."""
    letters = [Letter(**each) for each in company.read_lines("mailbox")]
    check_each_once(letters)
    by_account = collections.defaultdict(list)
    for letter in letters:
        by_account[letter.account_id].append(letter)
    dropped = {
        (each["account_id"], each["day"]) for each in company.read_lines("dropped") if "approval" in each["changes"]
    }
    broken: set[tuple[str, str]] = set()
    histories: list[_History] = []
    for life in company.lives:
        mine = sorted(by_account[life.name], key=lambda each: each.answered_at)
        history = _History(company, life, mine, dropped)
        history.judge_letters()
        broken |= history.judge_days()
        histories.append(history)
    check_stored(company, letters)
    events = read_events(company)
    check_told(company, letters, broken, events)
    check_cases(histories, events)
    check_delivered(company, events)
    confirmed = [letter.confirmed for letter in letters]
    decided = [*confirmed, *(letter.taken for letter in letters), *(letter.decision_id for letter in letters)]
    verification = check_ledger(company.url, decided, [letter.decision_id for letter in letters])
    return {
        "letters": len(letters),
        "promises": sum(1 for life in company.lives for each in life.deeds if each.body.get("type") == "promise"),
        "promises broken": len(broken),
        "events": len(events),
        "deliveries": company.endpoint.deliveries_count,
        "decisions": verification.decisions_count,
        "lines of the log": verification.size,
    }


def check_each_once(letters: Iterable[Letter]) -> None:
    """No step of an episode is done twice, and no decision is carried out twice."""
    steps = Counter((each.account_id, each.rule, each.episode) for each in letters)
    decisions = Counter(each.decision_id for each in letters)
    assert [what for what, count in (*steps.items(), *decisions.items()) if count > 1] == [], "done twice"


class _History:
    """A life, and what was done about it."""

    def __init__(self, company: Company, life: Life, letters: list[Letter], dropped: set[tuple[str, str]]) -> None:
        self._company = company
        self.life = life
        self._letters = letters
        self._dropped = dropped
        self.cases = {invoice: Case() for invoice in life.dues}
        self._standings: dict[int, Standing] = {}
        self._sent = [each.sent_at for each in life.deeds if each.sent_at is not None]
        self._known = [each.known_at for each in life.deeds if each.known_at is not None]
        assert len(self._sent) == len(self._known) == len(life.deeds), "something was never said"

    def judge_letters(self) -> None:
        """Each letter was right as of something that was known when it was confirmed."""
        done: dict[str, dict[str, str]] = {}
        for letter in self._letters:
            candidates = list(self._list_known(letter.asked_at, letter.answered_at))
            wrong = [self._find_wrong(letter, standing, done) for standing in candidates]
            assert "" in wrong, (letter, wrong, self.life.deeds)
            # What the list said of its promises was so when it was taken, or came to be so until it was confirmed.
            said = (letter.promised is not None, letter.broken_promises)
            assert said in [
                (bool(each.list_promises("open", letter.day)), len(each.list_promises("broken", letter.day)))
                for each in self._list_known(letter.taken_at, letter.answered_at)
            ], (letter, self.life.deeds)
            if letter.rule == "call":
                assert self._company.approved[letter.taken] < letter.answered_at, letter
            done.setdefault(letter.episode, {})[letter.rule] = letter.day

    def _find_wrong(self, letter: Letter, standing: Standing, done: Mapping[str, Mapping[str, str]]) -> str:
        """Say what is wrong with a letter as of a standing; nothing where nothing is."""
        if letter.version not in self._list_versions(letter.day):
            return "version"
        step = find_step(standing, letter.day, done, letter.version)
        if step != letter.rule:
            return f"step {step}"
        channel = _CHANNELS.get(step, "email" if letter.version == 3 else "letter")
        overdue = standing.overdue(letter.day)
        is_right = {
            "episode": letter.episode == standing.owed[0][0],
            "channel": letter.channel == channel,
            "claim": cents(letter.claim) == sum(amount for _, _, amount in overdue),
            "invoices": sorted(letter.invoices) == sorted(invoice for _, invoice, _ in overdue),
        }
        return ", ".join(name for name, is_so in is_right.items() if not is_so)

    def judge_days(self) -> set[tuple[str, str]]:
        """At the end of each day nothing was left to do; answers which promises were told broken by then."""
        deeds = self.life.deeds
        days = [deed.day for deed in deeds]
        by_day = collections.defaultdict(list)
        for letter in self._letters:
            by_day[letter.day].append(letter)
        done: dict[str, dict[str, str]] = {}
        broken: set[tuple[str, str]] = set()
        for number in range(FIRST_DAY, LAST_DAY + 1, self._company.stride):
            day = self.life.date(number)
            begun, ended = bisect.bisect_left(days, number), bisect.bisect_right(days, number)
            standing = self._read(ended)
            for invoice, case in self.cases.items():
                case.live([self._read(count or 1).find_overdue(invoice, day) for count in range(begun, ended + 1)])
            for letter in by_day[day]:
                done.setdefault(letter.episode, {})[letter.rule] = day
            step = find_step(standing, day, done, max(self._list_versions(day)))
            # What is leased to nobody, or to who was told that it must be approved anew, is another's on the next day.
            if number not in self._company.killed_on and (self.life.name, day) not in self._dropped:
                assert step is None, ("left undone", day, step, self.life.name, deeds, self._letters)
            broken |= {(self.life.name, each.id) for each in standing.list_promises("broken", day)}
        return broken

    def _list_known(self, begin: float, end: float) -> Iterator[Standing]:
        """List how it may have stood to the knowledge of the service between two moments."""
        for count in range(bisect.bisect_left(self._known, begin), bisect.bisect_right(self._sent, end) + 1):
            yield self._read(count)

    def _read(self, count: int) -> Standing:
        """Read how it stood after so many deeds."""
        if count not in self._standings:
            self._standings[count] = read_standing(self.life.deeds[:count])
        return self._standings[count]

    def _list_versions(self, day: str) -> list[int]:
        """List the versions that may have decided on a day: on that of a publication also the one before."""
        published = {1: FIRST_DAY} | self._company.published_on
        dates = {number: self.life.date(on) for number, on in published.items()}
        latest = max(number for number, on in dates.items() if on <= day)
        return [latest, latest - 1] if dates[latest] == day and latest > 1 else [latest]


def check_stored(company: Company, letters: Iterable[Letter]) -> None:
    """All that was acknowledged is stored, and nothing else; no lease outlives its day."""
    told = {
        (life.name, deed.body["id"]): deed.body["type"]
        for life in company.lives
        for deed in life.deeds
        if deed.kind == "outcome"
    }
    rows = company.fetch("SELECT account_id, id, type FROM dunning.outcomes")
    assert {(row["account_id"], row["id"]): row["type"] for row in rows} == told
    last = {life.name: next(d.body for d in reversed(life.deeds) if d.kind == "document") for life in company.lives}
    rows = company.fetch("SELECT id, document FROM dunning.accounts")
    assert {row["id"]: json.loads(row["document"]) for row in rows} == last
    sent = Counter((each.account_id, each.decision_id, each.rule) for each in letters)
    rows = company.fetch("SELECT account_id, decision_id::text, entry FROM dunning.history")
    kept = Counter((row["account_id"], row["decision_id"], json.loads(row["entry"])["rule"]) for row in rows)
    assert kept == sent
    lines = company.fetch("SELECT kind, count(*) FROM dunning.log_entries GROUP BY kind")
    counts = {row["kind"]: row["count"] for row in lines}
    assert counts["executed"] == len(rows), counts
    tomorrow = f"{company.begun_on + dt.timedelta(days=LAST_DAY + 1)}"
    held = company.fetch(f"SELECT FROM dunning.due WHERE taken_until >= '{tomorrow}'")
    assert held == [], "a lease is held for ever"


def read_events(company: Company) -> list[dict[str, Any]]:
    """Read the pull feed from its beginning."""
    events: list[dict[str, Any]] = []
    after = "0"
    while page := company.caller.insist("GET", f"/v1/events?limit=1000&after={after}"):
        events += page["events"]
        if not page["events"]:
            return events
        after = page["next_after"]
    return events


def check_told(
    company: Company, letters: Iterable[Letter], broken: set[tuple[str, str]], events: Iterable[Mapping[str, Any]]
) -> None:
    """What happened was told, each once; what did not was not."""
    told = collections.defaultdict(list)
    for event in events:
        told[event["type"]].append(event["data"])
    decisions = {kind: Counter(data.get("decision_id") for data in all_data) for kind, all_data in told.items()}
    assert decisions["action.executed"] == Counter(letter.decision_id for letter in letters)
    assert {letter.taken for letter in letters} <= decisions["decision.due"].keys()
    assert max(decisions["decision.due"].values()) == 1
    assert decisions["action.approved"] == Counter(company.approved.keys())
    assert company.approved.keys() <= decisions["approval.requested"].keys()
    assert Counter((data["account_id"], data["promise"]) for data in told["promise.broken"]) == Counter(broken)
    for kind in ("ruleset.published", "ruleset.in_use"):
        assert [data["version"] for data in told[kind]] == [*LADDERS], kind
    assert {data["rule"] for data in told["action.executed"]} == {*STEPS}


def check_cases(histories: Iterable[_History], events: Iterable[Mapping[str, Any]]) -> None:
    """A case was told when it opened and when it was paid, in turns; of what opened none, nothing was told."""
    turns = collections.defaultdict(list)
    for event in events:
        if event["type"].startswith("case."):
            turns[event["data"]["account_id"], event["data"]["due_on"]].append(event["type"])
    for history in histories:
        life = history.life
        for invoice, case in history.cases.items():
            told = turns.pop((life.name, life.date(life.dues[invoice])), [])
            assert told[::2] == ["case.opened"] * len(told[::2]), (life.name, told)
            assert told[1::2] == ["case.closed"] * len(told[1::2]), (life.name, told)
            assert case.may_open or not told, (life.name, case, told, life.deeds)
            assert told or not case.must_open, (life.name, case, told, life.deeds)
            if case.is_sure:
                assert (len(told) % 2 == 0) == case.is_closed(life.deeds, invoice), (life.name, case, told, life.deeds)
    assert not turns


def check_delivered(company: Company, events: list[dict[str, Any]]) -> None:
    """Every event was delivered under its one id, and says there what it says in the feed; nothing else was."""
    assert [int(event["sequence"]) for event in events] == [*range(1, len(events) + 1)]
    assert len({event["id"] for event in events}) == len(events)
    found = {name: [json.loads(body) for body in bodies] for name, bodies in company.endpoint.bodies.items()}
    # Its first version was published before anybody was to be told.
    before, after = events[:2], events[2:]
    assert {event["subject"] for event in before} == {"rulesets/company/versions/1"}
    assert found == {event["id"]: [event] for event in after}
