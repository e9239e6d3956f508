"""What the doctor says of what was read: one finding a question, in words, with what to do."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from store.clock import TOLERANCE
from store.vitals import Holdings, Vitals

Verdict = Literal["fine", "look", "bad"]
ENDING_DAYS = 14
_GIBIBYTE = 1 << 30
_LEAST_FREE_BYTES = _GIBIBYTE
_LEAST_FREE_SHARE = 0.1
_MOST_CONNECTIONS_SHARE = 0.8
_MOST_LAG_SECONDS = 30.0
_MOST_TRANSACTION_SECONDS = 3600.0
_MOST_TRANSACTIONS_AGE = 1_000_000_000
_SMALLEST_DISTANCE_SECONDS = 1.0
_GROUP_BITS = 0o077
_LOSING: tuple[tuple[str, str, str], ...] = (
    ("fsync", "off", "What was answered is lost when the machine of PostgreSQL stops"),
    ("full_page_writes", "off", "A page that is half written when the machine stops is lost"),
    ("zero_damaged_pages", "on", "Damaged pages are emptied without a word"),
    ("ignore_checksum_failure", "on", "Damaged pages are read as if they were whole"),
)


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that was looked at: `fine`, to be looked at, or bad; `advice` says what to do."""

    topic: str
    verdict: Verdict
    sentence: str
    advice: str | None = None


class Disk(msgspec.Struct, frozen=True, kw_only=True):
    """The disk that the data folder lies on, in bytes."""

    free: int
    total: int


class LogKey(msgspec.Struct, frozen=True, kw_only=True):
    """Where the log's key is, its name, and what stands against it; a file's mode tells who can read it."""

    name: str | None = None
    file: Path | None = None
    mode: int | None = None
    problem: str | None = None


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """A ruleset version in use, and why this program cannot decide with it, if so."""

    name: str
    problem: str | None


def judge_vitals(vitals: Vitals, *, is_embedded: bool) -> Iterator[Finding]:
    """Say what the database's state means."""
    yield from _judge_settings(vitals)
    yield _judge_writing(vitals)
    yield _judge_connections(vitals)
    yield from _judge_age(vitals)
    yield from _judge_clock(vitals)
    yield from _judge_lag(vitals, is_embedded=is_embedded)
    yield _judge_migrations(vitals)
    if vitals.holdings is not None:
        yield _judge_log(vitals.holdings)
        yield _judge_tokens(vitals.holdings)
        yield _judge_approvals(vitals.holdings)


def judge_disk(disk: Disk, folder: Path) -> Finding:
    """Say whether there is room."""
    share = disk.free / disk.total
    said = f"{_say_size(disk.free)} of {_say_size(disk.total)} are free where {folder} lies ({share:.0%})."
    if disk.free < _LEAST_FREE_BYTES:
        advice = "Make room: on a full disk nothing can be logged, and so nothing is decided."
        return Finding(topic="disk", verdict="bad", sentence=said, advice=advice)
    if share < _LEAST_FREE_SHARE:
        return Finding(topic="disk", verdict="look", sentence=said, advice="Make room before it is full.")
    return Finding(topic="disk", verdict="fine", sentence=said)


def judge_key(key: LogKey, *, is_embedded: bool) -> Finding:
    """Say whether checkpoints of the log can be signed, and by whom alone."""
    if key.problem is not None:
        return Finding(topic="keys", verdict="bad", sentence=f"The log's key cannot be used: {key.problem}.")
    if key.mode is not None and key.mode & _GROUP_BITS:
        sentence = f"Others than its owner may read the log's key: {key.file} has the mode {key.mode:o}."
        return Finding(topic="keys", verdict="bad", sentence=sentence, advice=f"chmod 600 {key.file}")
    if key.name is None and is_embedded:
        return Finding(topic="keys", verdict="fine", sentence="The log's key is made when the server first starts.")
    if key.name is None:
        return Finding(
            topic="keys",
            verdict="look",
            sentence="The log has no key here: this server signs no checkpoints.",
            advice="Make one with `dunning audit key --new`, and give it to every server by DUNNING_LOG_KEY_FILE.",
        )
    return Finding(topic="keys", verdict="fine", sentence=f"The log's key is that of {key.name}.")


