"""A field of a heat map."""

import math


def write_field(count: int, largest: int, *, is_same: bool) -> str:
    """Return a cell of a table, the darker the more; what is the same is grey."""
    if not count:
        return "<td></td>"
    share = round(12 + 68 * math.log1p(count) / math.log1p(largest))
    colour = "var(--quiet)" if is_same else "var(--was)"
    return f'<td class="right" style="background:color-mix(in srgb,{colour} {share}%,transparent)">{count:,}</td>'
