"""Check what `dunning audit` hands out, without any of its code: only Python, hashlib and `cryptography`.

    python verify_evidence.py lines LINES.ndjson CHECKPOINT.txt KEY.txt
        that the lines of `dunning audit export --lines` are those that the checkpoint was signed for

    python verify_evidence.py pack FOLDER KEY.txt [--allow masked] [--allow erased] [--allow other-key]
        that an unpacked evidence pack is the one that was signed, file by file; that everything it tells of a decision,
        a ruleset version or an event is what the signed log says; that the log only grew since each earlier checkpoint

KEY.txt has the public keys (`dunning audit key`), one a row, received by another route than what is checked. Take this
program by another route too, or read it first. The forms are those of RFC 6962 (tree), C2SP tlog-checkpoint and
signed-note (signature); docs/auditors says what the lines mean.

Status: 0 all is proved, but for what --allow names; 1 something is wrong; 2 the command is not understood; 3 nothing is
wrong, but not everything can be proved.
"""

import argparse
import base64
import datetime as dt
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MASKED = "***"
WHY = {
    "masked": "masked when it was packed",
    "erased": "erased, as the log says",
    "other-key": "signed with a key that is not in the key file",
}
# What a decision's file says, and where its line and its answer say the same.
OF_LINE = {
    "decision_id": "id",
    "logged_at": "at",
    **{name: name for name in ("index", "account_id", "track", "ruleset", "version", "digest", "rule", "outcome")},
    **{name: name for name in ("action", "channel", "as_of")},
}
OF_ANSWER = {name: (name,) for name in ("decision_id", "account_id", "track", "outcome", "as_of")} | {
    "ruleset": ("ruleset", "id"),
    "version": ("ruleset", "version"),
    "digest": ("ruleset", "digest"),
    "rule": ("rule", "id"),
    "action": ("action", "type"),
    "channel": ("action", "channel"),
}
FACTS = ("answer", "input", "salt", "related", "related_salt")
BESIDE_LINE = {"line", "proof", "leaf_hash", "replay", "executed", *FACTS}
INSTANTS = {"logged_at", "as_of", "published_at", "approved_at", "committed_at", "at"}
EARLIEST_EDITION = 2  # of the ruleset language; a line that names none is of it
PROVENANCE = ("publisher", "publisher_name", "repository", "commit", "author", "committer", "committed_at")


class Wrong(Exception):
    """Something is not as it should be."""


class NotSigned(Wrong):
    """None of the keys has signed this."""