def judge_versions(versions: tuple[Version, ...]) -> Iterator[Finding]:
    """Say whether this program decides with what is published."""
    for version in versions:
        if version.problem is not None:
            yield Finding(
                topic="versions",
                verdict="bad",
                sentence=f"{version.problem}.",
                advice="Run the release that published it, or publish its text anew with this one.",
            )
    usable = len([version for version in versions if version.problem is None])
    if not versions:
        advice = "Publish one: `dunning serve --rulesets DIR`, or `dunning publish FILE`."
        yield Finding(topic="versions", verdict="look", sentence="No ruleset is in use.", advice=advice)
    elif usable:
        said = f"{_count(usable, 'ruleset version is in use and loads', 'ruleset versions are in use and load')}."
        yield Finding(topic="versions", verdict="fine", sentence=said)


def _judge_settings(vitals: Vitals) -> Iterator[Finding]:
    losing = [(name, value, harm) for name, value, harm in _LOSING if vitals.settings.get(name) == value]
    for name, value, harm in losing:
        advice = f"Set {name} to {'on' if value == 'off' else 'off'} in PostgreSQL's configuration."
        yield Finding(topic="database", verdict="bad", sentence=f"{name} is {value}. {harm}.", advice=advice)
    if not losing:
        yield Finding(topic="database", verdict="fine", sentence="No setting loses what was committed.")
    if vitals.settings.get("data_checksums") == "off":
        yield Finding(
            topic="database",
            verdict="look",
            sentence="Pages have no checksums: a disk that rots is noticed late.",
            advice="Stop PostgreSQL and run `pg_checksums --enable`.",
        )
    if vitals.settings.get("autovacuum") == "off":
        advice = "Set autovacuum to on."
        yield Finding(topic="database", verdict="look", sentence="autovacuum is off: tables only grow.", advice=advice)


def _judge_writing(vitals: Vitals) -> Finding:
    release = f"PostgreSQL {vitals.version // 10_000}.{vitals.version % 10_000}"
    if vitals.is_standby:
        sentence = f"{release} is a standby: it takes no writes, so nothing can be decided."
        return Finding(
            topic="database", verdict="bad", sentence=sentence, advice="Name the primary, or promote this one."
        )
    sentence = f"{release} takes writes; the database has {_say_size(vitals.size_bytes)}."
    return Finding(topic="database", verdict="fine", sentence=sentence)


def _judge_connections(vitals: Vitals) -> Finding:
    sentence = f"{vitals.connections_count} of {vitals.most_connections} connections are taken."
    if vitals.connections_count > _MOST_CONNECTIONS_SHARE * vitals.most_connections:
        advice = "Raise max_connections, or run fewer workers: each takes up to a dozen."
        return Finding(topic="database", verdict="look", sentence=sentence, advice=advice)
    return Finding(topic="database", verdict="fine", sentence=sentence)


def _judge_age(vitals: Vitals) -> Iterator[Finding]:
    if vitals.transactions_age > _MOST_TRANSACTIONS_AGE:
        yield Finding(
            topic="database",
            verdict="bad",
            sentence=f"The oldest row is {vitals.transactions_age:,} transactions old; at two thousand million"
            " PostgreSQL takes no writes.",
            advice="Run VACUUM FREEZE, and find out what keeps autovacuum from its work.",
        )
    seconds = vitals.oldest_transaction_seconds
    if seconds is not None and seconds > _MOST_TRANSACTION_SECONDS:
        yield Finding(
            topic="database",
            verdict="look",
            sentence=f"A transaction is open for {seconds / 3600:.1f} hours: tables cannot be cleaned behind it.",
            advice="Find it in pg_stat_activity by xact_start, and end it.",
        )


def _judge_clock(vitals: Vitals) -> Iterator[Finding]:
    distance = abs(vitals.ahead_seconds)
    if distance <= _SMALLEST_DISTANCE_SECONDS:
        yield Finding(topic="clock", verdict="fine", sentence="This machine's clock agrees with PostgreSQL's.")
    else:
        way = "behind" if vitals.ahead_seconds > 0 else "ahead of"
        sentence = f"This machine's clock is {distance:,.0f} seconds {way} PostgreSQL's."
        verdict: Verdict = "bad" if distance > TOLERANCE.total_seconds() else "look"
        yield Finding(topic="clock", verdict=verdict, sentence=sentence, advice="Set both by the same NTP servers.")
    latest = vitals.holdings.latest_at if vitals.holdings is not None else None
    if latest is not None and latest > vitals.now + TOLERANCE:
        at = latest.astimezone(dt.UTC)
        sentence = f"The log holds a line of {at:%Y-%m-%d %H:%M:%S} UTC, which is yet to come."
        advice = "A clock was wrong then or is wrong now; where it was then, `dunning audit clock` says so."
        yield Finding(topic="clock", verdict="bad", sentence=sentence, advice=advice)


