"""The program in an evidence pack refuses every forgery, and says how much of a pack it proves."""

import asyncio
import datetime as dt
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.deciding import Sent, make_decision, read_question
from api.evidence import verify_evidence
from api.usage import put_in_use
from api.versions import compile_version
from cli.main import main
from store.checkpoints import Signer
from store.store import Store
from tests.cli.decided import FIRST_DAY, SIGNER, fill, publish
from tests.cli.forgeries import BY_ANYBODY, BY_KEYHOLDERS, Forged

RULESET = "nl-consumer-subscription"
SAMPLE = 40  # more than there are kinds, so that there is one of each
OLD_SIGNER = Signer.make("example.org/old")
Check = Callable[..., tuple[int, str]]


async def prepare(url: str) -> None:
    """Log decisions, an approval and an erasure, and hand out checkpoints of two keys."""
    await fill(url, [RULESET], 300)
    async with await Store.open(url) as store:
        for signer in (OLD_SIGNER, SIGNER):
            head = await store.log.read_head()
            await store.log.keep_checkpoint(head.size, signer.verifier.name, signer.sign(head.size, head.root))
        await publish(store, RULESET, title="Another")
        await store.rulesets.record_event(RULESET, 2, "approve", actor="bob", name="Bob", note="read")
        await store.rulesets.switch_four_eyes(is_on=True, actor="ann", name="Ann")
        await store.rulesets.record_event(RULESET, 2, "retire", actor="ann", name="Ann")
        sample = await store.decisions.sample(SAMPLE, since=None, until=None)
        decisions = [each for each in [await store.decisions.read(name) for name in sample] if each is not None]
        await store.erasures.erase(next(each.account_id for each in decisions if each.rule is None), actor="ann")
        for decision in decisions:
            if decision.channel is not None and await store.accounts.read(decision.account_id) is not None:
                entry = json.dumps({"action": decision.action, "channel": decision.channel, "result": "sent"}).encode()
                await store.history.record(decision.account_id, entry, at=decision.at, decision_id=decision.id)
        await decide_about_parties(store)
        await store.erasures.erase("P-4", actor="ann")


async def decide_about_parties(store: Store) -> None:
    """Decide about P-1, whose party has P-2 and its history, and likewise about P-3 with that of P-4."""
    in_use = put_in_use(tuple(compile_version(version) for version in await store.rulesets.active_at()))
    account = await store.accounts.read("A-1001")
    assert account is not None
    for name, other, days in (("P-1", "P-2", 0), ("P-3", "P-4", 40)):  # two kinds, so that the sample has both
        document = json.dumps(json.loads(account.document) | {"id": name, "party": f"of {name}"}).encode()
        entry = {"account": other, "rule": "friendly-reminder", "at": "2026-11-05", "channel": "email"}
        question = read_question(
            Sent(account=document, history=json.dumps([entry | {"invoices": [f"{other}-1"]}]).encode()),
            known_erasures=0,
            as_of=FIRST_DAY + dt.timedelta(days=days),
            track="dunning",
            ruleset=None,
            version=None,
            explain="reason",
        )
        await store.decision_log.append_many([make_decision(question, in_use).record])


def name_key(signer: Signer) -> str:
    """Name a key as `<name>+<key id>`; the key itself may hold a plus too."""
    return "+".join(f"{signer.verifier}".split("+")[:2])


def run(url: str, *arguments: object, signer: Signer = SIGNER) -> Result:
    """Run a command on a database, with the log's key."""
    environment = {"DATABASE_URL": url, "DUNNING_LOG_KEY": signer.write()}
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], env=environment)
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module")
def log_url(database_url: str) -> str:
    """A database with such a log."""
    asyncio.run(prepare(database_url))
    return database_url


