"""What stands in the way of a run on Spark before Spark begins; none of it needs Spark or Java."""

from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from cli.bulk.plan import RunRefused
from cli.spark import readiness
from cli.spark.readiness import check_spark
from tests.bulk.running import AS_OF, make_rulesets, refuse
from tests.cli.command import dunning, read_error


def missing(name: str) -> str:
    """No package is installed."""
    raise PackageNotFoundError(name)


def ask(folder: Path, *more: str) -> str:
    """What is said of a run that is asked for wrongly."""
    rulesets = make_rulesets(folder)
    result = dunning("run", "--rulesets", rulesets, "--accounts", "accounts", "--out", folder / "out", *AS_OF, *more)
    assert result.exit_code == 2, result.output
    return read_error(result)


def test_pyspark_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra that brings it is named."""
    monkeypatch.setattr(readiness, "version", missing)
    said = refuse(make_rulesets(tmp_path), "accounts", tmp_path / "out", "--engine", "spark")
    assert "needs pyspark 4, and it is not installed; install dunning with its extra: dunning[spark]." in said


def test_pyspark_is_of_another_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that is there is named, and the one that is needed."""
    monkeypatch.setattr(readiness, "version", lambda _: "3.5.9")
    with pytest.raises(RunRefused, match=r"needs pyspark 4, and 3\.5\.9 is installed"):
        check_spark({})


def test_java_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said where it was looked for, and that a Spark Connect server makes do without."""
    monkeypatch.setattr(readiness, "version", lambda _: "4.1.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.delenv("SPARK_REMOTE", raising=False)
    with pytest.raises(RunRefused, match="there is no program java, neither on the PATH nor"):
        check_spark({"spark.master": "yarn"})
    check_spark({"spark.remote": "sc://cluster:15002"})
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").touch()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    check_spark({"spark.master": "yarn"})


def test_options_of_one_machine_are_refused(tmp_path: Path) -> None:
    """None is passed over in silence."""
    said = ask(tmp_path, "--engine", "spark", "--workers", "4", "--join")
    assert "--workers and --join are for --engine columns alone." in said


def test_options_of_a_cluster_are_refused(tmp_path: Path) -> None:
    """As the other way round."""
    assert "--spark is for --engine spark alone." in ask(tmp_path, "--spark", "spark.master=yarn")


@pytest.mark.parametrize("setting", ["spark.master", "master=yarn"])
def test_a_setting_is_a_name_and_a_value(tmp_path: Path, setting: str) -> None:
    """Anything else is refused."""
    said = ask(tmp_path, "--engine", "spark", "--spark", setting)
    assert f"--spark {setting}: a setting is spark.NAME=VALUE, such as spark.master=yarn" in said


def test_single_decisions_are_not_logged(tmp_path: Path) -> None:
    """A cluster would have to reach the database from everywhere."""
    said = refuse(make_rulesets(tmp_path), "accounts", tmp_path / "out", "--engine", "spark", "--log", "decisions")
    assert "A cluster logs a run, not each decision; give --log run, or leave it out." in said
