"""Which keys sign the log's checkpoints: each a line, and each after the first signed by the one before it."""

from collections.abc import Sequence

from store.checkpoints import KeyInvalid, Verifier
from store.findings import Findings
from store.loglines import KeyLine

Logged = Sequence[tuple[int, KeyLine]]


def check_keys(logged: Logged, findings: Findings) -> list[str]:
    """Check that each key was endorsed by the one before it; answers a note for each that took its place unsigned."""
    notes, before = [], None
    for place, line in logged:
        if line.old != before:
            said = f"entry {place} (key) says that it follows the key {line.old}, and {before} was in use"
            findings.add("edit", place, place, said)
        elif line.old is not None and line.signature is None:
            notes.append(f"line {place} says that the key {line.subject} took the place of {line.old}, unsigned by it")
        elif line.old is not None and not _is_endorsed(line):
            findings.add("edit", place, place, f"entry {place} (key): the old key has not signed the new one")
        before = line.subject
    return notes


def _is_endorsed(line: KeyLine) -> bool:
    try:
        old, new = Verifier.read(line.old or ""), Verifier.read(line.subject)
    except KeyInvalid:
        return False
    return old.has_endorsed(new, line.signature or "")
