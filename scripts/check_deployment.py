"""Look at what deploys the service.

Renders and validates the compose file and the chart, lints the image and the workflows, parses what alarms and board
ask Prometheus, lists what ships, and holds the dependencies against known vulnerabilities. Nothing is started and no
Docker engine is needed. Run by scripts/check_deployment.sh, with the tools of requirements/shipping.txt. `--strict`
also fails where dependencies could not be looked up.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import helm_python
import kubernetes_validate
import promql_parser
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
CHART = ROOT / "integrations" / "helm" / "dunning"
COMPOSE = ROOT / "integrations" / "compose" / "compose.yaml"
# The oldest that is still supported by cloud services, and the newest.
KUBERNETES = ("1.29", "1.37")
# Of the Prometheus operator: it brings their schemas itself.
FOREIGN_KINDS = {"ServiceMonitor", "PrometheusRule"}
SECRETS = {"POSTGRES_PASSWORD": "secret", "GRAFANA_PASSWORD": "secret", "DUNNING_LOG_KEY": "key"}
_ERROR = 2  # as Helm counts: 1 tells, 2 is an error

Problems = Iterator[str]


def main() -> int:
    """Run every check and say what came of it; 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strict", action="store_true", help="fail where vulnerabilities cannot be looked up")
    is_strict: bool = parser.parse_args().strict
    checks: dict[str, Callable[[], Problems]] = {
        "compose file": check_compose,
        "chart": check_chart,
        "Dockerfile": check_image,
        "workflows": check_workflows,
        "alarms and board": check_queries,
        "list of what ships": check_components,
    }
    failed = [name for name, check in checks.items() if report(name, check())]
    vulnerable, unknown_count, count = look_up_dependencies()
    if unknown_count == 0:
        report(f"{count} dependencies", iter(vulnerable))
    else:
        unknown = f"{unknown_count} of {count} are NOT AUDITED: PyPI's list of vulnerabilities does not answer for them"
        report("dependencies", iter([*vulnerable, unknown]))
    failed += ["dependencies"] if vulnerable or (is_strict and unknown_count) else []
    return 1 if failed else 0


def report(name: str, problems: Problems) -> bool:
    """Say what is wrong, or that nothing is; answers whether something is."""
    found = [*problems]
    print(f"{name}: {'; '.join(found) or 'as it should be'}", flush=True)
    return bool(found)


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a tool of this environment, or another program."""
    tool = Path(sys.executable).parent / command[0]
    words = [tool if tool.exists() else command[0], *command[1:]]
    known = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")} | environment
    return subprocess.run([*map(str, words)], capture_output=True, text=True, check=False, cwd=ROOT, env=known)


def read_all(text: str) -> list[dict[str, Any]]:
    """Read the documents of a YAML text."""
    return [document for document in YAML(typ="safe").load_all(text) if document]


def check_schema(schema: str, *files: Path, transform: str | None = None) -> Problems:
    """Check files by a schema that comes with check-jsonschema."""
    options = ["--data-transform", transform] if transform else []
    done = run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", *options, *files)
    if done.returncode:
        yield done.stdout.strip() or done.stderr.strip()


def check_compose() -> Problems:
    """Check that the compose file is one, renders, asks for its variables, and mounts what is there."""
    yield from check_schema("compose-spec", COMPOSE)
    done = render_compose(**SECRETS)
    if done.returncode:
        yield done.stderr.strip().splitlines()[-1]
        return
    services = read_all(done.stdout)[0]["services"]
    for name, service in services.items():
        yield from (
            f"{name} needs {needed}, which is no service"
            for needed in service.get("depends_on", ())
            if needed not in services
        )
        mounted = [str(each).partition(":")[0] for each in service.get("volumes", ())]
        yield from (
            f"{name} mounts {each}, which is not there"
            for each in mounted
            if each.startswith(".") and not (COMPOSE.parent / each).exists()
        )
    for name in SECRETS:
        left = {other: value for other, value in SECRETS.items() if other != name}
        if render_compose(**left).returncode == 0:
            yield f"it starts without {name}"


def render_compose(**variables: str) -> subprocess.CompletedProcess[str]:
    """Render the compose file; podman-compose wants a podman of some version for it, and asks it nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        podman = Path(folder) / "podman"
        podman.write_text("#!/bin/sh\necho podman version 5.0.0\n")
        podman.chmod(0o700)
        return run("podman-compose", "--podman-path", podman, "--file", COMPOSE, "config", **variables)


def check_chart() -> Problems:
    """Check that the chart is clean, refuses what is left out or misspelt, and renders what Kubernetes takes."""
    for path in sorted((CHART.parent / "ci").glob("*.yaml")):
        (values,) = read_all(path.read_text())
        for said in helm_python.lint(CHART, values, strict=True)["messages"]:
            if said["severity"] >= _ERROR:
                yield f"{path.name}: {said['error']}"
        objects = render_chart(values)
        for rendered in objects:
            yield from (f"{path.name}: {problem}" for problem in check_object(rendered))
        yield from (f"{path.name}: {problem}" for problem in check_safety(objects))
        for wrong in ({"replica": 3}, {"database": {"existingSecret": ""}}, {"workers": 0}):
            try:
                render_chart(values | wrong)
            except helm_python.HelmError:
                continue
            yield f"{path.name}: it takes {wrong}"