class Report:
    """What came of checking: what is proved, what cannot be proved and why, what is wrong."""

    def __init__(self) -> None:
        self.proved_count = 0
        self.unproved: Counter[str] = Counter()
        self.wrong_count = 0

    def check(self, name: str, claims: Callable[[], Iterator[tuple[str, str]]]) -> None:
        """Check what is claimed of one thing; each claim is proved, or a reason why it cannot be."""
        try:
            for status, said in [*claims()]:
                print(f"{name}: {'' if status == 'proved' else 'not provable: '}{said}")
                self.proved_count += status == "proved"
                self.unproved.update([] if status == "proved" else [status])
        except (Wrong, OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as problem:
            said = str(problem) if isinstance(problem, Wrong) else f"cannot be read ({problem!r})"
            print(f"WRONG: {name}: {said}")
            self.wrong_count += 1

    def end(self, allowed: set[str]) -> int:
        """Say it in a sentence; answers the status."""
        reasons = ", ".join(f"{count} {WHY[reason]}" for reason, count in sorted(self.unproved.items()))
        said = f"{self.proved_count} proved, {self.unproved.total()} not provable{': ' if reasons else ''}{reasons}."
        print(f"REFUSED, {self.wrong_count} wrong: {said}" if self.wrong_count else said)
        return 1 if self.wrong_count else 0 if set(self.unproved) <= allowed else 3


class Key:
    """A public key, written name+id+key as in C2SP signed-note."""

    def __init__(self, text: str) -> None:
        self.name, key_id, encoded = text.strip().split("+", 2)
        raw = base64.b64decode(encoded)
        self.id = hashlib.sha256(self.name.encode() + b"\n" + raw).digest()[:4]
        if self.id != bytes.fromhex(key_id) or raw[:1] != b"\x01":
            raise Wrong("the key was not copied whole")
        self.key = Ed25519PublicKey.from_public_bytes(raw[1:])


def read_keys(path: Path) -> list[Key]:
    """Read a file of keys."""
    return [Key(row) for row in path.read_text(encoding="utf-8").splitlines() if row.strip()]


def open_note(note: str, keys: list[Key]) -> tuple[str, str]:
    """Check that one of the keys has signed a note; answers its text and the name of that key."""
    text, _, signatures = note.rpartition("\n\n")
    for line in signatures.splitlines():
        dash, signer, signed = line.split(" ")
        signature = base64.b64decode(signed)
        for key in keys:
            if (dash, signer, signature[:4]) == ("\N{EM DASH}", key.name, key.id):
                try:
                    key.key.verify(signature[4:], text.encode() + b"\n")
                except InvalidSignature:
                    raise Wrong("its signature is not of this text") from None
                return text, key.name
    raise NotSigned(f"{' and '.join(key.name for key in keys) or 'no key'} has not signed it")


def open_checkpoint(note: str, keys: list[Key]) -> tuple[int, bytes]:
    """Check the signature of a checkpoint; answers its size and root."""
    text, name = open_note(note, keys)
    origin, size, root = text.split("\n")[:3]
    if origin != name:
        raise Wrong(f"it is of the log {origin}, and {name} has signed it")
    return int(size), base64.b64decode(root)


def read_json(text: str) -> Any:  # noqa: ANN401  any JSON value
    """Read JSON that says nothing twice: of two values of one name readers see different ones."""

    def refuse_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise Wrong("it says something twice")
        return dict(pairs)

    return json.loads(text, object_pairs_hook=refuse_twice)


def hash_leaf(line: bytes) -> bytes:
    """Hash a line."""
    return hashlib.sha256(b"\x00" + line).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of_lines(path: Path, size: int) -> bytes:
    """Work out the root of the first lines of a file, in the memory of a few hashes."""
    peaks: list[tuple[int, bytes]] = []
    count = 0
    with path.open("rb") as lines:
        for row in lines:
            if count == size:
                break
            line = row.rstrip(b"\n")
            if json.loads(line)["index"] != count:
                raise Wrong(f"row {count + 1} is line {json.loads(line)['index']} of the log")
            width, node = 1, hash_leaf(line)
            while peaks and peaks[-1][0] == width:
                node, width = hash_node(peaks.pop()[1], node), width * 2
            peaks.append((width, node))
            count += 1
    if count < size:
        raise Wrong(f"{path} has {count} lines, and the checkpoint was signed for {size}")
    root = peaks.pop()[1] if peaks else hashlib.sha256().digest()
    while peaks:
        root = hash_node(peaks.pop()[1], root)
    return root


def root_of_inclusion(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """Follow an inclusion proof to its root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise Wrong(f"a log of {size} lines has no line {index}")
    place, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise Wrong("the proof is too long")
        if place & 1 or place == last:
            node = hash_node(sibling, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = hash_node(node, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise Wrong("the proof is too short")
    return node


def check_consistency(old_size: int, old_root: bytes, size: int, root: bytes, proof: list[bytes]) -> None:
    """Check that a log begins with an older one (RFC 9162, 2.1.4.2)."""
    if old_size in {0, size}:
        if proof or old_root != (root if old_size else hashlib.sha256().digest()):
            raise Wrong(f"two logs of {old_size} lines have two roots")
        return
    if old_size > size or not proof:
        raise Wrong(f"the log of {size} lines is not proven to begin with the one signed for {old_size}")
    nodes = [old_root, *proof] if old_size & (old_size - 1) == 0 else proof
    place, last = old_size - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = nodes[0]
    for node in nodes[1:]:
        if place & 1 or place == last:
            old, new = hash_node(node, old), hash_node(node, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = hash_node(new, node)
        place, last = place >> 1, last >> 1
    if (old, new, last) != (old_root, root, 0):
        raise Wrong(f"the log of {size} lines does not begin with the one signed for {old_size}")


def read_hashes(hashes: list[str]) -> list[bytes]:
    """Read the hashes of a proof."""
    return [base64.b64decode(each) for each in hashes]


class Pack:
    """An unpacked evidence pack."""

    def __init__(self, folder: Path, keys: list[Key], report: Report) -> None:
        self.folder = folder
        self.keys = keys
        self.report = report
        self.about: dict[str, Any] = {}  # what the manifest says of the pack as a whole
        self.files: dict[str, str] = {}  # the hash of every file, by name
        self.held: set[str] = set()  # the files that were held against the log
        self.size, self.root = 0, b""
        self.gone: list[dict[str, Any]] = []  # lines that say which facts were erased

    def check(self) -> None:
        """Check everything that can be checked."""
        self.report.check("manifest.txt", self.check_manifest)
        if self.report.wrong_count:
            return  # nothing in it can be relied on
        self.report.check("checkpoint.txt", self.check_checkpoint)
        self.report.check("verification.json", self.check_verification)
        for name in self.files_in("checkpoints/"):
            self.report.check(name, partial(self.check_growth, name))
        for folder in sorted({name.rpartition("/")[0] for name in self.files_in("rulesets/")}):
            self.report.check(folder, partial(self.check_version, folder))
        for name in ("events.ndjson", "erasures.ndjson"):
            self.report.check(name, partial(self.check_events, name))
        for name in self.files_in("decisions/"):
            self.report.check(name, partial(self.check_decision, name))
        words = len(self.files.keys() - self.held)
        print(f"{words} files are the service's own words: signed as they are, but held against no line of the log.")

    def files_in(self, folder: str) -> list[str]:
        """Name the files of a folder."""
        return sorted(name for name in self.files if name.startswith(folder))

    def read(self, name: str) -> str:
        """Read a file that the manifest names, to hold it against the log."""
        if name not in self.files:
            raise Wrong(f"{name} is missing")
        self.held.add(name)
        return (self.folder / name).read_bytes().decode()

    def check_manifest(self) -> Iterator[tuple[str, str]]:
        """Check that the folder has the files that were signed, byte for byte, and no others."""
        path = self.folder / "manifest.txt"
        if not path.is_file():
            raise Wrong("it is missing, so that nothing says what belongs to this pack")
        text, signer = open_note(path.read_bytes().decode(), self.keys)
        title, about, *rows = text.split("\n")
        if title != f"{signer} evidence pack":
            raise Wrong("it is not the list of an evidence pack")
        self.about = read_json(about)
        self.files = {name: digest for digest, name in (row.split("  ", 1) for row in rows)}
        there = {each.relative_to(self.folder).as_posix(): each for each in self.folder.rglob("*")}
        found = {name for name, each in there.items() if each.is_symlink() or not each.is_dir()} - {"manifest.txt"}
        problems = [f"{name} is missing" for name in sorted(self.files.keys() - found)]
        problems += [f"{name} does not belong to this pack" for name in sorted(found - self.files.keys())]
        for name in sorted(found & self.files.keys()):
            if there[name].is_symlink() or hashlib.sha256(there[name].read_bytes()).hexdigest() != self.files[name]:
                problems.append(f"{name} is not what was packed")
        if problems:
            raise Wrong("; ".join(problems))
        yield "proved", f"{signer} has signed this pack of {len(self.files)} files, and they are all here as they were"

    def check_checkpoint(self) -> Iterator[tuple[str, str]]:
        """Check the log's signature."""
        self.size, self.root = open_checkpoint(self.read("checkpoint.txt"), self.keys)
        if (self.size, self.root.hex()) != (self.about["size"], self.about["root"]):
            raise Wrong("it is not the checkpoint that this pack was made for")
        yield "proved", f"signed for {self.size} lines"

    def check_verification(self) -> Iterator[tuple[str, str]]:
        """Check that the log that was verified is the one that was signed."""
        told = read_json(self.read("verification.json"))
        if told["findings_count"] or told["findings"]:
            raise Wrong(f"the log was not whole when this was packed: {told['findings_count']} findings")
        size = told["size"]
        check_consistency(size, bytes.fromhex(told["root"]), self.size, self.root, read_hashes(told["hashes"]))
        yield "proved", f"the log begins with the {size} lines that were verified"

    def check_growth(self, name: str) -> Iterator[tuple[str, str]]:
        """Check that the log begins with the one that an earlier checkpoint was signed for."""
        earlier = read_json(self.read(name))
        try:
            size, root = open_checkpoint(earlier["checkpoint"], self.keys)
        except NotSigned as problem:
            yield "other-key", f"{problem}, but {earlier['signed_by']}"
            return
        if (earlier["old_size"], earlier["new_size"]) != (size, self.size):
            raise Wrong("its sizes are not those that were signed")
        check_consistency(size, root, self.size, self.root, read_hashes(earlier["hashes"]))
        yield "proved", f"signed for {size} lines; the log has only grown since"

    def check_line(self, record: dict[str, Any]) -> dict[str, Any]:
        """Check that a line is in the signed log, by the proof beside it; answers what it says."""
        line: dict[str, Any] = read_json(record["line"])
        leaf, proof = hash_leaf(record["line"].encode()), read_hashes(record["proof"])
        if root_of_inclusion(leaf, line["index"], self.size, proof) != self.root:
            raise Wrong(f"line {line['index']} is not in the signed log")
        return line

    def check_events(self, name: str) -> Iterator[tuple[str, str]]:
        """Check the events of the period, or the lines that explain why facts are gone."""
        for row in self.read(name).splitlines():
            record = read_json(row)
            if "line" not in record and self.about["withholds_lines"]:
                yield "masked", f"{record['kind']} in line {record['index']}: the line is masked"
                continue
            line = self.check_line(record)
            self.gone += [line] if name == "erasures.ndjson" else []
            yield "proved", f"{line['kind']} in line {line['index']} of the signed log"

    def check_version(self, folder: str) -> Iterator[tuple[str, str]]:
        """Check that a version was published with just these texts, and what is told of it afterwards."""
        lines = [self.check_line(each) for each in read_json(self.read(f"{folder}/lines.json"))]
        publish, *events = lines or [{}]
        if publish.get("kind") != "publish":
            raise Wrong("no line says that it was published")
        for line in lines:
            if f"rulesets/{line['ruleset']}/version-{line['version']}" != folder:
                raise Wrong("its line is another version's")
        self.check_texts(folder, publish)
        told = read_json(self.read(f"{folder}/version.json"))
        expected = {
            name: publish[name] for name in ("digest", "effective_from", "effective_until", "approval_required")
        }
        expected["language_edition"] = publish.get("language_edition", EARLIEST_EDITION)
        expected |= {"ruleset_id": publish["ruleset"], "number": publish["version"], "published_at": publish["at"]}
        approvals = [each for each in events if (each["kind"], each["digest"]) == ("approve", publish["digest"])]
        approval = approvals[0] if approvals else {"actor": None, "at": None, "note": None}
        expected |= {"approved_by": approval["actor"], "approved_at": approval["at"], "approval_note": approval["note"]}
        switches = [each for each in events if each["kind"] in {"activate", "retire"}]
        done = [each["kind"] == "activate" for each in switches if each.get("approval") != "waits"]
        is_approved = bool(approvals) or not publish["approval_required"]
        expected["is_active"] = is_approved and (done or [True])[-1]
        waiting = (
            switches[-1] if switches and switches[-1].get("approval") == "waits" else {"kind": None, "actor": None}
        )
        expected |= {"waiting": waiting["kind"], "waiting_by": waiting["actor"]}
        compare(told, expected)
        compare(told["provenance"], {name: publish.get(name) for name in PROVENANCE})
        if len(told["events"]) != len(events):
            raise Wrong("its events are not those of the log")
        for each, line in zip(told["events"], events, strict=True):
            compare(
                each, {name: line.get(name) for name in ("kind", "actor", "name", "note", "digest", "at", "approval")}
            )
        said = ", ".join(f"{line['kind']} in line {line['index']}" for line in lines)
        yield "proved", f"its texts are those that were published; {said} of the signed log"

    def check_texts(self, folder: str, line: dict[str, Any]) -> None:
        """Check that the texts of a version are those whose hashes were logged when it was published."""
        names = {"text": f"{line['ruleset']}.yaml", "suite": f"{line['ruleset']}_test.yaml", "facts": "facts.yaml"}
        names |= {"scorecard": "scorecard.yaml", "guarantees": "guarantees.yaml"}
        names |= {name: f"{name}.json" for name in ("canonical", "holidays", "diagnostics", "verdicts")}
        for field, name in names.items():
            self.held.add(f"{folder}/{name}")
            if self.files.get(f"{folder}/{name}") != line.get(field):
                raise Wrong(f"{name} is not what was published")
        if line["digest"] != f"sha256:{line['canonical']}":
            raise Wrong("its digest is not that of its canonical form")

    def check_decision(self, name: str) -> Iterator[tuple[str, str]]:
        """Check that a decision is in the signed log and every field of its file is what the log says."""
        told = read_json(self.read(name))
        if told.keys() != OF_LINE.keys() | BESIDE_LINE or name != f"decisions/{told['decision_id']}.json":
            raise Wrong("it has other fields than a decision has, or another's name")
        if told["line"] is None:
            if not self.about["withholds_lines"]:
                raise Wrong("its line was left out, though nothing says that this pack is masked")
            yield "masked", "its line and its facts are masked"
            return
        line = self.check_line(told)
        compare(told, {field: line[other] for field, other in OF_LINE.items()})
        if line["kind"] != "decision" or hash_leaf(told["line"].encode()).hex() != told["leaf_hash"]:
            raise Wrong("its line is not a decision's, or not the one whose hash is told")
        yield "proved", f"line {line['index']} of the signed log, and the file says the same"
        self.compare_answer(told)
        yield self.check_facts(told, line)
        if told["executed"] is not None:
            yield from self.check_executed(told["executed"], line)

    def check_executed(self, told: dict[str, Any], decision: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """Check that the log says that a decision was carried out, and as what."""
        line = self.check_line(told)
        compare(line, {"kind": "executed", "subject": decision["id"], "account_id": decision["account_id"]})
        yield "proved", f"it was recorded as carried out in line {line['index']} of the signed log"
        if told["entry"] is not None and told["salt"] is not None:
            if hashlib.sha256(bytes.fromhex(told["salt"]) + told["entry"].encode()).hexdigest() != line["commitment"]:
                raise Wrong("what was carried out is not what was recorded")
            yield "proved", "what was carried out is what was recorded"
        elif (told["entry"], told["salt"]) != (None, None):
            raise Wrong("a part of what was carried out was left out")
        elif self.about["masks"]:
            yield "masked", "what was carried out is masked"
        elif any(
            gone["kind"] in {"erasure", "merge"}
            and gone["account_id"] == line["account_id"]
            and gone["index"] > line["index"]
            for gone in self.gone
        ):
            yield "erased", "what was carried out is erased"
        else:
            raise Wrong("what was carried out is gone, and no erasure in the log says why")

    def compare_answer(self, told: dict[str, Any]) -> None:
        """Check that the answer says what its line says."""
        if told["answer"] is None or (told["answer"] == MASKED and self.about["masks"]):
            return
        answer = read_json(told["answer"])
        expected: dict[str, Any] = {}
        for field, path in OF_ANSWER.items():
            found = answer
            for step in path:
                found = found.get(step) if isinstance(found, dict) else found if found == MASKED else None
            expected[field] = found
        if self.about["masks"]:
            expected = {field: value for field, value in expected.items() if value != MASKED}
        compare(told, expected)

    def check_facts(self, told: dict[str, Any], line: dict[str, Any]) -> tuple[str, str]:
        """Check that the facts beside a line are those that it commits to, and the explanation fits them."""
        gone = self.check_gone(told, line)
        if "answer" in gone:
            return "erased", "its facts are erased"
        if self.about["masks"]:
            return "masked", "its facts are masked"
        check_commitments(told, line, gone)
        self.compare_explained(told)
        if gone:
            return "erased", "the entries of other accounts in its history are erased; its other facts are those logged"
        return "proved", "its facts are those that were logged"

    def check_gone(self, told: dict[str, Any], line: dict[str, Any]) -> set[str]:
        """Check that the log says why facts are gone, and that they are gone as a whole; answers what is gone."""
        parts = {"answer": ("answer", "input", "salt"), "related": ("related", "related_salt")}
        accounts = {"answer": {line["account_id"]}, "related": {line["account_id"]}}
        if "related" in line:
            accounts["related"] |= {*line["related"]["accounts"]}
        elif (told["related"], told["related_salt"]) != (None, None):
            raise Wrong("it has entries of other accounts that the log does not know of")
        else:
            del parts["related"]
        gone = {part for part in parts if told[part] is None}
        for part in gone:
            if any(told[name] is not None for name in parts[part]):
                raise Wrong("a part of its facts was left out")
            if not self.is_explained(line, accounts[part]):
                raise Wrong("its facts are gone, and no erasure in the log says why")
        return gone

    def is_explained(self, line: dict[str, Any], accounts: set[str]) -> bool:
        """Whether the log says why facts of a decision are gone: an erasure after they were read, or their age."""
        return any(
            read_instant(line["at"]) < read_instant(gone["before"]) <= read_instant(gone["at"])
            if gone["kind"] == "retention"
            else gone["kind"] == "erasure"
            and gone["account_id"] in accounts
            and gone["index"] >= line["known_erasures"]
            for gone in self.gone
        )

    def compare_explained(self, told: dict[str, Any]) -> None:
        """Check that the decision that was made again is the one that was logged, but for what explains it."""
        explained = read_json(self.read(f"explained/{told['decision_id']}.json"))
        if not told["replay"].startswith("equal"):
            return
        answer = read_json(told["answer"])
        if answer["reason"] is None:
            explained["reason"] = None
        for each in (answer, explained):
            each.pop("explanation", None)
        if answer != explained:
            raise Wrong("the decision in explained/ is another than the one that was logged")


def check_commitments(told: dict[str, Any], line: dict[str, Any], gone: set[str]) -> None:
    """Check that the facts of a decision that are there are those that its line commits to."""
    if told["salt"] is None or ("related" in line and "related" not in gone and told["related_salt"] is None):
        raise Wrong("its salt was left out, though nothing says that this pack is masked")
    answer, made_from = told["answer"].encode(), told["input"].encode()
    committed = bytes.fromhex(told["salt"]) + len(answer).to_bytes(8, "big") + answer + made_from
    if hashlib.sha256(committed).hexdigest() != line["commitment"]:
        raise Wrong("its answer or input is not what was logged")
    if "related" in line and "related" not in gone:
        committed = bytes.fromhex(told["related_salt"]) + told["related"].encode()
        if hashlib.sha256(committed).hexdigest() != line["related"]["commitment"]:
            raise Wrong("the entries of other accounts in its history are not what was logged")


def compare(told: dict[str, Any], expected: dict[str, Any]) -> None:
    """Check that fields have the values that the log has; instants may be written in other offsets."""
    for name, value in expected.items():
        found = told[name]
        if name in INSTANTS and None not in {found, value}:
            found, value = read_instant(found), read_instant(value)  # noqa: PLW2901  as they are compared
        if type(found) is not type(value) or found != value:
            raise Wrong(f"{name} is {told[name]!r}, and the log says {expected[name]!r}")


def read_instant(text: str) -> dt.datetime:
    """Read an instant, which has an offset."""
    return dt.datetime.fromisoformat(text).astimezone(dt.UTC)


def check_lines(lines: Path, checkpoint: Path, keys: Path) -> int:
    """Check that the first lines of a file are those that a checkpoint was signed for."""
    try:
        size, root = open_checkpoint(checkpoint.read_text(encoding="utf-8"), read_keys(keys))
        is_signed = root_of_lines(lines, size) == root
    except (Wrong, OSError, ValueError, LookupError, TypeError) as problem:
        print(f"WRONG: {problem}")
        return 1
    same = "These are the" if is_signed else "WRONG: these are not the"
    print(f"{same} {size} lines that the checkpoint was signed for: {lines}")
    return 0 if is_signed else 1


def check_pack(folder: Path, keys: Path, allowed: set[str]) -> int:
    """Check an evidence pack."""
    try:
        read = read_keys(keys)
    except (Wrong, OSError, ValueError) as problem:
        print(f"WRONG: {keys} cannot be read as keys: {problem}")
        return 1
    report = Report()
    Pack(folder, read, report).check()
    return report.end(allowed)


def main(arguments: list[str]) -> int:
    """Check what is named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    lines, pack = commands.add_parser("lines"), commands.add_parser("pack")
    for name in ("lines", "checkpoint", "keys"):
        lines.add_argument(name, type=Path)
    for name in ("folder", "keys"):
        pack.add_argument(name, type=Path)
    pack.add_argument("--allow", action="append", choices=WHY, default=[], help="what need not be provable")
    asked = parser.parse_args(arguments)
    if asked.command == "lines":
        return check_lines(asked.lines, asked.checkpoint, asked.keys)
    return check_pack(asked.folder, asked.keys, set(asked.allow))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
