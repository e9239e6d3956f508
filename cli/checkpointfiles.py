"""Checkpoints kept elsewhere, read and their signatures checked."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec
import rich_click as click

from cli.options import LogOptions
from cli.running import find_log_key
from store.auditlog import KeptCheckpoint
from store.checkpoints import Checkpoint, CheckpointInvalid, KeyInvalid, Verifier, name_keys


class Checkpoints(msgspec.Struct, frozen=True, kw_only=True):
    """Checkpoints that were given, and the key to check others with."""

    given: tuple[Checkpoint, ...]
    verifier: Verifier | None

    def check_kept(self, kept: Iterable[KeptCheckpoint]) -> list[Checkpoint]:
        """Return those kept in the database that the key signed: they help to tell where something was changed."""
        found = []
        for each in kept:
            try:
                found += [] if self.verifier is None else [self.verifier.open(each.note)]
            except CheckpointInvalid:
                continue  # signed with an older key, or not at all: it proves nothing either way
        return found

    def name_others(self, kept: Iterable[KeptCheckpoint]) -> dict[str, int]:
        """Count those kept in the database that the key did not sign, by who is said to have signed them."""
        return dict(Counter(name_keys(each.note) for each in kept if not self.check_kept([each])))


def read_checkpoints(options: LogOptions, files: Iterable[Path], public_key: str | None) -> Checkpoints:
    """Read checkpoint files; one that this key did not sign is said and ends with status 1."""
    verifier = _find_verifier(options, public_key)
    given = []
    for file in files:
        if verifier is None:
            raise click.UsageError("A checkpoint is checked with the key that signed it: give it with --key.")
        try:
            given.append(verifier.open(file.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, CheckpointInvalid) as problem:
            raise click.ClickException(f"{file} is not a checkpoint of this log: {problem}.") from None
    return Checkpoints(given=tuple(given), verifier=verifier)


def _find_verifier(options: LogOptions, public_key: str | None) -> Verifier | None:
    if public_key is None:
        signer = find_log_key(options)
        return None if signer is None else signer.verifier
    try:
        return Verifier.read(public_key)
    except KeyInvalid as problem:
        raise click.BadParameter(f"{problem}.", param_hint="--key") from None
