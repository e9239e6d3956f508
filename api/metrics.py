"""What /metrics shows: counters of this process, added up over the workers of one server."""

import bisect
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, get_args

import msgspec

SECONDS_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Family(msgspec.Struct, frozen=True):
    """One metric of the Prometheus text format."""

    name: str
    kind: str
    about: str


REQUESTS = Family("dunning_requests_total", "counter", "Requests answered, by method, route and status.")
SECONDS = Family("dunning_request_seconds", "histogram", "Time from a request's head to the end of its answer.")
DECISIONS = Family("dunning_decisions_total", "counter", "Decisions answered and logged, by outcome.")
ENGINE_DECISIONS = Family("dunning_engine_decisions_total", "counter", "Evaluations by the rules network.")
COMPARISONS = Family("dunning_comparisons_total", "counter", "Decisions made twice, by the network and by the masks.")
DIFFERENCES = Family("dunning_differences_total", "counter", "Comparisons that differed; anything but 0 is a fault.")
RESETS = Family("dunning_engine_resets_total", "counter", "Times a rules network failed and was built anew.")
WORKER_DEATHS = Family("dunning_worker_deaths_total", "counter", "Workers that died and were started again.")
QUEUE = Family("dunning_decision_log_queue", "gauge", "Decisions that wait to be committed.")
LIVE = Family("dunning_rulesets_live", "gauge", "Rulesets this server decides with.")
PREPARING = Family("dunning_rulesets_preparing", "gauge", "Ruleset versions that are not ready to decide yet.")
COMPILED = Family("dunning_rulesets_compiled_total", "counter", "Ruleset versions compiled; 0 after a usual restart.")
OVERLAPS = Family("dunning_rulesets_overlapping", "gauge", "Pairs of rulesets in use that cover one account.")
SILENCE = Family("dunning_rulesets_stale_seconds", "gauge", "For how long news of rulesets may have been missed.")
DUE_LAG = Family("dunning_due_lag_seconds", "gauge", "For how long the oldest question about an account has been due.")
SHADOWS = Family(
    "dunning_shadow_decisions_total", "counter", "Decisions asked of a shadow as well, by what came of it."
)
ShadowResult = Literal["same", "different", "refused", "dropped"]
SHADOW_RESULTS: tuple[ShadowResult, ...] = get_args(ShadowResult)
FAMILIES = (
    REQUESTS,
    SECONDS,
    DECISIONS,
    ENGINE_DECISIONS,
    COMPARISONS,
    DIFFERENCES,
    RESETS,
    WORKER_DEATHS,
    QUEUE,
    LIVE,
    PREPARING,
    COMPILED,
    OVERLAPS,
    SILENCE,
    DUE_LAG,
    SHADOWS,
)


class Figures(msgspec.Struct, kw_only=True):
    """The counters of one process, by their labels as written; gauges are read when asked for."""

    counts: dict[str, dict[str, float]] = {}

    def set(self, family: Family, value: float, labels: str = "") -> None:
        """Set a sample."""
        self.counts.setdefault(family.name, {})[labels] = value


class Metrics:
    """The counters of this process."""

    def __init__(self) -> None:
        self.requests_count = 0
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._buckets: dict[str, list[int]] = {}
        self._seconds: Counter[str] = Counter()
        self._decisions: Counter[str] = Counter()
        self._shadows: Counter[ShadowResult] = Counter()

    def count_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self.requests_count += 1
        self._requests[method, route, status] += 1
        buckets = self._buckets.get(route)
        if buckets is None:
            buckets = self._buckets[route] = [0] * (len(SECONDS_BUCKETS) + 1)
        buckets[bisect.bisect_left(SECONDS_BUCKETS, seconds)] += 1
        self._seconds[route] += seconds  # type: ignore[assignment]  # typeshed: a Counter counts in int

    def count_decision(self, outcome: str) -> None:
        """Count a logged decision."""
        self._decisions[outcome] += 1

    def count_shadow(self, result: ShadowResult, count: int = 1) -> None:
        """Count what came of asking a shadow; dropped is what there was no room for, and a fault."""
        self._shadows[result] += count

    def figures(self) -> Figures:
        """Take down the counters."""
        figures = Figures()
        for (method, route, status), count in self._requests.items():
            figures.set(REQUESTS, count, write_labels(method=method, route=route, status=str(status)))
        for outcome, count in self._decisions.items():
            figures.set(DECISIONS, count, write_labels(outcome=outcome))
        for result in SHADOW_RESULTS:
            figures.set(SHADOWS, self._shadows[result], write_labels(result=result))
        for route, buckets in self._buckets.items():
            self._add_histogram(figures, route, buckets)
        return figures

    def _add_histogram(self, figures: Figures, route: str, buckets: list[int]) -> None:
        total = 0
        samples = figures.counts.setdefault(SECONDS.name, {})
        for bound, count in zip((*map(str, SECONDS_BUCKETS), "+Inf"), buckets, strict=True):
            total += count
            samples["_bucket" + write_labels(route=route, le=bound)] = total
        samples["_sum" + write_labels(route=route)] = self._seconds[route]
        samples["_count" + write_labels(route=route)] = total


def write_labels(**labels: str) -> str:
    """Write labels in the Prometheus text format."""
    pairs = (f'{name}="{_escape(value)}"' for name, value in labels.items())
    return "{" + ",".join(pairs) + "}"


def render(all_figures: Iterable[Figures]) -> bytes:
    """Write the sum of several processes' figures as Prometheus text; of gauges of state the largest."""
    figures = list(all_figures)
    lines: list[str] = []
    for family in FAMILIES:
        samples = _merge(family, [f.counts.get(family.name, {}) for f in figures])
        if samples:
            lines += [f"# HELP {family.name} {family.about}", f"# TYPE {family.name} {family.kind}"]
            lines += [f"{family.name}{labels} {value:g}" for labels, value in samples.items()]
    return ("\n".join(lines) + "\n").encode()


class SharedFolder:
    """Where the workers of one server leave their figures for each other; a dead worker's counters go on counting."""

    def __init__(self, folder: Path, process: str) -> None:
        self._folder = folder
        self._own = folder / f"{process}.json"

    def leave(self, figures: Figures) -> None:
        """Write this process's figures, in one step."""
        draft = self._own.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode(figures))
        draft.replace(self._own)

    def read_others(self) -> list[Figures]:
        """Read what the other processes left."""
        return [
            msgspec.json.decode(path.read_bytes(), type=Figures)
            for path in sorted(self._folder.glob("*.json"))
            if path != self._own
        ]


def _merge(family: Family, samples: list[dict[str, float]]) -> Mapping[str, float]:
    merged: dict[str, float] = {}
    for one in samples:
        for labels, value in one.items():
            if family in {LIVE, PREPARING, OVERLAPS, SILENCE, DUE_LAG}:
                merged[labels] = max(merged.get(labels, 0.0), value)
            else:
                merged[labels] = merged.get(labels, 0.0) + value
    return merged


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