@pytest.fixture(scope="module")
def make_pack(log_url: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Make a pack of that log and unpack it."""

    def make(*arguments: object) -> Path:
        folder = tmp_path_factory.mktemp("pack")
        file = folder.with_suffix(".zip")
        run(log_url, "audit", "pack", "--out", file, *arguments)
        with zipfile.ZipFile(file) as archive:
            archive.extractall(folder)
        return folder

    return make


@pytest.fixture(scope="module")
def pack(make_pack: Callable[..., Path]) -> Path:
    """A pack in which nothing is masked."""
    return make_pack("--sample", SAMPLE)


@pytest.fixture(scope="module")
def masked(make_pack: Callable[..., Path]) -> Path:
    """A pack in which accounts go by other names."""
    return make_pack("--sample", 4, "--mask", "account_id")


@pytest.fixture
def check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Check:
    """Check a pack with the log's key, and with others where they are given."""

    def call(folder: Path, *arguments: str, keys: tuple[Signer, ...] = (SIGNER,)) -> tuple[int, str]:
        path = tmp_path / "keys.txt"
        path.write_text("".join(f"{each.verifier}\n" for each in keys))
        status = verify_evidence.main(["pack", str(folder), str(path), *arguments])
        return status, capsys.readouterr().out

    return call


@pytest.fixture
def forged(pack: Path, masked: Path, tmp_path: Path) -> Forged:
    """A copy to be forged."""
    folder = Path(shutil.copytree(pack, tmp_path / "forged"))
    return Forged(folder=folder, other=masked, signer=SIGNER)


def test_a_pack_ends_with_a_sentence(pack: Path, check: Check) -> None:
    """It says how much is proved, how much not and why; the status is 0 only where just that is allowed."""
    status, said = check(pack)
    rows = said.splitlines()[:-2]
    erased = sum("not provable: " in row and "erased" in row for row in rows)
    proved = sum("not provable" not in row for row in rows)
    assert status == 3
    assert erased >= 2  # the account may be in the sample more than once
    assert said.endswith(
        f"\n{proved} proved, {erased + 1} not provable: {erased} erased, as the log says,"
        " 1 signed with a key that is not in the key file.\n"
    ), said
    assert check(pack, "--allow", "erased")[0] == 3
    assert check(pack, "--allow", "masked", "--allow", "other-key")[0] == 3
    assert check(pack, "--allow", "erased", "--allow", "other-key")[0] == 0


def test_an_older_key_proves_its_checkpoints(pack: Path, check: Check) -> None:
    """With the older key in the file too its checkpoint is proved; without, the key that it takes is named."""
    assert check(pack, "--allow", "erased", keys=(SIGNER, OLD_SIGNER))[0] == 0
    key = name_key(OLD_SIGNER)
    assert f"not provable: example.org/dunning has not signed it, but {key}" in check(pack)[1]
    assert f"1 of them are signed with another key, <code>{key}</code>" in (pack / "index.html").read_text()


def test_checkpoints_of_an_older_key_are_named(log_url: str) -> None:
    """Verifying says how many it did not use and whose key they need; with that key they are used."""
    key = name_key(OLD_SIGNER)
    said = run(log_url, "audit", "verify").stdout
    assert f"Not used: 1 kept checkpoint signed by {key}, which is another key" in said
    told = json.loads(run(log_url, "audit", "verify", "--format", "json", "--key", OLD_SIGNER.verifier).stdout)
    assert key not in told["unused_checkpoints"]
    assert name_key(SIGNER) in told["unused_checkpoints"]


def test_what_was_carried_out_is_proved(pack: Path, check: Check) -> None:
    """Was the letter sent? The page says so, and the line of it is in the signed log with what was recorded."""
    said = check(pack)[1]
    assert "it was recorded as carried out in line" in said
    assert "what was carried out is what was recorded" in said
    assert re.search(r"<dt>carried out</dt><dd>\d{4}-[^<]*, sent \(line \d+\)</dd>", (pack / "index.html").read_text())


def test_what_is_masked_is_counted(masked: Path, check: Check) -> None:
    """A masked pack is not proved where it is masked, and allowed only by name."""
    status, said = check(masked, "--allow", "other-key")
    assert (status, "6 masked when it was packed" in said) == (3, True), said
    assert check(masked, "--allow", "masked", "--allow", "other-key")[0] == 0


def test_a_pack_that_is_signed_anew_is_the_same(forged: Forged, check: Check) -> None:
    """The tests below sign as the log does: unchanged, the pack is as good as before."""
    forged.sign()
    assert check(forged.folder, "--allow", "erased", "--allow", "other-key")[0] == 0


@pytest.mark.parametrize("forgery", BY_ANYBODY)
def test_who_has_the_archive_cannot_forge_it(forged: Forged, check: Check, forgery: str) -> None:
    """Whatever is done to the files of a pack, it is refused, and every flag does not help."""
    BY_ANYBODY[forgery](forged)
    assert_refused(check, forged)


@pytest.mark.parametrize("forgery", BY_KEYHOLDERS)
def test_who_has_the_key_cannot_forge_what_the_log_says(forged: Forged, check: Check, forgery: str) -> None:
    """What contradicts the log is refused even where the list of files was signed anew with the log's key."""
    BY_KEYHOLDERS[forgery](forged)
    forged.sign()
    assert_refused(check, forged)


def assert_refused(check: Check, forged: Forged) -> None:
    """A pack is refused, whatever need not be provable."""
    flags = ("--allow", "erased", "--allow", "masked", "--allow", "other-key")
    status, said = check(forged.folder, *flags)
    assert (status, said.splitlines()[-1].startswith("REFUSED")) == (1, True), said


def test_there_are_fifty_forgeries() -> None:
    """No fewer than the issue asks for."""
    assert len(BY_ANYBODY) + len(BY_KEYHOLDERS) >= 50


def test_a_pack_can_be_checked_by_hand(pack: Path) -> None:
    """The rows of the list are those of sha256sum; what the list says of the pack is JSON."""
    title, about, row, *_ = (pack / "manifest.txt").read_text().splitlines()
    assert title == "example.org/dunning evidence pack"
    assert json.loads(about)["masks"] == ""
    assert row.split("  ")[1] == "checkpoint.txt"


@pytest.mark.parametrize("text", ["", "nonsense\n", "example.org/dunning+00000000+AAAA\n"])
def test_a_key_that_is_none_is_said(pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    """A file that holds no key, or one that was not copied whole, proves nothing."""
    path = tmp_path / "keys.txt"
    path.write_text(text)
    assert verify_evidence.main(["pack", str(pack), str(path)]) == 1
    assert "WRONG" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("before", "index", "account", "is_explained"),
    [
        ("2026-11-21T00:00:00Z", 0, None, True),
        ("2026-11-20T00:00:00Z", 0, None, False),
        ("2027-11-20T00:00:00Z", 0, None, False),
        (None, 7, "A-1", True),
        (None, 6, "A-1", False),
        (None, 7, "A-2", False),
    ],
)
def test_what_explains_that_facts_are_gone(
    before: str | None, index: int, account: str | None, *, is_explained: bool
) -> None:
    """A retention of what is older, never of what is to come; an erasure of that account after its facts were read."""
    gone = {
        "kind": "erasure" if before is None else "retention",
        "before": before,
        "index": index,
        "account_id": account,
    }
    pack = verify_evidence.Pack(Path(), [], verify_evidence.Report())
    pack.gone.append(gone | {"at": "2026-11-22T00:00:00Z"})
    assert pack.is_explained({"at": "2026-11-20T08:00:00Z", "known_erasures": 7}, {"A-1"}) == is_explained
