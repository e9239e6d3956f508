"""`dunning audit` and `dunning replay`, on a log of real decisions."""

import asyncio
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from api.evidence import versions
from cli.main import main
from cli.reporters.verificationtext import write_verification
from store.checkpoints import Checkpoint, Signer
from store.findings import Finding
from store.store import Store
from store.verifying import Verification
from store.witnesses import Fit, Verdict
from tests.cli.decided import SIGNER, fill, publish_at

VERIFIER = Path(__file__).parents[2] / "api" / "evidence" / "verify_evidence.py"
DECISIONS_COUNT = 300
RULESETS = ("nl-consumer-subscription", "se-consumer-invoice", "uk-consumer")
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def log_url(database_url: str) -> str:
    """A database with decisions in its log."""
    asyncio.run(fill(database_url, RULESETS, DECISIONS_COUNT))
    return database_url


@pytest.fixture
def run(log_url: str) -> Run:
    """Run a command on that database, with the log's key."""

    def call(
        *arguments: object, status: int = 0, has_key: bool = True, environment: Mapping[str, str] | None = None
    ) -> Result:
        usual = {"DATABASE_URL": log_url, "DUNNING_LOG_KEY": SIGNER.write() if has_key else "", "COLUMNS": "200"}
        result = CliRunner().invoke(
            main, [str(argument) for argument in arguments], env={**usual, **(environment or {})}
        )
        assert result.exit_code == status, result.output
        return result

    return call


@pytest.fixture
def tampered(log_url: str) -> Iterator[str]:
    """One decision of the log has another answer than was logged; afterwards it is as it was."""
    changed = asyncio.run(change(log_url, "answer", '"channel":"email"', '"channel":"fax"'))
    yield changed
    asyncio.run(change(log_url, "answer", '"channel":"fax"', '"channel":"email"', changed))


@pytest.fixture
def of_the_second_edition(log_url: str, tampered: str) -> Iterator[str]:
    """The tampered decision looks as one logged under the second edition of the language, which named none."""
    named, unnamed = ',"language_edition":3},"rulesets":', '},"rulesets":'
    asyncio.run(change(log_url, "input", named, unnamed, tampered))
    yield tampered
    asyncio.run(change(log_url, "input", unnamed, named, tampered))


async def change(url: str, column: str, old: str, new: str, decision_id: str | None = None) -> str:
    """Replace words in a logged decision, the first that has them where none is named; return its id."""
    connection = await asyncpg.connect(url)
    await connection.execute("ALTER TABLE dunning.decisions DISABLE TRIGGER USER")
    changed: str = await connection.fetchval(
        f"UPDATE dunning.decisions SET {column} = replace({column}, $1, $2) WHERE id = coalesce($3::text::uuid,"  # noqa: S608
        f" (SELECT id FROM dunning.decisions WHERE strpos({column}, $1) > 0 ORDER BY id LIMIT 1)) RETURNING id::text",
        old,
        new,
        decision_id,
    )
    await connection.execute("ALTER TABLE dunning.decisions ENABLE TRIGGER USER")
    await connection.close()
    return changed


async def approve(url: str, name: str, number: int) -> None:
    """Approve a version as Bob."""
    async with await Store.open(url) as store:
        bob = (await store.tokens.create("Bob", frozenset({"publish"}))).token
        await store.rulesets.record_event(name, number, "approve", actor=bob.id, note="read it with Ann")


