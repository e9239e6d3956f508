"""The page of an evidence pack that a person reads first; it needs nothing but itself."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib import resources
from typing import Any

import msgspec

from api.evidence.decisions import DecisionEvidence
from api.evidence.events import Events
from api.evidence.versions import VersionEvidence
from store.auditlog import OtherLine
from store.decisions import DecisionsCount
from store.verifying import Verification

_MOST_SHOWN = 200
_DIGITS_SHOWN = 6
_COUNTED = ("ruleset", "version", "rule", "outcome", "action", "decisions")


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a pack; `checkpoints` are counted by who signed them, `names` are those of tokens, by their ids."""

    since: dt.datetime | None
    until: dt.datetime | None
    made_at: dt.datetime
    checkpoint: str
    key: str
    checkpoints: Mapping[str, int]
    masks: str
    verification: Verification
    counts: tuple[DecisionsCount, ...]
    events: Events
    versions: tuple[VersionEvidence, ...]
    decisions: tuple[DecisionEvidence, ...]
    names: Mapping[str, str]


def write_page(contents: Contents) -> str:
    """Write the page."""
    style = resources.files("api.evidence").joinpath("page.css").read_text("utf-8")
    parts = [
        _write_head(contents),
        _write_proof(contents),
        _write_versions(contents.versions, contents.names),
        _write_counts(contents.counts),
        _write_decisions(contents.decisions),
        _write_events(contents.events, contents.names),
        _write_how(),
    ]
    title = f"Evidence: dunning decisions {_say_period(contents)}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        f"{''.join(parts)}</main>\n</body>\n</html>\n"
    )


def _write_head(contents: Contents) -> str:
    decided = sum(count.decisions_count for count in contents.counts)
    masks = f"<p>Hidden in this pack: <code>{escape(contents.masks)}</code>.</p>\n" if contents.masks else ""
    return (
        f"<h1>Dunning decisions {escape(_say_period(contents))}</h1>\n"
        f"<p>{decided:,} decisions, {len(contents.versions)} ruleset versions in force; {len(contents.decisions)}"
        f" decisions are shown below with their explanation. Packed {contents.made_at:%Y-%m-%d %H:%M} UTC.</p>\n{masks}"
    )


def _write_proof(contents: Contents) -> str:
    verification = contents.verification
    if verification.findings_count:
        found = "".join(f"<li>{escape(each.message)}</li>" for each in verification.findings[:_MOST_SHOWN])
        said = f'<p class="bad">The log is not whole: {verification.findings_count:,} findings.</p><ul>{found}</ul>'
    else:
        said = (
            f'<p class="good">The whole log was verified when this was packed: {verification.size:,} lines,'
            f" {verification.decisions_count:,} of them decisions, nothing changed.</p>"
        )
    earlier = f"{sum(contents.checkpoints.values())} checkpoints handed out in this period are in"
    earlier += " <code>checkpoints/</code>, each with the proof that the log has only grown since."
    for key, count in contents.checkpoints.items():
        if not contents.key.startswith(f"{key}+"):
            earlier += f" {count} of them are signed with another key, <code>{escape(key)}</code>, which it takes to"
            earlier += " check them."
    return (
        f"<h2>The log</h2>\n{said}\n<p>It is signed as follows (<code>checkpoint.txt</code>):</p>\n"
        f"<pre>{escape(contents.checkpoint)}</pre>\n<p>by the key <code>{escape(contents.key)}</code>. Compare this key"
        f" with the one that you were given by another route. {earlier}</p>\n"
    )


def _write_versions(versions: Sequence[VersionEvidence], names: Mapping[str, str]) -> str:
    rows = "".join(_write_version(each, names) for each in versions) or '<tr><td colspan="7">none</td></tr>'
    heads = ("ruleset", "effective", "published", "approved", "suite", "change", "files")
    about = "<p>The last digits of a token's id stand behind its name; <code>version.json</code> has the whole.</p>\n"
    return f"<h2>Rulesets in force</h2>\n{about}{_write_table(heads, rows)}"


