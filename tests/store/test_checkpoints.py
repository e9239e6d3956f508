"""Checkpoints and keys, in the forms that other tools of transparency logs read."""

from pathlib import Path

import pytest

from store.checkpoints import Checkpoint, CheckpointInvalid, KeyInvalid, Signer, Verifier
from store.logkey import find_signer, write_key
from store.merkle import EMPTY_ROOT

# From the documentation of Go's golang.org/x/mod/sumdb/note: a key pair and a note signed with it.
GO_KEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

ROOT = bytes(range(32))


def test_keys_are_those_of_go() -> None:
    """A private key that Go's sumdb/note wrote gives the public key that Go gives."""
    signer = Signer.read(GO_KEY)
    assert str(signer.verifier) == GO_VERIFIER
    assert signer.write() == GO_KEY
    assert str(Verifier.read(GO_VERIFIER)) == GO_VERIFIER


def test_a_checkpoint_is_read_back_by_who_has_the_public_key() -> None:
    """What was signed is read back; it has the lines of tlog-checkpoint."""
    signer = Signer.make("example.com/log")
    note = signer.sign(42, ROOT)
    assert note.startswith("example.com/log\n42\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n— example.com/log ")
    read = Verifier.read(str(signer.verifier)).open(note)
    assert read == Checkpoint(origin="example.com/log", size=42, root=ROOT)
    assert signer.verifier.open(signer.sign(0, EMPTY_ROOT)).size == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("42", "43"),
        ("AAEC", "AAED"),
        ("example.com/log\n4", "example.com/lug\n4"),
        ("— ", "- "),
        ("\n\n", "\nmore\n\n"),
    ],
)
def test_a_changed_checkpoint_is_refused(old: str, new: str) -> None:
    """Whatever is changed in a checkpoint, its signature no longer holds."""
    signer = Signer.make("example.com/log")
    with pytest.raises(CheckpointInvalid):
        signer.verifier.open(signer.sign(42, ROOT).replace(old, new, 1))


def test_the_signature_of_another_log_does_not_count() -> None:
    """Another key of the same name is another key."""
    note = Signer.make("example.com/log").sign(42, ROOT)
    with pytest.raises(CheckpointInvalid, match=r"no signature by example\.com/log"):
        Signer.make("example.com/log").verifier.open(note)


@pytest.mark.parametrize("text", ["", "x", GO_VERIFIER[:-4], GO_VERIFIER.replace("c74f", "c74e"), GO_KEY, "a+zz+AA=="])
def test_what_is_no_key_is_refused(text: str) -> None:
    """A key that was not copied whole, or is none, is refused with a sentence."""
    with pytest.raises(KeyInvalid):
        Verifier.read(text)


@pytest.mark.parametrize("text", ["", GO_VERIFIER, GO_KEY[:-4], GO_KEY.replace("c74f", "c74e")])
def test_what_is_no_private_key_is_refused(text: str) -> None:
    """As for public keys."""
    with pytest.raises(KeyInvalid):
        Signer.read(text)


def test_a_name_with_blanks_is_refused() -> None:
    """A name that could not be told from what follows it is refused."""
    with pytest.raises(KeyInvalid, match="no name of a log"):
        Signer.make("our log")


def test_the_embedded_case_makes_a_key_once(tmp_path: Path) -> None:
    """The first start makes a key that only its user can read; the next finds it."""
    first = find_signer(key=None, key_file=None, home=tmp_path / "new")
    again = find_signer(key=None, key_file=None, home=tmp_path / "new")
    assert first is not None
    assert again is not None
    assert first.write() == again.write()
    file = tmp_path / "new" / "log.key"
    assert file.stat().st_mode & 0o077 == 0
    write_key(file, Signer.make())
    assert file.read_text().strip() == first.write()
    assert [path.name for path in file.parent.iterdir()] == ["log.key"]


def test_a_key_that_is_given_goes_first(tmp_path: Path) -> None:
    """A variable goes before a file, a file before the embedded one; without any there is none."""
    file = tmp_path / "given"
    write_key(file, Signer.make("from.file"))
    by_variable = find_signer(key=GO_KEY, key_file=file, home=tmp_path)
    by_file = find_signer(key=None, key_file=file, home=tmp_path)
    assert by_variable is not None
    assert by_variable.verifier.name == "PeterNeumann"
    assert by_file is not None
    assert by_file.verifier.name == "from.file"
    assert find_signer(key=None, key_file=None, home=None) is None
    with pytest.raises(KeyInvalid, match="cannot be read from"):
        find_signer(key=None, key_file=tmp_path / "none", home=None)
    file.write_text("nonsense")
    with pytest.raises(KeyInvalid, match="given: a private key begins"):
        find_signer(key=None, key_file=file, home=None)
