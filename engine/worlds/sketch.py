"""A box turned into a question; whether it lies in the box is for whoever asks it to see."""

import datetime as dt
from collections.abc import Callable

from engine.model.question import Question
from engine.worlds.account import AccountWriter, Usual
from engine.worlds.history import HistoryWriter
from engine.worlds.means import MeansFinder
from engine.worlds.setting import Setting
from engine.worlds.wishes import Wishes

_NOTHING_USUAL: Usual = {}


def sketch(  # what a box leaves open
    setting: Setting,
    wishes: Wishes,
    *,
    as_of: dt.date,
    name: Callable[[int], str],
    open_days: int = 1,
    usual: Usual = _NOTHING_USUAL,
    is_high: bool = False,
    has_invoices: bool = False,
) -> Question:
    """Return a plain account with a history that should have what is asked.

    ``open_days`` is how long ago something was where nothing is asked of it, ``usual`` are values to be preferred,
    ``is_high`` puts the account on the highest level that may be, so that lower rules step aside.
    """
    usual_channels = next((each for each in usual.get("channels", ()) if isinstance(each, tuple)), ())
    finder = MeansFinder(setting, wishes, as_of, usual_channels)
    means = finder.find()
    channel = means.channels[0] if means.channels else "email"
    history = HistoryWriter(
        setting, wishes, as_of, open_days=open_days, contacts=means.contacts, channel=channel, is_high=is_high
    ).write()
    account = AccountWriter(setting, wishes, as_of, history=history, usual=usual, has_invoices=has_invoices).write(name)
    if finder.is_asked or setting.makes_contact or "channels" in setting.needed:
        account["channels"] = list(means.channels)
    if means.preferred is not None:
        account["preferred_channel"] = means.preferred
    return Question(account=account, history=history, as_of=as_of)
