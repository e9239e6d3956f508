"""A box turned into a question; whether it lies in the box is for whoever asks it to see."""

import datetime as dt
from collections.abc import Callable

from engine.conditions.sets import ValueSet
from engine.model.question import Question
from engine.worlds.account import AccountWriter, Usual
from engine.worlds.history import HistoryWriter
from engine.worlds.means import Means, MeansFinder
from engine.worlds.scores import settle_scores
from engine.worlds.setting import Setting
from engine.worlds.wishes import Wishes

_NOTHING_USUAL: Usual = {}


class Sketcher:
    """Writes plain accounts with histories that should have what boxes ask.

    ``name`` makes an id of a number from 1 on, ``usual`` are values to be preferred where they fit.
    """

    def __init__(self, setting: Setting, name: Callable[[int], str], usual: Usual = _NOTHING_USUAL) -> None:
        self._setting = setting
        self._name = name
        self._usual = usual
        self._channels = next((each for each in usual.get("channels", ()) if isinstance(each, tuple)), ())
        self._means: dict[frozenset[tuple[str, ValueSet]], Means] = {}

    def sketch(
        self,
        wishes: Wishes,
        *,
        as_of: dt.date,
        open_days: int = 1,
        is_high: bool = False,
        has_invoices: bool = False,
    ) -> Question:
        """Return the question of an account.

        ``open_days`` is how long ago something was where nothing is asked of it, ``is_high`` puts the account on the
        highest level that may be, so that lower rules step aside.
        """
        setting, wishes = self._setting, settle_scores(wishes)
        finder = MeansFinder(setting, wishes, as_of, self._channels)
        asked = finder.asked
        if asked not in self._means:
            self._means[asked] = finder.find()
        means = self._means[asked]
        channel = means.channels[0] if means.channels else "email"
        history = HistoryWriter(
            setting, wishes, as_of, open_days=open_days, contacts=means.contacts, channel=channel, is_high=is_high
        ).write()
        writer = AccountWriter(setting, wishes, as_of, history=history, usual=self._usual, has_invoices=has_invoices)
        account = writer.write(self._name)
        if asked or setting.makes_contact or "channels" in setting.needed:
            account["channels"] = list(means.channels)
        if means.preferred is not None:
            account["preferred_channel"] = means.preferred
        return Question(account=account, history=history, as_of=as_of)