def _write_version(evidence: VersionEvidence, names: Mapping[str, str]) -> str:
    head, change = evidence.head, evidence.change
    origin = head.provenance
    published = f"{head.published_at:%Y-%m-%d %H:%M} by {_name(origin.publisher, names)}"
    if origin.commit is not None:
        published += f"; commit {origin.commit[:12]} of {origin.repository or 'a repository'} by {origin.author}"
    approved = "not required" if not head.approval_required else "waits"
    if head.approved_at is not None:
        approved = f"{head.approved_at:%Y-%m-%d %H:%M} by {_name(head.approved_by or '', names)}"
        approved += f": {head.approval_note}" if head.approval_note else ""
    suite = "none"
    if evidence.suite is not None:
        failed = len(evidence.suite.failed)
        suite = f"{evidence.suite.cases_count} cases, {failed} failed, {evidence.suite.coverage_percent:g} % covered"
    folder = f"rulesets/{head.ruleset_id}/version-{head.number}"
    links = [_link(f"{folder}/{head.ruleset_id}.yaml", "text"), _link(f"{folder}/version.json", "all that is known")]
    if evidence.page is not None:
        links.insert(0, _link(f"{folder}/{head.ruleset_id}.html", "in plain words"))
    if change is not None:
        links.append(_link(f"{folder}/diff-from-version-{head.number - 1}.diff", "changed texts"))
    if change is not None and change.page is not None:
        links.append(_link(f"{folder}/diff-from-version-{head.number - 1}.html", "changed decisions"))
    period = " ".join(
        f"{word} {day}" for word, day in (("from", head.effective_from), ("before", head.effective_until)) if day
    )
    name = f"{head.ruleset_id} version {head.number}{'' if head.is_active else ' (not in use now)'}"
    said = (change.verdict if change is not None else "the first version") or "cannot be read by this program"
    cells = [escape(text) for text in (name, period or "any day", published, approved, suite, said)]
    return _write_row([*cells, " · ".join(links)])


def _name(actor: str, names: Mapping[str, str]) -> str:
    """Name who did something: a token, or who ran a command."""
    return f"{names[actor]} (…{actor[-_DIGITS_SHOWN:]})" if actor in names else actor


def _write_counts(counts: Sequence[DecisionsCount]) -> str:
    ordered = sorted(counts, key=lambda count: -count.decisions_count)[:_MOST_SHOWN]
    rows = "".join(
        _write_row(
            escape("–" if value is None else f"{value:,}" if name == "decisions" else str(value))
            for name, value in zip(
                _COUNTED,
                (each.ruleset_id, each.version, each.rule, each.outcome, each.action, each.decisions_count),
                strict=True,
            )
        )
        for each in ordered
    )
    more = len(counts) - len(ordered)
    rest = f"<p>{more:,} more in decided.json.</p>\n" if more else ""
    return f"<h2>What was decided</h2>\n{_write_table(_COUNTED, rows)}{rest}"


def _write_decisions(decisions: Sequence[DecisionEvidence]) -> str:
    shown = "".join(_write_decision(each) for each in decisions) or "<p>none</p>"
    about = (
        "<p>Chosen by the hash of their ids, as many kinds as there is room for, so that nobody could pick them.</p>"
    )
    return f"<h2>A sample of decisions</h2>\n{about}\n{shown}"


def _write_decision(evidence: DecisionEvidence) -> str:
    record, decision = evidence.record, evidence.explained or {}
    what = record["rule"] or record["outcome"] or "masked"
    summary = f"{record['logged_at'][:16]} · {record['account_id']} · {what}"
    facts = [
        ("decided", f"{record['outcome'] or 'masked'}{': ' + record['action'] if record['action'] else ''}"),
        ("by", f"{record['ruleset'] or 'no ruleset'} version {record['version']}, rule {record['rule'] or '–'}"),
        ("as of", str(record["as_of"] or "masked")),
        ("reason", str(decision.get("reason") or "–")),
        ("place in the log", str(record["index"])),
        ("made again", evidence.replay),
        ("carried out", _say_executed(record)),
    ]
    claim = decision.get("claim")
    total = claim.get("total") if isinstance(claim, dict) else None
    if isinstance(total, dict):
        facts.append(("claimed", f"{total['amount']} {total['currency']}"))
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    links = _link(f"decisions/{evidence.decision_id}.json", "as logged, with its proof")
    links += " · " + _link(f"explained/{evidence.decision_id}.json", "whole")
    return (
        f"<details>\n<summary>{escape(summary)}</summary>\n<dl>{listed}</dl>\n"
        f"{_write_explanation(decision)}<p>{links}</p>\n</details>\n"
    )


