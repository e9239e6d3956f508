"""The account shown with a finding as YAML, to be pasted into a suite or a file for `dunning decide`."""

from collections.abc import Iterator

from engine.model.diagnostic import Witness
from engine.words.flow import write_flow


def write_witness(witness: Witness) -> Iterator[str]:
    """Yield the lines; the first says in a comment what comes out."""
    yield f"# {witness.shows}"
    yield f"as_of: {witness.as_of}"
    yield f"account: {write_flow(witness.account)}"
    if witness.history:
        yield "history:"
        yield from (f"  - {write_flow(entry)}" for entry in witness.history)
