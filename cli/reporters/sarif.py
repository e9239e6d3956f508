"""Diagnostics as SARIF 2.1.0, which code scanning services read."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import PurePath
from urllib.parse import quote

from msgspec import UNSET

from cli.reporters.machine import write_json
from cli.reporters.witnesstext import write_witness
from engine.analysis.catalogue import TITLES
from engine.model.diagnostic import Diagnostic
from engine.proofs.guarantees import Judged, tell
from engine.verification.mistakes import ALL_MISTAKES

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def write_sarif(diagnostics: Sequence[Diagnostic], judged: Mapping[str, Sequence[Judged]]) -> str:
    """Return one run with a result for each diagnostic, and with the guarantees of each ruleset as its properties."""
    codes = sorted({diagnostic.code for diagnostic in diagnostics})
    driver = {"name": "dunning", "version": version("dunning"), "rules": [_rule(code) for code in codes]}
    results = [_result(diagnostic, codes.index(diagnostic.code)) for diagnostic in diagnostics]
    run: dict[str, object] = {"tool": {"driver": driver}, "results": results}
    told = {name: [tell(one) for one in each] for name, each in judged.items() if each}
    run |= {"properties": {"guarantees": told}} if told else {}
    return write_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: str) -> dict[str, object]:
    known = ALL_MISTAKES.get(code)
    if known is None:
        return {"id": code, "shortDescription": {"text": TITLES[code]}}
    return {
        "id": code,
        "shortDescription": {"text": known.title},
        "fullDescription": {"text": known.why},
        "help": {"text": known.mend},
    }


def _result(diagnostic: Diagnostic, index: int) -> dict[str, object]:
    text = diagnostic.message if diagnostic.hint is None else f"{diagnostic.message} {diagnostic.hint}"
    place = {
        "artifactLocation": {"uri": quote(PurePath(diagnostic.file).as_posix())},
        "region": {"startLine": diagnostic.line, "startColumn": diagnostic.column},
    }
    message = {"text": text}
    properties: dict[str, object] = {}
    if diagnostic.witness is not UNSET:
        lines = "\n".join(write_witness(diagnostic.witness))
        message["markdown"] = f"{text}\n\nFor example:\n\n```yaml\n{lines}\n```"
        properties["properties"] = {"witness": diagnostic.witness}
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": index,
        "level": _LEVELS[diagnostic.severity],
        "message": message,
        "locations": [{"physicalLocation": place}],
        **properties,
    }
