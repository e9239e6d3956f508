"""Identifiers sort by time and name their instant."""

import datetime as dt
import itertools
import time
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.identifiers import first_id_at, instant_of, is_id, make_id


def nanoseconds_at(instant: dt.datetime) -> int:
    """The clock at an instant, in whole numbers: a float loses a millisecond now and then."""
    return (instant - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1) * 1_000


def test_ids_are_uuid_version_seven() -> None:
    """An id is a UUID of version 7 and of the RFC's variant, written as Python writes one."""
    made = uuid.UUID(make_id())
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert is_id(str(made))


def test_ids_sort_in_the_order_of_their_making() -> None:
    """Each of very many ids made at once sorts after the one before."""
    ids = [make_id() for _ in range(20_000)]
    assert all(earlier < later for earlier, later in itertools.pairwise(ids))


def test_ids_go_on_rising_when_the_clock_steps_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is set back some seconds does not make ids that sort before earlier ones."""
    earlier = make_id()
    stepped_back = nanoseconds_at(instant_of(earlier) - dt.timedelta(seconds=9))
    monkeypatch.setattr(time, "time_ns", lambda: stepped_back)
    assert make_id() > earlier


def test_ids_leave_a_future_that_was_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a clock was set forward an hour and back again, ids name the time that it is, and rise from there."""
    earlier = make_id()
    now = instant_of(earlier)
    monkeypatch.setattr(time, "time_ns", lambda: nanoseconds_at(now + dt.timedelta(hours=1)))
    assert instant_of(make_id()) - now >= dt.timedelta(hours=1)
    monkeypatch.setattr(time, "time_ns", lambda: nanoseconds_at(now + dt.timedelta(seconds=1)))
    ids = [make_id() for _ in range(100)]
    assert instant_of(ids[0]) - now < dt.timedelta(seconds=2)
    assert ids == sorted(ids)


@given(st.datetimes(min_value=dt.datetime(1970, 1, 1), max_value=dt.datetime(9000, 1, 1), timezones=st.just(dt.UTC)))  # noqa: DTZ001
def test_a_period_becomes_a_range_of_ids(instant: dt.datetime) -> None:
    """The first id at an instant names the first millisecond that is not before it."""
    named = instant_of(first_id_at(instant))
    assert dt.timedelta(0) <= named - instant < dt.timedelta(milliseconds=1)


@pytest.mark.parametrize("text", ["", "x", "0199", "{01a1ffc8-0154-76a0-b31c-66090b7cefe2}", "\0", "\ud800"])
def test_other_texts_are_no_ids(text: str) -> None:
    """What is not written as this service writes ids is none."""
    assert not is_id(text)