def _judge_lag(vitals: Vitals, *, is_embedded: bool) -> Iterator[Finding]:
    for standby in vitals.standbys:
        if standby.lag_seconds is not None and standby.lag_seconds > _MOST_LAG_SECONDS:
            sentence = f"The standby {standby.name} is {standby.lag_seconds:,.0f} seconds behind."
            advice = "What it lacks is lost when the primary is: look at its disk and network."
            yield Finding(topic="lag", verdict="look", sentence=sentence, advice=advice)
        else:
            yield Finding(topic="lag", verdict="fine", sentence=f"The standby {standby.name} keeps up.")
    for slot in vitals.idle_slots:
        if slot.kept_bytes > _GIBIBYTE:
            sentence = f"Nobody reads the replication slot {slot.name}; {_say_size(slot.kept_bytes)} are kept for it."
            advice = "Start its reader, or drop the slot: it fills the disk."
            yield Finding(topic="lag", verdict="look", sentence=sentence, advice=advice)
    if not vitals.standbys and not vitals.is_standby:
        where = "the embedded PostgreSQL has none" if is_embedded else "PostgreSQL shows none to this role"
        yield Finding(
            topic="lag",
            verdict="look",
            sentence=f"No standby receives what is written: {where}.",
            advice="With the disk the log is lost: keep backups elsewhere, or a standby.",
        )


def _judge_migrations(vitals: Vitals) -> Finding:
    if vitals.unknown_migrations:
        names = ", ".join(vitals.unknown_migrations)
        return Finding(
            topic="versions",
            verdict="bad",
            sentence=f"The database has migrations that this program does not know: {names}.",
            advice="Run the release that applied them, or a later one.",
        )
    if vitals.missing_migrations_count:
        missing = _count(vitals.missing_migrations_count, "migration is", "migrations are")
        sentence = f"{missing} not applied yet."
        advice = "The server applies them when it starts: back up before."
        return Finding(topic="versions", verdict="look", sentence=sentence, advice=advice)
    return Finding(topic="versions", verdict="fine", sentence="The tables are those of this program.")


def _judge_log(holdings: Holdings) -> Finding:
    lines = f"{_count(holdings.lines_count, 'line is', 'lines are')} in the log"
    if not holdings.lines_count:
        return Finding(topic="log", verdict="fine", sentence="The log has no line yet.")
    if holdings.checkpoint_at is None:
        return Finding(
            topic="log",
            verdict="look",
            sentence=f"{lines}, and no checkpoint was ever handed out.",
            advice="Keep some elsewhere (`dunning audit checkpoint`): without one nobody can tell a shortened log.",
        )
    at = holdings.checkpoint_at.astimezone(dt.UTC)
    return Finding(topic="log", verdict="fine", sentence=f"{lines}; the last checkpoint is of {at:%Y-%m-%d %H:%M} UTC.")


def _judge_tokens(holdings: Holdings) -> Finding:
    if not holdings.usable_count:
        advice = "Make one: `dunning token create`."
        return Finding(topic="keys", verdict="look", sentence="No token can be used: nobody can ask.", advice=advice)
    said = f"{_count(holdings.usable_count, 'token', 'tokens')} can be used"
    if holdings.ending_count:
        ending = _count(holdings.ending_count, "ends", "end").lower()
        sentence = f"{said}; {ending} within {ENDING_DAYS} days."
        advice = "`dunning token list` names them; make new ones before."
        return Finding(topic="keys", verdict="look", sentence=sentence, advice=advice)
    return Finding(topic="keys", verdict="fine", sentence=f"{said}; {holdings.endless_count or 'none'} without end.")


def _judge_approvals(holdings: Holdings) -> Finding:
    if holdings.unapproved_count:
        waiting = _count(holdings.unapproved_count, "ruleset version waits", "ruleset versions wait")
        sentence = f"{waiting} for approval: until then nothing is decided by what is new."
        return Finding(topic="versions", verdict="look", sentence=sentence, advice="Let somebody else approve them.")
    return Finding(topic="versions", verdict="fine", sentence="No ruleset version waits for approval.")


def _say_size(size: int) -> str:
    for unit, bytes_count in (("GiB", _GIBIBYTE), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= bytes_count:
            return f"{size / bytes_count:,.1f} {unit}"
    return f"{size} bytes"


def _count(many: int, one: str, more: str) -> str:
    return f"One {one}" if many == 1 else f"{many:,} {more}"
