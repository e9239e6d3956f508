"""Account documents."""

import asyncio
import datetime as dt
import itertools
import json

import pytest

from store.accounts import ImportedLine, ImportProgress, ImportStep
from store.errors import ImportConflict, RevisionMismatch, UnknownAccount, Unstorable
from store.identifiers import make_id
from store.store import Store

pytestmark = pytest.mark.anyio

AT = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
NAMES = (f"A-{number}" for number in itertools.count())


def accept(_document: bytes) -> None:
    """Accept any document."""


async def test_a_document_comes_back_byte_for_byte(store: Store) -> None:
    """Digits, order, spaces and escaped characters are kept as they were given."""
    name = next(NAMES)
    document = b'{ "open": 10.10, "id":"A", "note": "\\u0000 \\u20ac" }'
    revision, is_new = await store.accounts.put(name, document)
    assert is_new
    stored = await store.accounts.read(name)
    assert stored is not None
    assert (stored.document, stored.revision) == (document, revision)


async def test_the_revision_changes_with_the_document_only(store: Store) -> None:
    """The same document again keeps its revision; another gets a new one; a deleted account's is never used again."""
    name = next(NAMES)
    first, _ = await store.accounts.put(name, b'{"x":1}')
    assert await store.accounts.put(name, b'{"x":1}') == (first, False)
    second, _ = await store.accounts.put(name, b'{"x":2}')
    await store.erasures.erase(name, actor="test")
    third, is_new = await store.accounts.put(name, b'{"x":1}')
    assert is_new
    assert first < second < third


async def test_a_put_with_an_expected_revision_never_overwrites_another(store: Store) -> None:
    """Of many that replace the same revision at once exactly one succeeds."""
    name = next(NAMES)
    revision, _ = await store.accounts.put(name, b'{"x":0}', expected_revision=0)
    puts = [store.accounts.put(name, b'{"x":%d}' % n, expected_revision=revision) for n in range(1, 9)]
    answers = await asyncio.gather(*puts, return_exceptions=True)
    assert sum(isinstance(answer, RevisionMismatch) for answer in answers) == 7
    with pytest.raises(RevisionMismatch, match="expected at revision 0, and it is at revision"):
        await store.accounts.put(name, b"{}", expected_revision=0)
    with pytest.raises(RevisionMismatch, match="it is not stored"):
        await store.accounts.put(next(NAMES), b"{}", expected_revision=5)


async def test_patches_from_many_sides_are_all_kept(store: Store) -> None:
    """Patches of different keys at once lose none."""
    name = next(NAMES)
    await store.accounts.put(name, b"{}")
    patches = [b'{"k%d": %d.50}' % (number, number) for number in range(12)]
    await asyncio.gather(*(store.accounts.patch(name, patch, accept) for patch in patches))
    stored = await store.accounts.read(name)
    assert stored is not None
    assert json.loads(stored.document) == {f"k{number}": number + 0.5 for number in range(12)}


async def test_a_patch_whose_outcome_is_refused_changes_nothing(store: Store) -> None:
    """What the caller's check raises about the merged document reaches the caller and undoes the patch."""
    name = next(NAMES)
    revision, _ = await store.accounts.put(name, b'{"x":1}')

    def refuse(document: bytes) -> None:
        raise ArithmeticError(document.decode())

    with pytest.raises(ArithmeticError, match='"x":1,"y":2'):
        await store.accounts.patch(name, b'{"y":2}', refuse)
    stored = await store.accounts.read(name)
    assert stored is not None
    assert (stored.document, stored.revision) == (b'{"x":1}', revision)


async def test_a_patch_needs_the_account_and_its_revision(store: Store) -> None:
    """An unknown account and a revision that is no longer the stored one are refused."""
    name = next(NAMES)
    with pytest.raises(UnknownAccount):
        await store.accounts.patch(name, b"{}", accept)
    revision, _ = await store.accounts.put(name, b"{}")
    with pytest.raises(RevisionMismatch):
        await store.accounts.patch(name, b'{"x":1}', accept, expected_revision=revision + 1)
    patched = await store.accounts.patch(name, b'{"x":1}', accept, expected_revision=revision)
    assert patched == await store.accounts.read(name)


