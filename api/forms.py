"""Versions ready by their compiled forms: what a program of the same code compiled is not compiled again."""

import asyncio
import hashlib
import logging
from collections.abc import Iterable
from pathlib import Path

import msgspec

import engine
from api.versions import name_version
from engine.evaluation.forms import UnfitForm, read_form, write_form
from engine.evaluation.program import Compiled
from store.database import say
from store.forms import BrokenSeal, Form, Forms, Key
from store.rulesets import RulesetVersion

_log = logging.getLogger("dunning.rulesets")
PURPOSE = "dunning compiled forms"
_COMPILING = {".py", ".yaml"}


class KeptForms:
    """The forms of the versions in use; without them nothing is wrong, and everything is slower.

    So whatever fails here is logged, and stops neither a start nor a version.
    """

    def __init__(self, forms: Forms) -> None:
        self._forms = forms
        self._compiler = name_compiler()  # while it is what runs: files may be replaced under a server

    async def find(self, version: RulesetVersion) -> Compiled | None:
        """Make a version ready by its form; None where there is none that is whole and of this program."""
        draft = version.draft
        name = name_version(draft.ruleset_id, version.number)
        try:
            form = await self._forms.read(version)
            if form is None or form.compiler != self._compiler:
                return None
            return await asyncio.to_thread(
                read_form,
                form.data,
                digest=draft.digest,
                text=draft.text,
                canonical=draft.canonical.encode(),
                version=version.number,
                commit=version.provenance.commit,
            )
        except BrokenSeal as problem:
            _log.warning("%s; it is compiled anew", problem)
        except UnfitForm as problem:
            _log.warning("the compiled form of %s is not fit: %s; it is compiled anew", name, problem)
        except Exception as problem:  # noqa: BLE001  as the class says
            _log.warning("the compiled form of %s cannot be read: %s; it is compiled anew", name, say(problem))
        return None

    async def keep(self, version: RulesetVersion, compiled: Compiled) -> None:
        """Keep a version's form for the next start; where that cannot be, the version is compiled then."""
        name = name_version(version.draft.ruleset_id, version.number)
        try:
            data = await asyncio.to_thread(write_form, compiled)
            await self._forms.keep(version, Form(compiler=self._compiler, data=data))
        except Exception as problem:  # noqa: BLE001  as the class says
            _log.warning("the compiled form of %s is not kept: %s", name, say(problem))

    async def keep_only(self, keys: Iterable[Key]) -> None:
        """Let go of the forms of versions that are not in use any more."""
        try:
            await self._forms.keep_only(keys)
        except Exception as problem:  # noqa: BLE001  as the class says
            _log.warning("compiled forms that are not used any more are not dropped: %s", say(problem))


def name_compiler() -> str:
    """Name the code that compiles, by what it is: a form of other code may say something else with the same bytes.

    That is the engine with the tables that it reads, and the library that writes the bytes.
    """
    whole = hashlib.sha256(msgspec.__version__.encode() + b"\0")
    folder = Path(engine.__file__).parent
    for file in sorted(file for file in folder.rglob("*") if file.suffix in _COMPILING):
        whole.update(file.relative_to(folder).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return whole.hexdigest()
