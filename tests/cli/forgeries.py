"""Forgeries of an evidence pack; the checker must refuse each.

Some are done by who has the archive only, some by who has the log's key too and signs the list of files anew. Their
docstrings are the table of docs/auditors/forgeries.md.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from store.checkpoints import Signer

CHANGED: dict[str, Any] = {
    "index": 1,
    "decision_id": "01a22358-0000-7000-8000-000000000000",
    "logged_at": "2026-01-01T00:00:00+00:00",
    "account_id": "A-2000",
    "track": "retention",
    "outcome": "blocked",
    "ruleset": "invented",
    "version": 999,
    "digest": f"sha256:{'0' * 64}",
    "rule": "invented",
    "action": "hand_over",
    "channel": "fax",
    "as_of": "2026-01-01T00:00:00+00:00",
    "leaf_hash": "0" * 64,
}


class Forged(msgspec.Struct, frozen=True, kw_only=True):
    """A copy of an unpacked pack to be forged, another pack of the same log, and the key that signed both."""

    folder: Path
    other: Path
    signer: Signer

    def edit(self, name: str, change: Callable[[Any], None]) -> None:
        """Change a JSON file."""
        path = self.folder / name
        document = json.loads(path.read_text())
        change(document)
        path.write_text(json.dumps(document))

    def edit_rows(self, name: str, change: Callable[[list[str]], None]) -> None:
        """Change the rows of a file."""
        path = self.folder / name
        rows = path.read_text().splitlines()
        change(rows)
        path.write_text("".join(f"{row}\n" for row in rows))

    def sign(self, signer: Signer | None = None) -> None:
        """List all files with their hashes anew and sign that."""
        path = self.folder / "manifest.txt"
        title, about, *_ = path.read_text().split("\n")
        there = sorted(each for each in self.folder.rglob("*") if each.is_file() and each != path)
        rows = [f"{_hash(each)}  {each.relative_to(self.folder).as_posix()}" for each in there]
        path.write_text((signer or self.signer).sign_text("\n".join([title, about, *rows]) + "\n"))

    @property
    def whole(self) -> str:
        """The file of a decision of a rule on a channel, all of its facts there."""
        return next(name for name, each in self._decisions() if each["channel"] and each["salt"])

    @property
    def erased(self) -> str:
        """The file of a decision whose facts were erased."""
        return next(name for name, each in self._decisions() if each["answer"] is None)

    @property
    def party(self) -> str:
        """The file of a decision made with entries of another account, which are there."""
        return next(name for name, each in self._decisions() if each["related"])

    @property
    def executed(self) -> str:
        """The file of a decision that was carried out."""
        return next(name for name, each in self._decisions() if each["executed"])

    @property
    def version(self) -> str:
        """The folder of a version that was approved."""
        approved = sorted(self.folder.glob("rulesets/*/version-2/lines.json"))
        return approved[0].parent.relative_to(self.folder).as_posix()

    @property
    def checkpoint(self) -> str:
        """The file of an earlier checkpoint of the log's own key, whose name is its size."""
        return next(self.folder.glob(f"checkpoints/{'[0-9]' * 12}.json")).relative_to(self.folder).as_posix()

    def _decisions(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for path in sorted(self.folder.glob("decisions/*.json")):
            yield path.relative_to(self.folder).as_posix(), json.loads(path.read_text())


Forgery = Callable[[Forged], None]
BY_ANYBODY: dict[str, Forgery] = {}
BY_KEYHOLDERS: dict[str, Forgery] = {}


def _by_anybody(said: str) -> Callable[[Forgery], Forgery]:
    return lambda forge: BY_ANYBODY.setdefault(said, forge)


def _by_keyholder(said: str) -> Callable[[Forgery], Forgery]:
    return lambda forge: BY_KEYHOLDERS.setdefault(said, forge)


def write_page() -> str:
    """Write the page of docs that tells what is refused."""
    return (
        "# Forged packs\n\n"
        "What a test does to an [evidence pack](evidence.md), one at a time; [the program in it](checking.md) refuses"
        " every one. This page is made from that test,\n"
        "[test_forged_packs](../../tests/cli/test_forged_packs.py).\n\n"
        f"## By somebody who has the archive ({len(BY_ANYBODY)})\n\n{_list(BY_ANYBODY)}\n"
        f"## By somebody who has the log's key too, and signs the list of files anew ({len(BY_KEYHOLDERS)})\n\n"
        f"{_list(BY_KEYHOLDERS)}"
    )


def _list(forgeries: dict[str, Forgery]) -> str:
    return "".join(f"- {said}\n" for said in forgeries)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@_by_anybody("a decision that was never made is put in, its line left out as if masked")
def _(pack: Forged) -> None:
    invented = json.loads((pack.folder / pack.whole).read_text())
    invented |= {"decision_id": "invented", "line": None, "answer": '{"outcome":"act","rule":"invented"}'}
    (pack.folder / "decisions" / "invented.json").write_text(json.dumps(invented))


@_by_anybody("the answer of a decision is changed, its salt left out as if masked")
def _(pack: Forged) -> None:
    def change(decision: dict[str, Any]) -> None:
        decision |= {"salt": None, "answer": decision["answer"].replace('"act"', '"none"')}

    pack.edit(pack.whole, change)


@_by_anybody("a decision is taken out")
def _(pack: Forged) -> None:
    (pack.folder / pack.whole).unlink()


@_by_anybody("all decisions are taken out")
def _(pack: Forged) -> None:
    shutil.rmtree(pack.folder / "decisions")


@_by_anybody("the files of two decisions change their names")
def _(pack: Forged) -> None:
    first, second = sorted((pack.folder / "decisions").iterdir())[:2]
    texts = first.read_text(), second.read_text()
    second.write_text(texts[0])
    first.write_text(texts[1])


@_by_anybody("the page for people is another")
def _(pack: Forged) -> None:
    (pack.folder / "index.html").write_text("<p>Nobody was ever suspended.</p>")


@_by_anybody("the page for people is changed in one letter")
def _(pack: Forged) -> None:
    path = pack.folder / "index.html"
    path.write_text(path.read_text().replace("nothing changed", "nothing changes"))


@_by_anybody("the events are taken out")
def _(pack: Forged) -> None:
    (pack.folder / "events.ndjson").write_text("")


@_by_anybody("one event is taken out")
def _(pack: Forged) -> None:
    def change(rows: list[str]) -> None:
        rows.pop()

    pack.edit_rows("events.ndjson", change)


@_by_anybody("the figures of what was decided are changed")
def _(pack: Forged) -> None:
    pack.edit("decided.json", lambda counts: counts.pop())


@_by_anybody("every ruleset version is taken out")
def _(pack: Forged) -> None:
    shutil.rmtree(pack.folder / "rulesets")


@_by_anybody("one ruleset version is taken out")
def _(pack: Forged) -> None:
    shutil.rmtree(pack.folder / pack.version)


@_by_anybody("the text of a ruleset is changed")
def _(pack: Forged) -> None:
    path = next((pack.folder / pack.version).glob("*consumer-subscription.yaml"))
    path.write_text(path.read_text().replace("title: ", "title: No "))


@_by_anybody("what a version changed is told otherwise")
def _(pack: Forged) -> None:
    next((pack.folder / pack.version).glob("*.diff")).write_text("")


@_by_anybody("how a suite came out is told otherwise")
def _(pack: Forged) -> None:
    pack.edit(f"{pack.version}/version.json", lambda told: told["suite"].update(cases_count=9000))


@_by_anybody("a decision's explanation is another")
def _(pack: Forged) -> None:
    pack.edit(pack.whole.replace("decisions", "explained"), lambda told: told.update(reason="because"))


@_by_anybody("an earlier checkpoint is taken out")
def _(pack: Forged) -> None:
    (pack.folder / pack.checkpoint).unlink()


@_by_anybody("an earlier checkpoint stands in the place of the pack's own")
def _(pack: Forged) -> None:
    earlier = json.loads((pack.folder / pack.checkpoint).read_text())["checkpoint"]
    (pack.folder / "checkpoint.txt").write_text(earlier)


@_by_anybody("what came of verifying the log is another")
def _(pack: Forged) -> None:
    pack.edit("verification.json", lambda told: told.update(decisions_count=1))


@_by_anybody("the program in the pack is another")
def _(pack: Forged) -> None:
    (pack.folder / "verify_evidence.py").write_text("print('60 proved, 0 not provable.')\n")


@_by_anybody("a file is put in")
def _(pack: Forged) -> None:
    (pack.folder / "rulesets" / "note.txt").write_text("approved by everybody")


@_by_anybody("a hidden file is put in")
def _(pack: Forged) -> None:
    (pack.folder / ".approved").touch()


@_by_anybody("a file is a link to its own text elsewhere, which can be changed later")
def _(pack: Forged) -> None:
    path = pack.folder / "index.html"
    path.unlink()
    path.symlink_to(pack.other / "index.html")


@_by_anybody("a line's end is changed")
def _(pack: Forged) -> None:
    path = pack.folder / pack.whole
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n", 1))


@_by_anybody("the list of files is taken out")
def _(pack: Forged) -> None:
    (pack.folder / "manifest.txt").unlink()


@_by_anybody("a decision is taken out, and its row of the list")
def _(pack: Forged) -> None:
    name = pack.whole
    (pack.folder / name).unlink()
    pack.edit_rows("manifest.txt", lambda rows: rows.remove(next(row for row in rows if row.endswith(name))))


@_by_anybody("a page is changed, and its hash in the list")
def _(pack: Forged) -> None:
    path, listed = pack.folder / "index.html", pack.folder / "manifest.txt"
    old = _hash(path)
    path.write_text("<p>Nobody was ever suspended.</p>")
    listed.write_text(listed.read_text().replace(old, _hash(path)))


@_by_anybody("the list says that the pack was masked")
def _(pack: Forged) -> None:
    listed = pack.folder / "manifest.txt"
    listed.write_text(listed.read_text().replace('"masks":""', '"masks":"answer"'))


@_by_anybody("the list is signed by another key of the same name")
def _(pack: Forged) -> None:
    (pack.folder / "index.html").write_text("<p>Nobody was ever suspended.</p>")
    pack.sign(Signer.make(pack.signer.verifier.name))


@_by_anybody("everything is signed by another key, which lies beside it")
def _(pack: Forged) -> None:
    forger = Signer.make(pack.signer.verifier.name)
    (pack.folder / "key.txt").write_text(f"{forger.verifier}\n")
    note = pack.signer.verifier.open((pack.folder / "checkpoint.txt").read_text())
    (pack.folder / "checkpoint.txt").write_text(forger.sign(note.size, note.root))
    pack.sign(forger)


@_by_anybody("the list is that of another pack of the same log")
def _(pack: Forged) -> None:
    shutil.copy(pack.other / "manifest.txt", pack.folder)


@_by_anybody("the list is a checkpoint, which the log's key has signed as well")
def _(pack: Forged) -> None:
    shutil.copy(pack.folder / "checkpoint.txt", pack.folder / "manifest.txt")


def _change_field(pack: Forged, *, name: str, value: Any) -> None:
    pack.edit(pack.whole, lambda decision: decision.update({name: value}))


for _name, _value in CHANGED.items():
    BY_KEYHOLDERS[f"a decision has another `{_name}` than its line"] = partial(_change_field, name=_name, value=_value)


@_by_keyholder("a decision has no rule, though its line has one")
def _(pack: Forged) -> None:
    _change_field(pack, name="rule", value=None)


@_by_keyholder("a decision has a field more than its line")
def _(pack: Forged) -> None:
    _change_field(pack, name="approved_by", value="everybody")


@_by_keyholder("a decision has a field less")
def _(pack: Forged) -> None:
    pack.edit(pack.whole, lambda decision: decision.pop("rule"))


@_by_keyholder("a decision's file says a field twice")
def _(pack: Forged) -> None:
    path = pack.folder / pack.whole
    path.write_text(path.read_text().replace('"rule":', '"rule": "invented", "rule":', 1))


@_by_keyholder("the answer is another than was logged")
def _(pack: Forged) -> None:
    def change(decision: dict[str, Any]) -> None:
        decision["answer"] = decision["answer"].replace('"sent_before":', '"sent_before":1')

    pack.edit(pack.whole, change)


@_by_keyholder("the input is another than was logged")
def _(pack: Forged) -> None:
    def change(decision: dict[str, Any]) -> None:
        decision["input"] = decision["input"].replace('"id":', '"vip":true,"id":', 1)

    pack.edit(pack.whole, change)


@_by_keyholder("a part of the answer is moved into the input")
def _(pack: Forged) -> None:
    def change(decision: dict[str, Any]) -> None:
        decision |= {"answer": decision["answer"][:-1], "input": decision["answer"][-1] + decision["input"]}

    pack.edit(pack.whole, change)


@_by_keyholder("a salt is left out, the facts are there")
def _(pack: Forged) -> None:
    _change_field(pack, name="salt", value=None)


@_by_keyholder("the line is left out, though the pack is not masked")
def _(pack: Forged) -> None:
    _change_field(pack, name="line", value=None)


@_by_keyholder("entries of other accounts are added that the log does not know of")
def _(pack: Forged) -> None:
    _change_field(pack, name="related", value="[]")


@_by_keyholder("facts are left out as if erased, and no erasure in the log says so")
def _(pack: Forged) -> None:
    pack.edit(pack.whole, lambda decision: decision.update(answer=None, input=None, salt=None))


@_by_keyholder("only the input is left out")
def _(pack: Forged) -> None:
    pack.edit(pack.whole, lambda decision: decision.update(input=None))


@_by_keyholder("facts are erased, and the line that says why is left out")
def _(pack: Forged) -> None:
    (pack.folder / "erasures.ndjson").write_text("")


@_by_keyholder("facts are erased, and an invented line says why")
def _(pack: Forged) -> None:
    def change(rows: list[str]) -> None:
        rows[:] = [row.replace(r"\"actor\":", r"\"note\":\"asked\",\"actor\":") for row in rows]

    pack.edit_rows("erasures.ndjson", change)


@_by_keyholder("another account's erasure says why facts are gone")
def _(pack: Forged) -> None:
    pack.edit(pack.whole, lambda decision: decision.update(answer=None, input=None, salt=None, replay="not made again"))
    own = json.loads((pack.folder / pack.whole).read_text())["account_id"]
    assert own not in (pack.folder / "erasures.ndjson").read_text()


@_by_keyholder("an answer stands beside facts that were erased")
def _(pack: Forged) -> None:
    answer = json.loads((pack.folder / pack.whole).read_text())["answer"]
    pack.edit(pack.erased, lambda decision: decision.update(answer=answer))


@_by_keyholder("entries of another account are another than were logged")
def _(pack: Forged) -> None:
    def change(decision: dict[str, Any]) -> None:
        decision["related"] = decision["related"].replace("email", "letter")

    pack.edit(pack.party, change)


@_by_keyholder("entries of another account are left out, and no erasure in the log says so")
def _(pack: Forged) -> None:
    pack.edit(pack.party, lambda decision: decision.update(related=None, related_salt=None))


@_by_keyholder("the salt of entries of another account is left out")
def _(pack: Forged) -> None:
    pack.edit(pack.party, lambda decision: decision.update(related_salt=None))


@_by_keyholder("the line and the fields are changed alike")
def _(pack: Forged) -> None:
    def change(decision: dict[str, Any]) -> None:
        line = decision["line"].replace(decision["rule"], "invented")
        decision |= {"line": line, "rule": "invented"}
        decision["leaf_hash"] = hashlib.sha256(b"\0" + line.encode()).hexdigest()

    pack.edit(pack.whole, change)


@_by_keyholder("a decision has the line and the proof of another")
def _(pack: Forged) -> None:
    other = json.loads((pack.folder / pack.erased).read_text())
    pack.edit(pack.whole, lambda decision: decision.update({name: other[name] for name in ("line", "proof")}))


@_by_keyholder("a proof is cut short")
def _(pack: Forged) -> None:
    pack.edit(pack.whole, lambda decision: decision["proof"].pop())


@_by_keyholder("a proof is too long")
def _(pack: Forged) -> None:
    pack.edit(pack.whole, lambda decision: decision["proof"].append(decision["proof"][0]))


@_by_keyholder("something else was carried out than was recorded")
def _(pack: Forged) -> None:
    def change(decision: dict[str, Any]) -> None:
        decision["executed"]["entry"] = decision["executed"]["entry"].replace("sent", "failed")

    pack.edit(pack.executed, change)


@_by_keyholder("what was carried out is left out as if erased")
def _(pack: Forged) -> None:
    pack.edit(pack.executed, lambda decision: decision["executed"].update(entry=None, salt=None))


@_by_keyholder("the salt of what was carried out is left out")
def _(pack: Forged) -> None:
    pack.edit(pack.executed, lambda decision: decision["executed"].update(salt=None))


@_by_keyholder("a decision that was not carried out has the line of one that was")
def _(pack: Forged) -> None:
    executed = json.loads((pack.folder / pack.executed).read_text())["executed"]
    pack.edit(pack.erased, lambda decision: decision.update(executed=executed))


@_by_keyholder("the line of what was carried out is changed")
def _(pack: Forged) -> None:
    def change(decision: dict[str, Any]) -> None:
        decision["executed"]["line"] = decision["executed"]["line"].replace("sent", "failed")

    pack.edit(pack.executed, change)


@_by_keyholder("the decision that was made again is another")
def _(pack: Forged) -> None:
    pack.edit(pack.whole.replace("decisions", "explained"), lambda told: told["rule"].update(id="invented"))


@_by_keyholder("a version was published by somebody else")
def _(pack: Forged) -> None:
    pack.edit(f"{pack.version}/version.json", lambda told: told["provenance"].update(publisher="carl"))


@_by_keyholder("a version was published at another time")
def _(pack: Forged) -> None:
    pack.edit(f"{pack.version}/version.json", lambda told: told.update(published_at="2026-01-01T00:00:00Z"))


@_by_keyholder("a version was approved by somebody else")
def _(pack: Forged) -> None:
    pack.edit(f"{pack.version}/version.json", lambda told: told.update(approved_by="carl"))


@_by_keyholder("a version that nobody approved needed no approval")
def _(pack: Forged) -> None:
    pack.edit(f"{pack.version}/version.json", lambda told: told.update(approval_required=True))


@_by_keyholder("a version that is in use was retired")
def _(pack: Forged) -> None:
    pack.edit(f"{pack.version}/version.json", lambda told: told.update(is_active=not told["is_active"]))


@_by_keyholder("a version waits for nobody, though somebody asked to retire it")
def _(pack: Forged) -> None:
    pack.edit(f"{pack.version}/version.json", lambda told: told.update(waiting=None, waiting_by=None))


@_by_keyholder("who approved a version has another name")
def _(pack: Forged) -> None:
    pack.edit(f"{pack.version}/version.json", lambda told: told["events"][0].update(name="Carl"))


@_by_keyholder("what happened to a version is left out")
def _(pack: Forged) -> None:
    pack.edit(f"{pack.version}/version.json", lambda told: told.update(events=[]))


@_by_keyholder("an approval is noted otherwise")
def _(pack: Forged) -> None:
    pack.edit(f"{pack.version}/version.json", lambda told: told["events"][0].update(note="not read"))


@_by_keyholder("the line of a version's publication is left out")
def _(pack: Forged) -> None:
    pack.edit(f"{pack.version}/lines.json", lambda lines: lines.pop(0))


@_by_keyholder("a version's text is another than was published")
def _(pack: Forged) -> None:
    (pack.folder / pack.version / "facts.yaml").write_text("facts: {}\n")


@_by_keyholder("a version's suite is left out")
def _(pack: Forged) -> None:
    next((pack.folder / pack.version).glob("*_test.yaml")).unlink()


@_by_keyholder("a version stands under another number")
def _(pack: Forged) -> None:
    shutil.copytree(pack.folder / pack.version, (pack.folder / pack.version).with_name("version-9"))


@_by_keyholder("a version without any proof is put in")
def _(pack: Forged) -> None:
    folder = pack.folder / "rulesets" / "invented" / "version-1"
    folder.mkdir(parents=True)
    (folder / "invented.yaml").write_text("ruleset: invented\n")


@_by_keyholder("an event is of somebody else")
def _(pack: Forged) -> None:
    def change(rows: list[str]) -> None:
        rows[-1] = rows[-1].replace(r"\"at\":", r"\"by\":\"carl\",\"at\":")

    pack.edit_rows("events.ndjson", change)


@_by_keyholder("an event has no proof, as if masked")
def _(pack: Forged) -> None:
    pack.edit_rows("events.ndjson", lambda rows: rows.append('{"index":3,"kind":"approve"}'))


@_by_keyholder("an earlier checkpoint has another size")
def _(pack: Forged) -> None:
    pack.edit(pack.checkpoint, lambda told: told.update(old_size=told["old_size"] + 1))


@_by_keyholder("an earlier checkpoint is of another log")
def _(pack: Forged) -> None:
    size = json.loads((pack.folder / pack.checkpoint).read_text())["old_size"]
    pack.edit(pack.checkpoint, lambda told: told.update(checkpoint=pack.signer.sign(size, bytes(32))))


@_by_keyholder("the checkpoint is that of an earlier day")
def _(pack: Forged) -> None:
    earlier = json.loads((pack.folder / pack.checkpoint).read_text())["checkpoint"]
    (pack.folder / "checkpoint.txt").write_text(earlier)


@_by_keyholder("another log was verified")
def _(pack: Forged) -> None:
    pack.edit("verification.json", lambda told: told.update(root="0" * 64))


@_by_keyholder("the log was not whole when it was packed")
def _(pack: Forged) -> None:
    pack.edit("verification.json", lambda told: told.update(findings_count=1))
