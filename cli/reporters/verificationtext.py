"""What came of proving the log, for a reader."""

import base64
from collections.abc import Mapping, Sequence

from store.checkpoints import Checkpoint
from store.verifying import Verification
from store.witnesses import Verdict

_VERDICTS: dict[Verdict, str] = {
    "fits": "fits: these lines are the ones that it was signed for.",
    "explained": "fits once what is told above is undone: nothing else was done to the lines that it was signed for.",
    "differs": "does not fit.",
    "unproven": "cannot be held against the log: too much is missing.",
}


def write_verification(verification: Verification, given: Sequence[Checkpoint]) -> str:
    """Write how long the log is, what is wrong with it, and whether each given checkpoint fits, a line each."""
    lines = [f"{_say_place(each.first, each.last)}{each.kind}: {each.message}" for each in verification.findings]
    more = verification.findings_count - len(verification.findings)
    if more > 0:
        lines.append(f"and {more:,} more")
    lines += [
        f"The checkpoint for {fit.size:,} lines {_VERDICTS[fit.verdict]}"
        for fit in verification.checkpoints
        if (fit.size, fit.root) in {(each.size, each.root) for each in given}
    ]
    lines += [f"Note: {note}." for note in verification.notes]
    size = "1 line" if verification.size == 1 else f"{verification.size:,} lines"
    log = f"{size}, {verification.decisions_count:,} of them decisions"
    root = base64.b64encode(verification.root).decode()
    if verification.findings_count:
        lines.append(f"The log is not whole: {log}, {verification.findings_count:,} findings.")
    elif given:
        sizes = " and ".join(f"{each.size:,}" for each in given)
        lines.append(f"The log is whole: {log}, root {root}; it is the one that was signed for {sizes} lines.")
    else:
        lines.append(f"The log agrees with itself: {log}, root {root}.")
        lines.append("No checkpoint kept elsewhere was given, so a log made anew from end to end would look the same.")
    return "\n".join(lines) + "\n"


def write_unused(others: Mapping[str, int]) -> str:
    """Write how many checkpoints in the database were of no use, because another key signed them."""
    return "".join(
        f"Not used: {count:,} kept checkpoint{'' if count == 1 else 's'} signed by {key}, which is another key;"
        " with --key and its public key they are.\n"
        for key, count in sorted(others.items())
    )


def _say_place(first: int | None, last: int | None) -> str:
    if first is None or last is None:
        return ""
    return f"{first}: " if first == last else f"{first}-{last}: "
