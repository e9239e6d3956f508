"""How an episode is named: by the due date of its oldest invoice, or ``none`` (language.md 5.4 and 5.4a)."""

import datetime as dt
from typing import Annotated

from msgspec import Meta

BETWEEN_EPISODES = "none"
"""The name of the episode in which nothing is open and undisputed."""

EPISODE_FORM = r"^([0-9]{4}-[0-9]{2}-[0-9]{2}|none)$"

EpisodeName = Annotated[
    str,
    Meta(
        description="The due date of the oldest open undisputed invoice, or `none` where nothing is open.",
        extra_json_schema={"pattern": EPISODE_FORM},
        examples=["2026-11-06", BETWEEN_EPISODES],
    ),
]


def due_date_of(name: str | None) -> dt.date | None:
    """Return the due date that names an episode, None for one that a debt does not name."""
    return None if name is None or name == BETWEEN_EPISODES else dt.date.fromisoformat(name)