def _say_executed(record: dict[str, Any]) -> str:
    """Say what the log says of what became of a decision."""
    if record["executed"] is None:
        return "masked" if record["line"] is None else "not that the log knows"
    line = msgspec.json.decode(record["executed"]["line"], type=dict[str, Any])
    how = ", ".join(str(line[name]) for name in ("action", "channel", "result") if line[name] is not None)
    return f"{line['executed_at'][:16]}{': ' if how else ''}{how} (line {line['index']})"


def _write_explanation(decision: dict[str, object]) -> str:
    explanation = decision.get("explanation")
    if not isinstance(explanation, dict):
        return ""
    facts = "".join(
        _write_row(escape(str(fact[name])) for name in ("fact", "value", "source"))
        for fact in explanation.get("facts") or ()
        if isinstance(fact, dict) and fact.get("source") != "missing"
    )
    rules = "".join(
        _write_row(escape(str(rule[name])) for name in ("rule", "fact", "value", "required"))
        for rule in explanation.get("rules") or ()
        if isinstance(rule, dict)
    )
    told = _write_table(("fact", "value", "from"), facts) if facts else ""
    return told + (_write_table(("rule that did not win", "because of", "it was", "needed"), rules) if rules else "")


def _write_events(events: Events, names: Mapping[str, str]) -> str:
    rows = "".join(
        _write_row(
            escape(text)
            for text in (
                str(line.index),
                str(line.fields["at"])[:16],
                line.kind,
                _say_subject(line),
                _name(line.fields.get("actor") or line.fields.get("publisher") or "", names),
                str(line.fields.get("note") or ""),
            )
        )
        for line in events.shown
    )
    heads = ("line", "at", "what", "of", "by", "note")
    more = events.count - len(events.shown)
    rest = f"<p>{more:,} more in events.ndjson.</p>\n" if more else ""
    return f"<h2>What else was logged</h2>\n{_write_table(heads, rows)}{rest}"


def _say_subject(line: OtherLine) -> str:
    fields = line.fields
    if "ruleset" in fields:
        return f"{fields['ruleset']} version {fields['version']}"
    if "before" in fields:
        return f"decisions before {fields['before']}"
    return str(fields.get("account_id") or fields.get("token_name") or "")


def _write_how() -> str:
    return (
        "<h2>How to check this yourself</h2>\n"
        "<p>Unpack the archive into a folder of its own, put the key that you were given by another route into a file"
        " beside that folder, and run</p>\n"
        "<pre>pip install cryptography\npython FOLDER/verify_evidence.py pack FOLDER KEY.txt</pre>\n"
        "<p>It uses none of the service's code: it compares every file with the list that the log's key has signed,"
        " follows every proof from a line to the signed root, compares all that is told of a decision, a version or an"
        " event with its line, and a version's texts with what was published. It ends with a sentence that says how"
        " much is proved, and what cannot be. It is short enough to be read; who does not trust this copy takes"
        " another.</p>\n"
    )


def _write_table(heads: Iterable[str], rows: str) -> str:
    cells = "".join(f"<th>{escape(head)}</th>" for head in heads)
    return f'<div class="table"><table><thead><tr>{cells}</tr></thead><tbody>\n{rows}</tbody></table></div>\n'


def _write_row(cells: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n"


def _link(target: str, words: str) -> str:
    return f'<a href="{escape(target)}">{escape(words)}</a>'


def _say_period(contents: Contents) -> str:
    since = "from the beginning" if contents.since is None else f"from {_say_instant(contents.since)}"
    return f"{since} to before {_say_instant(contents.until or contents.made_at)}"


def _say_instant(at: dt.datetime) -> str:
    """Write an instant; one that begins a day in UTC as that day."""
    at = at.astimezone(dt.UTC)
    return f"{at:%Y-%m-%d}" if at.time() == dt.time() else f"{at:%Y-%m-%d %H:%M} UTC"
