"""Signed checkpoints of the log, in the forms of C2SP: tlog-checkpoint for what is signed, signed-note for how."""

import base64
import hashlib
import hmac
import secrets

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from store.merkle import EMPTY_ROOT

_ED25519 = b"\x01"  # signed-note's algorithm byte
_DASH = "\N{EM DASH} "
_PRIVATE = "PRIVATE+KEY+"
_HASH_BYTES = 32
_ID_BYTES = 4
_LEAST_LINES = 3


class KeyInvalid(ValueError):
    """A text is no key of a log."""


class CheckpointInvalid(ValueError):
    """A text is no checkpoint, or not one that this key signed."""


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a log commits to: that its first `size` lines have this root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class Verifier:
    """A log's public key, written `<name>+<key id>+<key>`; its name is the log's origin."""

    def __init__(self, name: str, key: Ed25519PublicKey) -> None:
        self.name = name
        self._key = key
        self._raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.key_id = hashlib.sha256(name.encode() + b"\n" + _ED25519 + self._raw).digest()[:_ID_BYTES]

    @classmethod
    def read(cls, text: str) -> "Verifier":
        """Read a public key; raises KeyInvalid."""
        name, key_id, raw = _split_key(text.strip())
        verifier = cls(name, Ed25519PublicKey.from_public_bytes(raw))
        if verifier.key_id != key_id:
            raise KeyInvalid("the key does not fit its own id: it was not copied whole")
        return verifier

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(_ED25519 + self._raw).decode()}"

    def has_endorsed(self, new: "Verifier", signature: str) -> bool:
        """Whether this key signed that another takes its place."""
        signed = _decode(signature)
        try:
            self._key.verify(signed or b"", _write_endorsement(self, new))
        except InvalidSignature:
            return False
        return True

    def open(self, note: str) -> Checkpoint:
        """Read a signed checkpoint; raises CheckpointInvalid unless this key signed it."""
        text, _, signatures = note.rpartition("\n\n")
        text += "\n"
        for line in signatures.splitlines():
            if not line.startswith(_DASH):
                continue
            name, _, encoded = line.removeprefix(_DASH).partition(" ")
            signed = _decode(encoded)
            if name == self.name and signed is not None and signed[:_ID_BYTES] == self.key_id:
                try:
                    self._key.verify(signed[_ID_BYTES:], text.encode())
                except InvalidSignature:
                    raise CheckpointInvalid(f"the signature of {name} is not of this checkpoint") from None
                return _read_text(text)
        raise CheckpointInvalid(f"no signature by {self.name} is under it")


class Signer:
    """A log's private key; written as Go's sumdb/note writes one, so that other tools can read it."""

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        if not name or any(letter.isspace() or letter == "+" for letter in name):
            raise KeyInvalid(f"{name!r} is no name of a log: it may hold neither blanks nor +")
        self.verifier = Verifier(name, key.public_key())
        self._key = key

    @classmethod
    def make(cls, name: str | None = None) -> "Signer":
        """Make a new key; left out, the name is one that no other log has."""
        return cls(name or f"dunning.local/{secrets.token_hex(8)}", Ed25519PrivateKey.generate())

    @classmethod
    def read(cls, text: str) -> "Signer":
        """Read a private key; raises KeyInvalid."""
        if not text.strip().startswith(_PRIVATE):
            raise KeyInvalid(f"a private key begins with {_PRIVATE}")
        name, key_id, raw = _split_key(text.strip().removeprefix(_PRIVATE))
        signer = cls(name, Ed25519PrivateKey.from_private_bytes(raw))
        if signer.verifier.key_id != key_id:
            raise KeyInvalid("the key does not fit its own id: it was not copied whole")
        return signer

    def write(self) -> str:
        """Write the private key."""
        raw = self._key.private_bytes(
            serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
        )
        key_id = self.verifier.key_id.hex()
        return f"{_PRIVATE}{self.verifier.name}+{key_id}+{base64.b64encode(_ED25519 + raw).decode()}"

    def derive(self, purpose: str) -> bytes:
        """Return a secret for another purpose, from which nobody learns this key."""
        raw = self._key.private_bytes(
            serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
        )
        return hmac.digest(raw, purpose.encode(), "sha256")

    def endorse(self, new: Verifier) -> str:
        """Sign that another key takes the place of this one."""
        return base64.b64encode(self._key.sign(_write_endorsement(self.verifier, new))).decode()

    def sign(self, size: int, root: bytes) -> str:
        """Write the signed checkpoint of a tree."""
        return self.sign_text(Checkpoint(origin=self.verifier.name, size=size, root=root).text)

    def sign_text(self, text: str) -> str:
        """Write a text, which ends with a line's end, as a signed note."""
        signed = self.verifier.key_id + self._key.sign(text.encode())
        return f"{text}\n{_DASH}{self.verifier.name} {base64.b64encode(signed).decode()}\n"


def name_keys(note: str) -> str:
    """Name the keys that are said to have signed a note, as `<name>+<key id>`, so that the right one can be found."""
    rows = [line.removeprefix(_DASH).split(" ") for line in note.rpartition("\n\n")[2].splitlines()]
    signed = [(row[0], _decode(row[-1])) for row in rows]
    return " and ".join(f"{name}+{raw[:_ID_BYTES].hex()}" for name, raw in signed if raw is not None) or "nobody"


def _write_endorsement(old: Verifier, new: Verifier) -> bytes:
    return f"dunning log key\n{old}\n{new}\n".encode()


def _read_text(text: str) -> Checkpoint:
    lines = text.splitlines()
    root = _decode(lines[2]) if len(lines) >= _LEAST_LINES else None
    if root is None or len(root) != _HASH_BYTES or not (lines[1].isdecimal() and lines[1].isascii()):
        raise CheckpointInvalid("it is not made of origin, size and root hash")
    checkpoint = Checkpoint(origin=lines[0], size=int(lines[1]), root=root)
    if checkpoint.size == 0 and root != EMPTY_ROOT:
        raise CheckpointInvalid("a log of no lines has another root")
    return checkpoint


def _split_key(text: str) -> tuple[str, bytes, bytes]:
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    raw = _decode(encoded)
    if not name or raw is None or raw[:1] != _ED25519 or len(raw) != 1 + _HASH_BYTES:
        raise KeyInvalid("a key is written <name>+<key id>+<Ed25519 key in base64>")
    try:
        return name, bytes.fromhex(key_id), raw[1:]
    except ValueError:
        raise KeyInvalid(f"{key_id!r} is no key id") from None


def _decode(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None
