"""What the next days bring if nobody pays, by two sets of rulesets: as a table, a heat map, and for a program."""

from html import escape

from cli.bulk.impact import Foreseen
from cli.reporters.heat import write_field
from pages.page import Table

AHEAD = "The next days if nobody pays"
_NO_CONTACT = "no contact"


def _list_channels(foreseen: Foreseen) -> list[str]:
    """Return the channels that are used at all; what is no contact comes last."""
    return sorted({channel for _, channel in (*foreseen.before, *foreseen.after)}, key=lambda name: (not name, name))


def tabulate_days(foreseen: Foreseen) -> Table:
    """Return a row a day on which something is done, and one of their sums."""
    channels = _list_channels(foreseen)
    sides = foreseen.before, foreseen.after
    used = {day for side in sides for day, _ in side}
    rows = [
        (day.isoformat(), *(_say_volume(*(side[day, channel] for side in sides)) for channel in channels))
        for day in foreseen.days
        if day in used
    ]
    sums = (
        _say_volume(*(sum(count for (_, name), count in side.items() if name == channel) for side in sides))
        for channel in channels
    )
    rows.append((f"{len(foreseen.days)} days", *sums))
    headings = ("day", *(channel or _NO_CONTACT for channel in channels))
    return Table(headings=headings, rows=tuple(rows), right=frozenset(range(1, len(headings))))


def _say_volume(before: int, after: int) -> str:
    return f"{before:,}" if before == after else f"{before:,} → {after:,}"


def tell_days(foreseen: Foreseen) -> list[dict[str, object]]:
    """Return the days for a program; an action that is no contact has no channel."""
    keys = sorted({*foreseen.before, *foreseen.after})
    return [
        {
            "day": day,
            "channel": channel or None,
            "before": foreseen.before[day, channel],
            "after": foreseen.after[day, channel],
        }
        for day, channel in keys
    ]


def draw_days(foreseen: Foreseen) -> str:
    """Return the days as a heat map: before above after, the darker the more."""
    channels = _list_channels(foreseen)
    largest = max((*foreseen.before.values(), *foreseen.after.values()), default=1)
    heads = "".join(f"<th>{day:%m-%d}</th>" for day in foreseen.days)
    rows = ""
    for channel in channels:
        for name, volume, is_same in (("before", foreseen.before, True), ("after", foreseen.after, False)):
            fields = "".join(write_field(volume[day, channel], largest, is_same=is_same) for day in foreseen.days)
            rows += f"<tr><th>{escape(channel or _NO_CONTACT)}, {name}</th>{fields}</tr>"
    table = f"<table><thead><tr><th></th>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    about = "Actions by channel (down) and day (across), by the old rulesets in grey and by the new ones below."
    return f'<p>{about}</p><div class="scroll">{table}</div>'
