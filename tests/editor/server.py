"""The YAML language server of editors, spoken to as an editor does: JSON-RPC over its input and output."""

import json
import subprocess
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).parents[2]
CURSOR = "¦"
_MOST_TRIES = 100
_SERVER = "node_modules/yaml-language-server/bin/yaml-language-server"


class EditorServer:
    """One running server with our schemas, by the names of files that `dunning init` gives them to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._asked = 0
        self._documents = 0

    def __enter__(self) -> Self:
        """Start it."""
        self._process = subprocess.Popen(
            ["node", _SERVER, "--stdio"], cwd=self._folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        root = self._folder.as_uri()
        capabilities = {"workspace": {"configuration": True}, "textDocument": {"completion": {"completionItem": {}}}}
        self.ask("initialize", {"processId": None, "rootUri": root, "capabilities": capabilities})
        self._tell("initialized", {})
        for _ in range(_MOST_TRIES):  # until it knows the schemas it has nothing to say
            if self.find_problems("stateless: maybe\n"):
                return self
        raise AssertionError("the server does not take the schemas")

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()  # closes what it was spoken to by

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        """Return what it answers."""
        self._asked += 1
        self._send({"jsonrpc": "2.0", "id": self._asked, "method": method, "params": params})
        while True:
            message = self._receive()
            if message.get("id") == self._asked and "method" not in message:
                return message.get("result")

    def open(self, text: str, name: str = "ruleset") -> str:
        """Open a document of a kind, and return its address."""
        self._documents += 1
        address = (self._folder / f"{self._documents}.{name}.yaml").as_uri()
        document = {"uri": address, "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": document})
        return address

    def find_problems(self, text: str, name: str = "ruleset") -> list[dict[str, Any]]:
        """Return the diagnostics of a text, as an editor underlines them."""
        address = self.open(text, name)
        while True:
            message = self._receive()
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == address:
                found: list[dict[str, Any]] = message["params"]["diagnostics"]
                return found

    def hover(self, text: str, name: str = "ruleset") -> str:
        """Return what is shown where the cursor is."""
        shown = self._ask_at("textDocument/hover", text, name)
        return "" if shown is None else str(shown["contents"]["value"])

    def complete(self, text: str, name: str = "ruleset") -> list[dict[str, Any]]:
        """Return what is offered where the cursor is."""
        offered = self._ask_at("textDocument/completion", text, name)
        found: list[dict[str, Any]] = offered["items"] if isinstance(offered, dict) else offered
        return found

    def _ask_at(self, method: str, text: str, name: str) -> Any:
        before, _, after = text.partition(CURSOR)
        address = self.open(before + after, name)
        place = {"line": before.count("\n"), "character": len(before.rpartition("\n")[2])}
        return self.ask(method, {"textDocument": {"uri": address}, "position": place})

    def _tell(self, method: str, params: dict[str, Any]) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        pipe = self._process.stdin
        assert pipe is not None
        pipe.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        pipe.flush()

    def _receive(self) -> dict[str, Any]:
        """Return the next message; what the server asks is answered on the way."""
        pipe = self._process.stdout
        assert pipe is not None
        length = 0
        while (line := pipe.readline().strip()) or not length:
            assert self._process.poll() is None, "the server has ended"
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        message: dict[str, Any] = json.loads(pipe.read(length))
        if "id" in message and "method" in message:
            result = self._configure(message["params"]) if message["method"] == "workspace/configuration" else None
            self._send({"jsonrpc": "2.0", "id": message["id"], "result": result})
        return message

    def _configure(self, params: dict[str, Any]) -> list[Any]:
        kinds = ("ruleset", "suite", "facts")
        schemas = {(ROOT / "schemas" / f"{kind}.schema.json").as_uri(): [f"*.{kind}.yaml"] for kind in kinds}
        yaml = {
            "validate": True,
            "hover": True,
            "completion": True,
            "schemas": schemas,
            "schemaStore": {"enable": False},
        }
        return [yaml if item.get("section") == "yaml" else None for item in params["items"]]
