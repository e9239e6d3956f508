"""Check what `dunning audit` hands out, without any of its code: only Python, hashlib and `cryptography`.

    python verify_evidence.py lines LINES.ndjson CHECKPOINT.txt KEY.txt
        that the lines of `dunning audit export --lines` are those that the checkpoint was signed for

    python verify_evidence.py pack FOLDER KEY.txt
        that every decision in an unpacked evidence pack is in the signed log, with just these facts; that every ruleset
        version is, with just these texts; and that the log only grew since each earlier checkpoint

KEY.txt is the public key (`dunning audit key`), received by another route than what is checked. The forms are those of
RFC 6962 (tree), C2SP tlog-checkpoint and signed-note (signature); docs/auditors says what the lines mean.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Wrong(Exception):
    """Something is not as it should be."""


def open_checkpoint(note: str, key: str) -> tuple[int, bytes]:
    """Check the signature of a checkpoint; answers its size and root."""
    name, key_id, encoded = key.strip().split("+", 2)
    raw = base64.b64decode(encoded)
    if hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4] != bytes.fromhex(key_id) or raw[:1] != b"\x01":
        raise Wrong("the key was not copied whole")
    text, _, signatures = note.rpartition("\n\n")
    for line in signatures.splitlines():
        dash, signer, signed = line.split(" ")
        signature = base64.b64decode(signed)
        if dash == "\N{EM DASH}" and signer == name and signature[:4].hex() == key_id:
            try:
                Ed25519PublicKey.from_public_bytes(raw[1:]).verify(signature[4:], text.encode() + b"\n")
            except InvalidSignature:
                raise Wrong("the signature is not of this checkpoint") from None
            _, size, root = text.split("\n")[:3]
            return int(size), base64.b64decode(root)
    raise Wrong(f"{name} has not signed this checkpoint")


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


def check_lines(path: Path, size: int, root: bytes) -> None:
    """Check that the first lines of a file have a root."""
    if root_of_lines(path, size) != root:
        raise Wrong("the lines are not those that the checkpoint was signed for")


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


def check_facts(decision: dict[str, Any], line: dict[str, Any]) -> str:
    """Check that the facts beside a line are those that it commits to."""
    if decision.get("salt") is None:
        return "its facts are masked or erased"
    salt, answer, made_from = bytes.fromhex(decision["salt"]), decision["answer"].encode(), decision["input"].encode()
    if hashlib.sha256(salt + len(answer).to_bytes(8, "big") + answer + made_from).hexdigest() != line["commitment"]:
        raise Wrong("its answer or input is not what was logged")
    if decision.get("related_salt") is not None:
        related = bytes.fromhex(decision["related_salt"]) + decision["related"].encode()
        if hashlib.sha256(related).hexdigest() != line["related"]["commitment"]:
            raise Wrong("the entries of other accounts in its history are not what was logged")
    return "its facts are those that were logged"


def check_pack(folder: Path, key: str) -> None:
    """Check everything in a pack that can be checked."""
    size, root = open_checkpoint((folder / "checkpoint.txt").read_text(encoding="utf-8"), key)
    print(f"checkpoint.txt: signed for {size} lines")
    for path in sorted((folder / "checkpoints").glob("*.json")):
        earlier = json.loads(path.read_text(encoding="utf-8"))
        old_size, old_root = open_checkpoint(earlier["checkpoint"], key)
        check_consistency(old_size, old_root, size, root, [base64.b64decode(each) for each in earlier["hashes"]])
        print(f"checkpoints/{path.name}: signed for {old_size} lines; the log has only grown since")
    for path in sorted(folder.glob("rulesets/*/version-*")):
        try:
            said = check_version(path, size, root)
        except Wrong as wrong:
            raise Wrong(f"{path.relative_to(folder)}: {wrong}") from None
        print(f"{path.relative_to(folder)}: {said}")
    for path in sorted((folder / "decisions").glob("*.json")):
        decision = json.loads(path.read_text(encoding="utf-8"))
        try:
            said = check_decision(decision, size, root)
        except Wrong as wrong:
            raise Wrong(f"decisions/{path.name}: {wrong}") from None
        print(f"decisions/{path.name}: {said}")


def check_version(folder: Path, size: int, root: bytes) -> str:
    """Check that a version was published with just these texts, and what the log says of it afterwards."""
    said = []
    for each in json.loads((folder / "lines.json").read_text(encoding="utf-8")):
        line = json.loads(each["line"])
        if (line["ruleset"], f"version-{line['version']}") != (folder.parent.name, folder.name):
            raise Wrong("its line is another version's")
        check_line(each, size, root)
        said.append(f"{line['kind']} in line {line['index']}")
        if line["kind"] == "publish":
            check_texts(folder, line)
    if not said or not said[0].startswith("publish"):
        raise Wrong("no line says that it was published")
    return f"its texts are those that were published; {', '.join(said)} of the signed log"


def check_texts(folder: Path, line: dict[str, Any]) -> None:
    """Check that the texts of a version are those whose hashes were logged when it was published."""
    names = {"text": f"{line['ruleset']}.yaml", "suite": f"{line['ruleset']}_test.yaml", "facts": "facts.yaml"}
    names |= {name: f"{name}.json" for name in ("canonical", "holidays", "diagnostics")}
    for field, name in names.items():
        found = hashlib.sha256((folder / name).read_bytes()).hexdigest() if (folder / name).exists() else None
        if found != line[field]:
            raise Wrong(f"{name} is not what was published")
    if line["digest"] != f"sha256:{line['canonical']}":
        raise Wrong("its digest is not that of its canonical form")


def check_line(record: dict[str, Any], size: int, root: bytes) -> None:
    """Check that a line is in the signed log, by the proof beside it."""
    proof = [base64.b64decode(each) for each in record["proof"]]
    index: int = json.loads(record["line"])["index"]
    if root_of_inclusion(hash_leaf(record["line"].encode()), index, size, proof) != root:
        raise Wrong(f"line {index} is not in the signed log")


def check_decision(decision: dict[str, Any], size: int, root: bytes) -> str:
    """Check one decision of a pack."""
    if decision["line"] is None:
        return "its line is masked, so that nothing can be checked"
    line = json.loads(decision["line"])
    if (line["id"], line["index"]) != (decision["decision_id"], decision["index"]):
        raise Wrong("its line is another decision's")
    check_line(decision, size, root)
    return f"line {line['index']} of the signed log; {check_facts(decision, line)}"


def main(arguments: list[str]) -> int:
    """Check what is named on the command line; 0 if all is well, 1 if not, 2 if it is not understood."""
    try:
        match arguments:
            case ["lines", lines, checkpoint, key]:
                note, key = (Path(path).read_text(encoding="utf-8") for path in (checkpoint, key))
                size, root = open_checkpoint(note, key)
                check_lines(Path(lines), size, root)
                print(f"{lines}: the {size} lines that the checkpoint was signed for")
            case ["pack", folder, key]:
                check_pack(Path(folder), Path(key).read_text(encoding="utf-8"))
            case _:
                print(__doc__)
                return 2
    except (Wrong, OSError, ValueError, LookupError, TypeError) as problem:
        print(f"WRONG: {problem}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