def render_chart(values: dict[str, Any]) -> list[dict[str, Any]]:
    """Render the chart's objects."""
    chart = helm_python.Chart.load(CHART)
    chart.validate_schema(chart.merge_values(values))
    rendered: dict[str, str] = chart.render(values, name="try", namespace="try")
    return [each for name, text in rendered.items() if name.endswith(".yaml") for each in read_all(text)]


def check_object(rendered: dict[str, Any]) -> Problems:
    """Check an object by the schemas of Kubernetes, which refuse what they do not know."""
    if rendered["kind"] in FOREIGN_KINDS:
        return
    for version in KUBERNETES:
        try:
            kubernetes_validate.validate(rendered, version, strict=True)
        except kubernetes_validate.ValidationError as problem:
            yield f"{rendered['kind']} for Kubernetes {version}: {problem.message}"


def check_safety(objects: list[dict[str, Any]]) -> Problems:
    """Check what no schema asks for: probes, a budget, a policy, and pods without rights."""
    kinds = {rendered["kind"] for rendered in objects}
    yield from (f"there is no {kind}" for kind in ("PodDisruptionBudget", "NetworkPolicy", "Job") if kind not in kinds)
    for rendered in objects:
        if rendered["kind"] not in {"Deployment", "Job"}:
            continue
        pod = rendered["spec"]["template"]["spec"]
        if not pod["securityContext"]["runAsNonRoot"] or pod["automountServiceAccountToken"]:
            yield f"{rendered['kind']}: its pod has rights"
        for container in pod["containers"]:
            safety = container["securityContext"]
            if not safety["readOnlyRootFilesystem"] or safety["capabilities"]["drop"] != ["ALL"]:
                yield f"{rendered['kind']}: {container['name']} can write to its root or has capabilities"
            probes = {"livenessProbe", "readinessProbe", "startupProbe"} - container.keys()
            if rendered["kind"] == "Deployment" and probes:
                yield f"{container['name']} lacks {', '.join(sorted(probes))}"


def check_image() -> Problems:
    """Lint the Dockerfile; .hadolint.yaml says what is allowed, and why."""
    done = run("hadolint", "--no-color", "Dockerfile")
    yield from done.stdout.strip().splitlines()


def check_workflows() -> Problems:
    """Check workflows, action and template by their schemas, and the workflows for what an attacker could use."""
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    yield from check_schema("github-workflows", *workflows)
    yield from check_schema("github-actions", ROOT / "integrations" / "github" / "action.yml")
    yield from check_schema("gitlab-ci", ROOT / "integrations" / "gitlab" / "dunning.yml", transform="gitlab-ci")
    done = run("zizmor", "--offline", "--no-progress", "--color=never", ".github", "integrations/github")
    if done.returncode:
        yield done.stdout.strip() or done.stderr.strip()


def check_queries() -> Problems:
    """Parse every expression that the alarms and the board ask Prometheus."""
    (alarms,) = read_all((CHART / "monitoring" / "alarms.yml").read_text())
    asked = {rule["alert"]: rule["expr"] for group in alarms["groups"] for rule in group["rules"]}
    board = json.loads((CHART / "monitoring" / "board.json").read_text())
    for panel in board["panels"]:
        asked |= {f"{panel['title']} {target['refId']}": target["expr"] for target in panel["targets"]}
    for name, expression in asked.items():
        try:
            promql_parser.parse(expression)
        except ValueError as problem:
            yield f"{name}: {problem}"


def check_components() -> Problems:
    """Write the list of what ships, as a release does, and hold it against what the image installs."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dunning.cdx.json"
        done = run(ROOT / "scripts" / "make_sbom.sh", path)
        if done.returncode:
            yield done.stderr.strip().splitlines()[-1]
            return
        listed = {f"{each['name']}=={each['version']}" for each in json.loads(path.read_text())["components"]}
    yield from (f"{each} is not in it" for each in sorted(read_pins("requirements/runtime.txt") - listed))


def read_pins(path: str) -> set[str]:
    """Read which packages a lock pins, as name==version."""
    return {row.split()[0] for row in (ROOT / path).read_text().splitlines() if "==" in row.split("#")[0]}


def look_up_dependencies() -> tuple[list[str], int, int]:
    """Hold every pinned dependency against the vulnerabilities that PyPI knows of.

    Answers which have some, how many could not be looked up, and how many there are.
    """
    vulnerable, known, pinned = set(), set(), set()
    for lock in ("dev", "shipping", "spark"):
        path = f"requirements/{lock}.txt"
        pinned |= read_pins(path)
        options = ("--disable-pip", "--require-hashes", "--progress-spinner=off", "--format=json")
        done = run("pip-audit", *options, "--requirement", path)
        with contextlib.suppress(ValueError):  # where it could ask nobody it writes no JSON
            for each in json.loads(done.stdout)["dependencies"]:
                known |= set() if "skip_reason" in each else {f"{each['name']}=={each['version']}"}
                vulnerable |= {f"{each['name']} {each['version']} has {found['id']}" for found in each.get("vulns", ())}
    return sorted(vulnerable), len(pinned - known), len(pinned)


if __name__ == "__main__":
    sys.exit(main())
