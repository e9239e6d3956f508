"""Compiled forms of ruleset versions, sealed: kept for a start, made again where they are not what was kept."""

import hmac
from collections.abc import Iterable

import msgspec

from store.database import Database
from store.rulesets import RulesetVersion
from store.statements import sql

Key = tuple[str, int]


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The bytes of a version's compiled form, and which program wrote them."""

    compiler: str
    data: bytes


class BrokenSeal(Exception):
    """A form was damaged, or written by somebody who has another key of the log, or none."""


class Forms:
    """The forms in the database; what stands there under no seal of this ``secret`` is none."""

    def __init__(self, database: Database, secret: bytes) -> None:
        self._database = database
        self._secret = secret

    async def read(self, version: RulesetVersion) -> Form | None:
        """Read the form of a version; None where none is kept.

        Raises BrokenSeal.
        """
        row = await self._database.fetchrow(sql("forms.read"), version.draft.ruleset_id, version.number)
        if row is None:
            return None
        form = Form(compiler=row["compiler"], data=row["form"])
        if not hmac.compare_digest(self._seal(version, form), row["seal"]):
            name = f"{version.draft.ruleset_id} version {version.number}"
            raise BrokenSeal(f"the compiled form of {name} is not the one that was kept of this text")
        return form

    async def keep(self, version: RulesetVersion, form: Form) -> None:
        """Put a version's form in the place of the one before."""
        key = version.draft.ruleset_id, version.number
        await self._database.fetch(sql("forms.keep"), *key, form.compiler, form.data, self._seal(version, form))

    async def keep_only(self, keys: Iterable[Key]) -> None:
        """Drop the forms of all versions but these, named by ruleset and number."""
        used = sorted(keys)
        await self._database.fetch(sql("forms.keep_only"), [name for name, _ in used], [number for _, number in used])

    def _seal(self, version: RulesetVersion, form: Form) -> bytes:
        """Seal a form with all that it was compiled from: of a text that was changed since it is no form."""
        draft = version.draft
        shared = (draft.facts_text, draft.scorecard_text, draft.guarantees_text)
        texts = (draft.text, *shared, draft.holidays, draft.canonical)
        head = msgspec.json.encode([draft.ruleset_id, version.number, draft.digest, *texts, form.compiler])
        return hmac.digest(self._secret, head + form.data, "sha256")
