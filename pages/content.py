"""What the page of a ruleset says, section by section."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal

from engine.coordinates.windows import say_window
from engine.evaluation.program import compile_ruleset
from engine.loading.canonical import SHARED_GUARANTEES_KEY, SHARED_SCORES_KEY
from engine.model.ruleset import Experiment, Ruleset
from engine.proofs.guarantees import judge_guarantees
from pages.calendarwords import say_calendar, say_limits
from pages.guaranteewords import guarantee_blocks
from pages.ladderpicture import describe_ladder, draw_ladder
from pages.moneywords import fee_blocks, interest_blocks, say_amount
from pages.page import Block, Items, Page, Picture, Section, Table, Text
from pages.ruletables import Row, tell_table
from pages.scorewords import score_blocks
from pages.steps import Step, read_steps
from pages.words import Wording, count_of, plain, say_action, say_repeat, say_terms, write_words

Document = dict[str, object]
_LADDERS = {
    "catch_up": "Of the levels an account has not reached, the lowest that fits comes next; one that still "
    "waits while a higher one fits is passed over for good.",
    "strict": "Levels come one after the other: only the next one can, and an account waits for it.",
    "most_severe": "Of the levels an account has not reached, the highest that fits comes next.",
    "none": "Levels are labels only: the first rule that fits comes, in written order.",
}


class Teller:
    """Tells one ruleset."""

    def __init__(self, ruleset: Ruleset) -> None:
        self._ruleset = ruleset
        self._document: Document = json.loads(ruleset.canonical, parse_float=Decimal)
        self._editions = [*ruleset.editions.values()]
        compiled = compile_ruleset(ruleset)
        first = self._editions[0]
        self._steps = read_steps(ruleset, first, compiled.programs[first.currency].plan)
        self._code = compiled.programs[first.currency]
        self._judged = judge_guarantees(compiled)
        named = self._mapping("conditions")
        self._words = Wording(first.facts, named, first.currency)

    def tell(self) -> Page:
        """Return the whole page."""
        ruleset = self._ruleset
        return Page(name=ruleset.id, title=ruleset.title, facts=tuple(self._head()), sections=tuple(self._sections()))

    def _head(self) -> Iterator[tuple[str, str]]:
        ruleset, effective = self._ruleset, self._ruleset.effective
        yield "ruleset", ruleset.id
        if ruleset.owner is not None:
            yield "owner", ruleset.owner
        yield "covers", self._words.condition(self._document.get("applies_to"))
        yield "currency", ", ".join(ruleset.editions)
        ignored = [say_amount(each.ignore_below, each.currency) for each in self._editions if each.ignore_below]
        if ignored:
            yield "passed over", f"invoices of which less than {' or '.join(ignored)} is open"
        if "tolerance_days" in self._document:
            yield "promises", f"can be kept until {count_of(ruleset.tolerance_days, 'day')} after their last day"
        yield "time zone", ruleset.timezone
        if effective.from_on is not None or effective.until_on is not None:
            until = f" until {effective.until_on} (that day no more)" if effective.until_on is not None else ""
            yield "effective", f"{f'from {effective.from_on}' if effective.from_on is not None else ''}{until}".strip()
        checked = ruleset.law_checked_to
        yield "law checked to", str(checked) if checked is not None else "never: nobody has said so"
        yield "version of the text", ruleset.digest[:19]

    def _sections(self) -> Iterator[Section]:
        yield from self._section("The ladder", self._ladder())
        yield from self._section("Rules beside the ladder", self._rules(is_levelled=False))
        yield from self._section("What stops dunning", self._blocks())
        yield from self._section("What never happens", self._guarantees())
        yield from self._section("Limits", [Items(items=tuple(say_limits(self._ruleset, self._document, self._words)))])
        yield from self._section("Fees", fee_blocks(self._ruleset))
        yield from self._section("Interest", interest_blocks(self._ruleset))
        yield from self._section("Days and hours", [Items(items=tuple(say_calendar(self._ruleset.calendar)))])
        yield from self._section("Experiments", self._experiments())
        yield from self._section("Scores", self._scores())
        yield from self._section("Words used above", self._named())
        yield from self._section("What the application must know", self._facts())
        yield from self._section("Legal basis", self._basis())

    @staticmethod
    def _section(heading: str, blocks: Iterator[Block] | list[Items]) -> Iterator[Section]:
        """Yield a section, unless it has nothing to say."""
        kept = tuple(block for block in blocks if not isinstance(block, Items) or block.items)
        if kept:
            yield Section(heading=heading, blocks=kept)

    def _ladder(self) -> Iterator[Block]:
        ruleset = self._ruleset
        if ruleset.stateless:
            yield Text(words="Every question is answered afresh, whatever was done before: the first rule that fits.")
        else:
            days = ruleset.dunning_interval_days
            between = f" Between two steps lie at least {days} days." if days > 1 and ruleset.ladder != "none" else ""
            yield Text(words=_LADDERS[ruleset.ladder] + between)
        svg = draw_ladder(ruleset.title, self._steps)
        if svg is not None:
            yield Picture(name=f"{ruleset.id}-ladder", svg=svg, about=describe_ladder(self._steps))
        yield from self._rules(is_levelled=True)
        otherwise = self._document.get("otherwise")
        if isinstance(otherwise, dict) and otherwise.get("action") != "none":
            terms = "; ".join(say_terms(otherwise))
            yield Text(
                words=f"Where no rule fits, now or later: {say_action(otherwise)}{f' ({terms})' if terms else ''}."
            )

    def _rules(self, *, is_levelled: bool) -> Iterator[Block]:
        nodes = {str(node.get("id")): node for node in self._list("rules")}
        on_ladder = {step.rule.table for step in self._steps if step.rule.level is not None}
        rows: list[tuple[str, ...]] = []
        tables: dict[str, list[Row]] = {}
        for step in self._steps:
            rule, node = step.rule, nodes[step.rule.id]
            if rule.table is not None and (rule.table in on_ladder) is is_levelled:
                tables.setdefault(rule.table, []).append((step, node))
            elif rule.table is None and (rule.level is not None) is is_levelled:
                rows.append(self._rule_row(step, node, is_levelled=is_levelled))
        if rows:
            first = ("level",) if is_levelled else ()
            headings = (*first, "first day", "what", "when", "what is done", "legal basis")
            yield Table(headings=headings, rows=tuple(rows))
        for name, found in tables.items():
            yield from tell_table(name, found, self._words, lambda node: "; ".join(self._waiting(node)))

    def _rule_row(self, step: Step, node: Document, *, is_levelled: bool) -> tuple[str, ...]:
        rule = step.rule
        level = (str(rule.level),) if is_levelled else ()
        day = "" if step.first_day is None else f"day {step.first_day}"
        title = f"{rule.title or plain(rule.id)}\n{rule.id}"
        when = "\n".join((self._words.condition(node.get("when")), *self._waiting(node)))
        done = "\n".join((say_action(node.get("then")), *say_terms(node.get("then"))))
        return (*level, day, title, when, done, "; ".join(rule.basis))

    def _titles(self) -> dict[str, str]:
        """Return what each rule and each table is called in words."""
        rules = self._editions[0].rules
        titles = {rule.table: f"any of {plain(rule.table)}" for rule in rules if rule.table is not None}
        return titles | {rule.id: rule.title or plain(rule.id) for rule in rules}

    def _waiting(self, node: Document) -> Iterator[str]:
        titles = self._titles()
        after = node.get("after")
        for each in after if isinstance(after, list) else [after] if after is not None else []:
            if isinstance(each, dict):
                yield _say_after(each, titles)
        if isinstance(timing := node.get("timing"), dict):
            align = f", moved to the {plain(str(timing['align']))}" if "align" in timing else ""
            yield f"not before {count_of(timing.get('days_after_due'), 'day')} after the due date{align}"
        if isinstance(repeat := node.get("repeat"), dict):
            yield say_repeat(repeat)
        if window := self._code.terms.windows.get(str(node.get("id"))):
            yield f"counts anew {say_window(window)}"
        if isinstance(undoes := node.get("undoes"), list):
            yield f"takes back {', '.join(f'“{titles[str(each)]}”' for each in undoes)}"
        if node.get("voluntary") is True:
            yield "not for accounts that are held out"

    def _blocks(self) -> Iterator[Block]:
        rows = []
        for node in self._list("blocks"):
            stops = node.get("stops")
            what = f"only {', '.join(plain(str(each)) for each in stops)}" if isinstance(stops, list) else "everything"
            when = self._words.condition(node.get("when"))
            rows.append((plain(str(node.get("id"))), when, what, str(node.get("reason", ""))))
        if rows:
            yield Text(
                words="Read in this order, before any rule; the first that holds and stops everything ends the search."
            )
            yield Table(headings=("block", "when", "stops", "reason given"), rows=tuple(rows))

    def _guarantees(self) -> Iterator[Block]:
        nodes = [*self._list("guarantees"), *self._list(SHARED_GUARANTEES_KEY)]
        titles = self._titles()
        yield from guarantee_blocks(nodes, self._judged, self._words, lambda node: _say_after(node, titles))

    def _experiments(self) -> Iterator[Block]:
        rows = tuple((each.id, _say_variants(each), str(each.until or "no end")) for each in self._ruleset.experiments)
        if rows:
            yield Table(headings=("experiment", "variants", "until (then the first holds for all)"), rows=rows)

    def _scores(self) -> Iterator[Block]:
        shared = self._mapping(SHARED_SCORES_KEY).get("scorecards")
        cards = shared if isinstance(shared, dict) else {}
        return score_blocks(cards, self._editions[0], self._code.used_facts, self._words)

    def _named(self) -> Iterator[Block]:
        rows = tuple((plain(name), self._words.condition(node)) for name, node in self._mapping("conditions").items())
        if rows:
            yield Table(headings=("words", "meaning"), rows=rows)

    def _facts(self) -> Iterator[Block]:
        used = sorted((self._code.used_facts | self._code.needed_facts) - self._editions[0].scorecards.keys())
        rows = []
        for name in used:
            fact = self._editions[0].facts[name]
            is_needed = name in self._code.needed_facts
            default = "" if fact.default in {None, ()} else f"left out: {write_words(_unscaled(fact.default))}"
            rows.append((name, fact.type, "must be given" if is_needed else default or "may be left out", fact.about))
        if rows:
            yield Table(headings=("fact", "type", "", "what it is"), rows=tuple(rows))

    def _basis(self) -> Iterator[Block]:
        found: dict[str, list[str]] = {}
        for rule in self._editions[0].rules:
            for basis in rule.basis:
                found.setdefault(basis, []).append(rule.title or plain(rule.id))
        if found:
            rows = tuple((basis, ", ".join(titles)) for basis, titles in sorted(found.items()))
            checked = self._ruleset.law_checked_to
            yield Text(words=f"Checked to {checked}. Not legal advice." if checked is not None else "Not legal advice.")
            yield Table(headings=("basis", "rules"), rows=rows)

    def _mapping(self, key: str) -> Document:
        found = self._document.get(key)
        return found if isinstance(found, dict) else {}

    def _list(self, key: str) -> list[Document]:
        found = self._document.get(key)
        return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _unscaled(value: object) -> object:
    return [*value] if isinstance(value, tuple) else value


def _say_variants(experiment: Experiment) -> str:
    shares = [f"{name} {percent} %" for name, percent in experiment.variants]
    held_out = [f"{experiment.hold_out} % held out"] if experiment.hold_out else []
    return ", ".join([*shares, *held_out])


def _say_after(node: Mapping[str, object], titles: Mapping[str, str]) -> str:
    what = f"any step of level {node.get('level')}"
    if "rule" in node:
        what = titles.get(str(node["rule"]), plain(str(node["rule"])))
    elif "action" in node:
        what = f"any {plain(str(node['action']))}"
    times = f", {node['times']} times" if node.get("times", 1) != 1 else ""
    days = node.get("days", 0)
    if node.get("from") == "pay_by":
        when = f"{count_of(days, 'day')} after" if days else "when"
        return f"{when} the time to pay of “{what}” has ended{times}"
    return f"{count_of(days, 'day')} after “{what}”{times}" if days else f"after “{what}”{times}"