def verify_independently(*arguments: object) -> tuple[int, str]:
    """Run the program that auditors get, with nothing of ours to import."""
    command = [sys.executable, "-I", str(VERIFIER), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.fixture
def files(run: Run, tmp_path: Path) -> dict[str, Path]:
    """A checkpoint and the key, as an auditor keeps them."""
    kept = {"checkpoint": tmp_path / "checkpoint.txt", "key": tmp_path / "key.txt"}
    kept["checkpoint"].write_text(run("audit", "checkpoint").stdout)
    kept["key"].write_text(run("audit", "key").stdout)
    return kept


def test_a_whole_log_is_verified_against_a_checkpoint(run: Run, files: dict[str, Path]) -> None:
    """Against a checkpoint kept elsewhere it is the one that was signed; without one it only agrees with itself."""
    said = run("audit", "verify", "--checkpoint", files["checkpoint"], "--key", files["key"].read_text()).stdout
    assert re.search(rf"The log is whole: [\d,]+ lines, {DECISIONS_COUNT:,} of them decisions, .* signed for", said)
    told = json.loads(run("audit", "verify", "--format", "json").stdout)
    assert (told["findings"], told["decisions_count"]) == ([], DECISIONS_COUNT)
    assert "No checkpoint kept elsewhere" in run("audit", "verify", has_key=False).stdout


def test_a_changed_log_is_told_with_the_place(run: Run, files: dict[str, Path], tampered: str) -> None:
    """An edit past the program ends with status 5 and names the decision and its line."""
    said = run("audit", "verify", "--checkpoint", files["checkpoint"], status=5).stdout
    place = rf"^(\d+): edit: decision {tampered}: its answer or input is not what was logged$"
    assert re.search(place, said, re.MULTILINE)
    assert re.search(r"^The checkpoint for [\d,]+ lines fits: ", said, re.MULTILINE)
    assert "The log is not whole" in said


def test_of_each_given_checkpoint_it_is_said_whether_it_fits() -> None:
    """One line for each that was given, none for those that the database kept."""
    finding = Finding(kind="edit", first=3, last=3, message="it is not what was logged")
    sizes: dict[Verdict, int] = {"fits": 3, "explained": 4, "differs": 5, "unproven": 6}
    fits = tuple(Fit(size=size, root=bytes(32), verdict=verdict) for verdict, size in sizes.items())
    given = [Checkpoint(origin="log", size=size, root=bytes(32)) for size in (3, 4, 5, 6)]
    verification = Verification(
        size=9,
        root=bytes(32),
        decisions_count=9,
        findings=(finding,),
        findings_count=1,
        checkpoints=(*fits, Fit(size=7, root=bytes(32), verdict="differs")),
        notes=("times were wrong",),
    )
    lines = write_verification(verification, given).splitlines()
    assert [line.split(":")[0].split("once")[0].strip() for line in lines[1:5]] == [
        "The checkpoint for 3 lines fits",
        "The checkpoint for 4 lines fits",
        "The checkpoint for 5 lines does not fit.",
        "The checkpoint for 6 lines cannot be held against the log",
    ]
    assert "what is told above is undone" in lines[2]
    assert lines[0] == "3: edit: it is not what was logged"
    assert lines[5] == "Note: times were wrong."
    assert lines[6].startswith("The log is not whole")


def test_a_log_without_its_end_is_not_whole(run: Run, log_url: str) -> None:
    """Where the row that holds the log's end is gone, that is said, with the status of a changed log."""

    async def swap(statement: str) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(log_url)
        rows: list[asyncpg.Record] = await connection.fetch(statement)
        await connection.close()
        return rows

    ((size, peaks),) = asyncio.run(swap("DELETE FROM dunning.log_head RETURNING size, peaks"))
    try:
        assert "the log has lost its end" in run("audit", "verify", status=5).output
    finally:
        hashes = ",".join(f"'\\x{peak.hex()}'" for peak in peaks)
        asyncio.run(swap(f"INSERT INTO dunning.log_head (size, peaks) VALUES ({size}, ARRAY[{hashes}]::bytea[])"))  # noqa: S608


def test_a_checkpoint_of_another_log_is_refused(run: Run, files: dict[str, Path]) -> None:
    """A checkpoint that the key did not sign, or a key that is none, is said, and nothing is proven."""
    other = files["key"].with_name("other.txt")
    other.write_text(Signer.make("example.org/dunning").sign(1, bytes(32)))
    assert "is not a checkpoint of this log" in run("audit", "verify", "--checkpoint", other, status=1).output
    assert "a key is written" in run("audit", "verify", "--key", "nonsense", status=2).output
    output = run("audit", "verify", "--checkpoint", files["checkpoint"], has_key=False, status=2).output
    assert "give it with --key" in output


def test_a_key_is_made_once(run: Run, tmp_path: Path) -> None:
    """A new key is written to a file, its public half printed; a key that is there is never overwritten."""
    file = tmp_path / "log.key"
    printed = run("audit", "key", "--new", file, "--name", "example.com/log").stdout.strip()
    assert printed == str(Signer.read(file.read_text()).verifier)
    assert printed.startswith("example.com/log+")
    assert "never overwritten" in run("audit", "key", "--new", file, status=2).output
    assert "no name of a log" in run("audit", "key", "--new", tmp_path / "x", "--name", "two words", status=1).output
    for command in (["audit", "key"], ["audit", "checkpoint"], ["audit", "pack", "--out", tmp_path / "e.zip"]):
        assert "key" in run(*command, has_key=False, status=2).output


def test_a_key_is_replaced_by_one_that_it_signs(run: Run, tmp_path: Path) -> None:
    """The log says which key follows which; a file that holds none is said, and nothing is logged."""
    file = tmp_path / "next.key"
    run("audit", "key", "--new", file, "--name", "example.org/next")
    assert run("audit", "key", "--replace-with", file).stdout.startswith("example.org/next+")
    assert "unsigned" not in run("audit", "verify").stdout
    back = tmp_path / "back.key"
    back.write_text(SIGNER.write())
    environment = {"DUNNING_LOG_KEY": file.read_text().strip()}
    run("audit", "key", "--replace-with", back, environment=environment)
    file.write_text("nonsense")
    assert "a private key begins with" in run("audit", "key", "--replace-with", file, status=2).output


def test_exported_lines_are_verified_by_a_program_of_its_own(run: Run, files: dict[str, Path], tmp_path: Path) -> None:
    """The independent program proves the exported lines against the checkpoint, and finds a changed one."""
    lines = tmp_path / "lines.ndjson"
    run("audit", "export", "--lines", "--out", lines)
    assert verify_independently("lines", lines, files["checkpoint"], files["key"])[0] == 0
    text = lines.read_text()
    for old, new in (('"act"', '"none"'), ('{"index":7,', '{"index":8,'), (text.split("\n")[9] + "\n", "")):
        lines.write_text(text.replace(old, new, 1))
        code, said = verify_independently("lines", lines, files["checkpoint"], files["key"])
        assert (code, said.startswith("WRONG")) == (1, True)
    other = tmp_path / "other.txt"
    other.write_text(f"{Signer.make('example.org/dunning').verifier}\n")
    assert "has not signed" in verify_independently("lines", lines, files["checkpoint"], other)[1]
    assert verify_independently()[0] == 2


def test_decisions_are_exported(run: Run, tmp_path: Path) -> None:
    """NDJSON on standard output, Parquet in a file: the same rows, narrowed by the options."""
    rows = [json.loads(row) for row in run("audit", "export", "--ruleset", "uk-consumer").stdout.splitlines()]
    assert {row["ruleset"] for row in rows} == {"uk-consumer"}
    file = tmp_path / "log.parquet"
    run("audit", "export", "--ruleset", "uk-consumer", "--format", "parquet", "--out", file)
    assert parquet.read_table(file).to_pylist() == rows
    account = rows[0]["account_id"]
    masks = [f"--mask={name}" for name in ("account_id", "input", "answer.claim")]
    assert account not in run("audit", "export", "--account", account, *masks).stdout
    assert run("audit", "export", "--since", "2999-01-01").stdout == ""
    assert "a mask begins with" in run("audit", "export", "--mask", "name", status=2).output
    assert "all lines of the log" in run("audit", "export", "--lines", "--rule", "x", status=2).output
    assert "lacks its offset" in run("audit", "export", "--since", "2026-01-01T10:00", status=2).output


def test_a_pack_is_evidence_that_checks_itself(run: Run, log_url: str, files: dict[str, Path], tmp_path: Path) -> None:
    """A person finds the rulesets, the decisions and their reasons; the program in it proves every decision."""
    file, folder = tmp_path / "evidence.zip", tmp_path / "evidence"
    asyncio.run(publish_at(log_url, "nl-consumer-subscription", "Another"))
    asyncio.run(approve(log_url, "nl-consumer-subscription", 2))
    told = run("audit", "pack", "--out", file, "--sample", 12, "--since", "2020-01-01").stdout
    assert re.search(rf"{len(RULESETS) + 1} ruleset versions, 12 decisions", told)
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder)
    page = (folder / "index.html").read_text()
    said = [
        "Rulesets in force",
        "nl-consumer-subscription version 2",
        "100 % covered",
        "nothing changed",
        "No behaviour",
    ]
    for words in (*said, "by Bob (…", "read it with Ann"):
        assert words in page
    linked = re.findall(r'href="([^"]+)"', page)
    assert len(linked) > 12
    assert all((folder / name).is_file() for name in linked)
    version = folder / "rulesets" / "nl-consumer-subscription" / "version-2"
    assert (version / "nl-consumer-subscription.yaml").read_text().count("title: Another") == 1
    assert "+title: Another" in (version / "diff-from-version-1.diff").read_text()
    assert "No behaviour change" in (version / "diff-from-version-1.html").read_text()
    assert "Another" in (version / "nl-consumer-subscription.html").read_text()
    assert json.loads((version / "version.json").read_text())["suite"]["failed"] == []
    code, checked = verify_independently("pack", folder, files["key"])
    assert (code, checked.count("its facts are those that were logged")) == (0, 12), checked
    assert checked.count("its texts are those that were published; publish in line") == len(RULESETS) + 1
    assert re.search(r"version-2: .* publish in line \d+, approve in line \d+ of the signed log", checked)
    explained = [json.loads(path.read_text()) for path in (folder / "explained").glob("*.json")]
    assert explained
    assert all("facts" in each["explanation"] for each in explained if each["ruleset"] is not None)
    records = list((folder / "decisions").glob("*.json"))
    assert len(records) == 12
    assert all(json.loads(path.read_text())["replay"] == "equal, byte for byte" for path in records)


