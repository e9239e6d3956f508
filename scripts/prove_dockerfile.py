"""Perform the Dockerfile's lines in a clean folder, start its CMD and ask its HEALTHCHECK; no Docker engine is needed.

Every absolute path of the image stands under one folder. When a stage is done, its folder is moved aside and only what
`COPY --from` names is brought into the next one, so that a runtime stage that needs more than it copies fails here too.
Lines that would change this machine (apt-get, useradd) are shown and left out.
"""

import json
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
ABSOLUTE_PATH = re.compile(r"(?<![\w.:/}-])/(?=[a-z])")
LEFT_OUT = ("apt-get ", "useradd ")
HEALTHY_WITHIN_SECONDS = 300


def instructions(text: str) -> Iterator[tuple[str, str]]:
    """Each instruction of a Dockerfile as (verb, rest), comments dropped and continued lines joined."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        verb, _, rest = line.partition(" ")
        yield verb, rest.strip()


class Image:
    """The stages of a Dockerfile, performed one after another under one folder."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "image"
        self.stage = ""
        self.stages: dict[str, Path] = {}
        self.environment: dict[str, str] = {}
        self.commands: dict[str, list[str]] = {}
        self.python = folder / "python"
        self.python.mkdir()
        (self.python / "python").symlink_to(sys.executable)

    def under_root(self, text: str) -> str:
        """The text with every absolute path of the image moved under the folder that stands for it."""
        return ABSOLUTE_PATH.sub(f"{self.root}/", text)

    def begin(self, rest: str) -> None:
        """Begin a stage in an empty folder; the stage before it is moved aside."""
        if self.root.exists():
            name = f"stage-{len(self.stages)}"
            self.stages[self.stage] = self.root.rename(self.root.with_name(name))
        self.root.mkdir()
        self.stage = rest.partition(" AS ")[2] or "last"
        keep = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
        self.environment = keep | {"PATH": f"{self.python}:{os.defpath}"}
        self.environment.pop("DATABASE_URL", None)

    def copy(self, rest: str) -> None:
        """Copy from the project, or from a stage that is done."""
        source_root = PROJECT
        if rest.startswith("--from="):
            stage, _, rest = rest.removeprefix("--from=").partition(" ")
            source_root = self.stages[stage]
        *sources, target = rest.split()
        destination = Path(self.under_root(target))
        destination.mkdir(parents=True, exist_ok=True)
        for name in sources:
            source = source_root / name.lstrip("/")
            if source.is_dir():
                skip = shutil.ignore_patterns("__pycache__") if source_root == PROJECT else None
                shutil.copytree(source, destination, symlinks=True, dirs_exist_ok=True, ignore=skip)
            else:
                shutil.copy(source, destination)

    def run(self, rest: str) -> None:
        """Perform a shell command as the build would."""
        if rest.startswith(LEFT_OUT):
            print(f"  left out: {rest}")
            return
        subprocess.run(["/bin/sh", "-ec", self.under_root(rest)], check=True, env=self.environment, cwd=self.root)

    def setting(self, rest: str) -> None:
        """Set a variable for what follows."""
        name, _, value = self.under_root(rest).partition("=")
        self.environment[name] = value.strip('"').replace("$PATH", self.environment["PATH"])

    def build(self, text: str) -> None:
        """Perform all instructions."""
        verbs = {"FROM": self.begin, "COPY": self.copy, "RUN": self.run, "ENV": self.setting}
        for verb, rest in instructions(text):
            print(f"{verb} {rest[:110]}", flush=True)
            if verb in verbs:
                verbs[verb](rest)
            elif verb in {"WORKDIR", "VOLUME"}:
                Path(self.under_root(rest)).mkdir(parents=True, exist_ok=True)
            elif verb in {"CMD", "HEALTHCHECK"}:
                self.commands[verb] = json.loads(rest[rest.index("[") :])

    def scan(self) -> list[str]:
        """Look through what the last stage holds: nothing but what the lock pins, and nothing that lends rights."""
        lock = (PROJECT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
        pinned = {f"{name}-{version}" for name, version in re.findall(r"^([\w.-]+)==(\S+)", lock, re.MULTILINE)}
        problems = []
        for path in sorted(self.root.rglob("*")):
            name, mode = path.relative_to(self.root), path.lstat().st_mode
            if path.suffix == ".dist-info":
                installed = (
                    re.sub("[-_.]+", "-", path.stem.rpartition("-")[0].lower()) + "-" + path.stem.rpartition("-")[2]
                )
                if installed not in pinned and not installed.startswith("dunning-"):
                    problems.append(f"{name} is installed, and requirements/runtime.txt does not pin it")
            if path.is_file() and not path.is_symlink() and mode & (stat.S_ISUID | stat.S_ISGID | stat.S_IWOTH):
                problems.append(f"{name} can be written to by everybody, or lends its owner's rights")
            if path.name in {"gcc", "cc", "pip"} or path.suffix == ".c":
                problems.append(f"{name} has no business where the service runs")
        return problems

    def becomes_healthy(self) -> bool:
        """Whether the HEALTHCHECK passes once the CMD has had its time to start."""
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = str(probe.getsockname()[1])
        environment = self.environment | {"DUNNING_PORT": port}
        start, check = ([self.under_root(word) for word in self.commands[verb]] for verb in ("CMD", "HEALTHCHECK"))
        server = subprocess.Popen(start, env=environment, cwd=self.root)
        try:
            deadline = time.monotonic() + HEALTHY_WITHIN_SECONDS
            while server.poll() is None and time.monotonic() < deadline:
                if subprocess.run(check, check=False, env=environment, capture_output=True).returncode == 0:
                    return True
                time.sleep(0.5)
            return False
        finally:
            server.terminate()
            server.wait(timeout=HEALTHY_WITHIN_SECONDS)


def main() -> None:
    """Build, start, ask, and say how it went."""
    if not (3, 11) <= sys.version_info < (3, 15):
        sys.exit("prove_dockerfile: run with Python 3.11 to 3.14")
    with tempfile.TemporaryDirectory(prefix="dunning-image-") as folder:
        image = Image(Path(folder))
        image.build((PROJECT / "Dockerfile").read_text(encoding="utf-8"))
        if problems := image.scan():
            sys.exit("prove_dockerfile: " + "; ".join(problems))
        if not image.becomes_healthy():
            sys.exit("prove_dockerfile: the service did not become healthy")
    print("prove_dockerfile: every line works, only what is pinned is in the image, and the service is healthy")


if __name__ == "__main__":
    main()
