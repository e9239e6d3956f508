"""From all that is stored to what is counted of experiments: in a process of its own, as recovery figures are."""

import datetime as dt
from collections.abc import Mapping, Sequence

import msgspec

from api.debtors import stream_stored
from api.programs import answer_as_program, ask_program
from engine.model.account import AccountInvalid
from engine.model.ruleset import HOLD_OUT, Experiment
from engine.recovery.beginning import Trial, add_up, find_beginning
from engine.recovery.counting import Begun
from engine.recovery.holdouts import find_experiments
from store.recovery import RecoverySource, open_source


class AskedExperiments(msgspec.Struct, frozen=True, kw_only=True):
    """As of the end of which day experiments are counted, and within how many days an account must have paid."""

    as_of: dt.date
    within_days: int


class CountedExperiment(msgspec.Struct, frozen=True, kw_only=True):
    """An experiment that a ruleset has, or had: since when, and its accounts by the day on which they began."""

    ruleset: str
    experiment: Experiment
    began_on: dt.date
    begun: tuple[Begun, ...]


class CountedExperiments(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted, and of how many accounts nothing could be."""

    experiments: tuple[CountedExperiment, ...]
    unreadable: int


class _Question(msgspec.Struct, frozen=True, kw_only=True):
    url: str
    asked: AskedExperiments


_COUNTED = msgspec.json.Decoder(CountedExperiments)


def names_of(experiment: Experiment) -> tuple[str, ...]:
    """Return the groups of an experiment, who is held out first."""
    held = () if experiment.hold_out is None else (HOLD_OUT,)
    return (*held, *(name for name in experiment.names if name != HOLD_OUT))


async def count_experiments(url: str, asked: AskedExperiments) -> CountedExperiments:
    """Count the accounts of every experiment; raises Unavailable."""
    return _COUNTED.decode(await ask_program("api.experimenting", _Question(url=url, asked=asked)))


async def _count(question: _Question) -> CountedExperiments:
    asked = question.asked
    async with open_source(question.url) as source:
        trials = await _find_trials(source, asked)
        begun: dict[tuple[str, str], list[Begun]] = {}
        unreadable = 0
        async for account, debtors in stream_stored(source):
            own = trials.get(account.ruleset_id or "", ())
            if isinstance(debtors, AccountInvalid):
                unreadable += bool(own)
                continue
            for trial in own:
                found = find_beginning(trial, debtors)
                if found is not None:
                    begun.setdefault((account.ruleset_id or "", trial.experiment.id), []).append(found)
    counted = (
        CountedExperiment(
            ruleset=ruleset,
            experiment=trial.experiment,
            began_on=trial.began_on,
            begun=add_up(begun.get((ruleset, trial.experiment.id), ()), names_of(trial.experiment)),
        )
        for ruleset, own in sorted(trials.items())
        for trial in own
    )
    return CountedExperiments(experiments=tuple(counted), unreadable=unreadable)


async def _find_trials(source: RecoverySource, asked: AskedExperiments) -> Mapping[str, Sequence[Trial]]:
    """Find the experiments of each ruleset, each from the day (UTC) on which a version with it came into use."""
    versions: dict[str, list[tuple[str, dt.datetime]]] = {}
    for use in await source.list_uses():
        if use.experiments is not None:
            versions.setdefault(use.ruleset_id, []).append((use.experiments, use.at))
    return {
        ruleset: [
            Trial(
                experiment=experiment,
                began_on=since.date(),
                as_of=asked.as_of,
                within_days=asked.within_days,
            )
            for experiment, since in find_experiments(written)
        ]
        for ruleset, written in versions.items()
    }


if __name__ == "__main__":
    answer_as_program(_Question, _count)