def test_a_masked_pack_shows_nobody(run: Run, log_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is masked is in no file of the pack, erasures included."""

    async def erase() -> None:
        async with await Store.open(log_url) as store:
            await store.accounts.put("A-1999", b"{}")
            await store.erasures.erase("A-1999", actor="ann")

    async def find_nothing(*_: object, **__: object) -> tuple[()]:
        return ()

    monkeypatch.setattr(versions, "find_versions", find_nothing)  # they hold nothing personal, and take a while
    asyncio.run(erase())
    file = tmp_path / "evidence.zip"
    run("audit", "pack", "--out", file, "--sample", 5, "--mask", "account_id", "--mask", "input", "--mask", "answer")
    with zipfile.ZipFile(file) as archive:
        packed = "".join(archive.read(name).decode() for name in archive.namelist() if not name.startswith("rulesets/"))
        events = [json.loads(row) for row in archive.read("events.ndjson").splitlines()]
    assert not re.search(r"A-1\d{3}", packed)
    assert "erasure" in {event.get("kind") for event in events}


def test_a_mask_reaches_every_copy_in_a_pack(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An invoice's number is neither in the answer, nor in the explanation, nor on the page; nor is the sum."""

    async def find_nothing(*_: object, **__: object) -> tuple[()]:
        return ()

    monkeypatch.setattr(versions, "find_versions", find_nothing)
    file = tmp_path / "evidence.zip"
    run(
        "audit",
        "pack",
        "--out",
        file,
        "--sample",
        9,
        "--mask",
        "input.account.invoices",
        "--mask",
        "answer.claim.total",
    )
    with zipfile.ZipFile(file) as archive:
        packed = "".join(archive.read(name).decode() for name in archive.namelist() if name != VERIFIER.name)
    assert re.search(r"A-1\d{3}", packed)
    assert not re.search(r"A-1\d{3}-\d", packed)
    assert "<dt>claimed</dt>" not in packed


@pytest.mark.parametrize("workers", [1, 2])
def test_a_replay_of_the_log_is_equal(run: Run, workers: int) -> None:
    """Every logged decision, made again by other means and in other processes, is the same byte for byte."""
    said = run("replay", "--workers", workers).stdout
    assert re.fullmatch(
        rf"{DECISIONS_COUNT:,} decisions made again, [\d,]+ a second; all equal, byte for byte\.\n", said
    )


def test_a_replay_of_nothing_shows_nothing(run: Run) -> None:
    """Where no decision is asked about, none is said to be equal."""
    assert run("replay", "--since", "2999-01-01").stdout == "no decision was made again, so nothing is shown.\n"


def test_a_replay_shows_what_differs(run: Run, tampered: str) -> None:
    """A decision that comes out otherwise is named with the place and both values, and the command ends with 5."""
    said = run("replay", status=5).stdout
    assert f'{tampered} differs:\n  /action/channel: logged "fax", now "email"\n' in said
    assert "1 differ." in said
    told = json.loads(run("replay", "--format", "json", status=5).stdout)
    assert [each["decision_id"] for each in told["differences"]] == [tampered]
    assert told["decisions_per_second"] > 0


@pytest.mark.usefixtures("of_the_second_edition")
def test_a_replay_tells_what_an_earlier_edition_decided(run: Run) -> None:
    """Where the language meant something else then, it is no difference, and the status is 0."""
    said = run("replay").stdout
    assert f"{DECISIONS_COUNT - 1:,} equal, byte for byte; 1 made under the second edition of the language." in said
    told = json.loads(run("replay", "--format", "json").stdout)
    counts = (told["equal_count"], told["different_count"], told["earlier_edition_count"])
    assert (counts, told["differences"]) == ((DECISIONS_COUNT - 1, 0, 1), [])


def test_a_replay_against_another_version_shows_the_matrix(run: Run, log_url: str) -> None:
    """Against a candidate: what was and what becomes, how often and for how much; a period can be named."""
    number = asyncio.run(publish_at(log_url, "uk-consumer", "Candidate"))
    said = run("replay", "--ruleset", "uk-consumer", "--against", f"uk-consumer@{number}").stdout
    assert said.startswith("was ")
    assert "the same" in said
    assert "0 would do something else" in said
    told = json.loads(
        run("replay", "--until", "2999-01-01", "--against", f"uk-consumer@{number}", "--format", "json").stdout
    )
    assert sum(each["decisions_count"] for each in told["changes"]) == DECISIONS_COUNT
    assert any(each["claimed_before"] for each in told["changes"])
    assert "has no version 99" in run("replay", "--against", "uk-consumer@99", status=2).output
    assert "is not written" in run("replay", "--against", "uk-consumer", status=2).output


def test_what_commands_read_is_in_the_access_log(run: Run, log_url: str) -> None:
    """Who reads past the server is written down too."""

    async def read() -> list[Any]:
        async with await Store.open(log_url) as store:
            return [each.what for each in (await store.accesses.list(limit=2)).accesses]

    run("audit", "export", "--account", "A-1001")
    run("replay", "--account", "A-1001")
    assert asyncio.run(read()) == ["main replay --account A-1001", "main audit export --account A-1001"]


def test_time_begins_anew_only_where_it_must(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no line of the log is yet to come there is nothing to say; where one is, the log says it."""

    async def begin(_: object, *, actor: str, name: str, note: str) -> int:
        assert actor == f"command:{name}"
        return {"the time server was wrong": 7}[note]

    said = run("audit", "clock", "--note", "nothing", status=1).output
    assert "is none that has yet to come" in said
    monkeypatch.setattr("store.auditlog.AuditLog.begin_time_anew", begin)
    said = run("audit", "clock", "--note", "the time server was wrong").stdout
    assert said == "Line 7 of the log says that times before it are wrong; lines are taken again.\n"


def test_four_eyes_are_switched(run: Run) -> None:
    """The command says whether they are on, and switches them."""
    assert run("four-eyes").stdout == "Four eyes are off.\n"
    assert run("four-eyes", "on").stdout == "Four eyes are on.\n"
    assert run("four-eyes", "off").stdout == "Four eyes are off.\n"


def test_facts_go_by_age(run: Run) -> None:
    """Retention asks first, takes the facts of what is old enough, and leaves a log that is whole."""
    assert "is no age" in run("audit", "retain", "--older-than", "7 years", status=2).output
    assert run("audit", "retain", "--older-than", "1d", status=1).output.endswith("Aborted.\n")
    assert run("audit", "retain", "--older-than", "18m", "--yes").stdout == "The facts of 0 decisions are gone.\n"
    assert "agrees with itself" in run("audit", "verify").stdout