async def test_many_reads_at_once_each_get_their_own_account(store: Store) -> None:
    """Reads that share a statement are answered each with its own; the same account may be asked for many times."""
    lines = [ImportedLine(id=f"many-{number}", document=b'{"n":%d}' % number) for number in range(300)]
    await store.accounts.import_lines(lines)
    asked = [f"many-{number % 310}" for number in range(900)]
    answers = await asyncio.gather(*(store.accounts.read(name) for name in asked))
    found = [answer and json.loads(answer.document)["n"] for answer in answers]
    assert found == [number % 310 if number % 310 < 300 else None for number in range(900)]


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
async def test_a_name_that_cannot_be_stored_spoils_no_other_read(store: Store, name: str) -> None:
    """An id that PostgreSQL cannot hold is no account, and the reads beside it are answered."""
    good = next(NAMES)
    await store.accounts.put(good, b"{}")
    answers = await asyncio.gather(store.accounts.read(name), store.accounts.read(good))
    assert answers[0] is None
    assert answers[1] is not None
    assert not await store.erasures.erase(name, actor="test")
    with pytest.raises(Unstorable):
        await store.accounts.put(name, b"{}")


async def test_history_of_the_party_comes_with_the_account(store: Store) -> None:
    """An account is read with its own entries and its party's, oldest first, and nobody else's."""
    await store.accounts.put("P-1", b'{"party":"P"}')
    await store.accounts.put("P-2", b'{"party":"P"}')
    await store.accounts.put("P-3", b"{}")
    for name, hours in (("P-2", 2), ("P-1", 3), ("P-1", 1), ("P-3", 0)):
        entry = json.dumps({"rule": f"{name} at {hours}"}).encode()
        await store.history.record(name, entry, at=AT + dt.timedelta(hours=hours))
    one, three = await asyncio.gather(*(store.accounts.read_with_history(name) for name in ("P-1", "P-3")))
    assert one is not None
    assert three is not None
    entries = [(entry.account_id, json.loads(entry.entry)["rule"]) for entry in one.history]
    assert entries == [("P-1", "P-1 at 1"), ("P-2", "P-2 at 2"), ("P-1", "P-1 at 3")]
    assert await store.history.list_for_account("P-1") == one.history
    assert [entry.account_id for entry in three.history] == ["P-3"]
    assert await store.history.list_for_account("P-3") == three.history


async def test_an_import_counts_what_it_did_and_remembers_how_far_it_came(store: Store) -> None:
    """New, replaced and unchanged lines are counted; a line later in the batch wins over an earlier one."""
    import_id = make_id()
    assert await store.accounts.begin_import(import_id) == ImportProgress()
    lines = [ImportedLine(id=f"I-{number}", document=b'{"n":1}') for number in range(3)]
    first = await store.accounts.import_lines(lines, step=step_of(import_id, 0, 3))
    assert (first.new_count, first.replaced_count, first.unchanged_count) == (3, 0, 0)
    more = [lines[0], *(ImportedLine(id="I-1", document=b'{"n":%d}' % n) for n in (2, 3))]
    second = await store.accounts.import_lines(more, step=step_of(import_id, 3, 6))
    assert (second.new_count, second.replaced_count, second.unchanged_count) == (0, 1, 2)
    stored = await store.accounts.read("I-1")
    assert stored is not None
    assert stored.document == b'{"n":3}'
    assert (await store.accounts.begin_import(import_id)).lines_done == 6
    assert await store.accounts.read_import(make_id()) is None


async def test_two_requests_cannot_go_on_with_one_import(store: Store) -> None:
    """The slower one stores nothing: it would count lines that the other has done."""
    import_id = make_id()
    await store.accounts.begin_import(import_id)
    await store.accounts.import_lines([ImportedLine(id="fast", document=b"{}")], step=step_of(import_id, 0, 1))
    with pytest.raises(ImportConflict):
        await store.accounts.import_lines([ImportedLine(id="slow", document=b"{}")], step=step_of(import_id, 0, 1))
    assert await store.accounts.read("slow") is None


async def test_a_bad_batch_is_refused_whole(store: Store) -> None:
    """One line that cannot be stored keeps its batch and its progress out."""
    import_id = make_id()
    await store.accounts.begin_import(import_id)
    lines = [ImportedLine(id="bad-1", document=b"{}"), ImportedLine(id="bad\0", document=b"{}")]
    with pytest.raises(Unstorable):
        await store.accounts.import_lines(lines, step=step_of(import_id, 0, 2))
    assert await store.accounts.read("bad-1") is None
    assert await store.accounts.read_import(import_id) == ImportProgress()


def step_of(import_id: str, lines_before: int, lines_done: int) -> ImportStep:
    """A step of an import, whatever its lines say."""
    return ImportStep(import_id=import_id, lines_before=lines_before, lines_done=lines_done, digest=b"digest")
