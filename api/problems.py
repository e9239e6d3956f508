"""Every error as problem details (RFC 9457): the table of types, the body, and the exception that carries one."""

from collections.abc import Mapping

import msgspec
from msgspec import UNSET, UnsetType

from engine.model.diagnostic import Diagnostic

MEDIA_TYPE = "application/problem+json"


class ProblemType(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of problem: ``urn:dunning:problem:<name>`` is stable, whatever happens to the words."""

    name: str
    status: int
    title: str
    remedy: str

    @property
    def urn(self) -> str:
        """The URI that applications compare."""
        return f"urn:dunning:problem:{self.name}"


_TYPES = (
    ProblemType(
        name="bad-request",
        status=400,
        title="The request cannot be read",
        remedy="Send a well-formed HTTP request; `detail` says what could not be read.",
    ),
    ProblemType(
        name="invalid-json",
        status=400,
        title="The body is not valid JSON",
        remedy="Send one JSON document in UTF-8, nested less than 1,000 deep; `detail` names the byte.",
    ),
    ProblemType(
        name="token-required",
        status=401,
        title="A valid token is required",
        remedy="Send `Authorization: Bearer <token>`; `dunning token create` makes one.",
    ),
    ProblemType(
        name="scope-required",
        status=403,
        title="The token lacks the scope",
        remedy="Use a token with the scope that `detail` names.",
    ),
    ProblemType(
        name="own-approval",
        status=403,
        title="Nobody approves what is their own",
        remedy="Let somebody else, with a token of their own, approve it.",
    ),
    ProblemType(name="not-found", status=404, title="No such path", remedy="Compare the path with /schema."),
    ProblemType(
        name="unknown-account",
        status=404,
        title="No such account",
        remedy="Store the account first (PUT /v1/accounts/{id}), or ask with the account in the body.",
    ),
    ProblemType(
        name="unknown-ruleset",
        status=404,
        title="No such ruleset or version",
        remedy="GET /v1/rulesets lists what is published.",
    ),
    ProblemType(
        name="unknown-decision",
        status=404,
        title="No such decision",
        remedy="Use the `decision_id` of an answer of POST or GET next-action.",
    ),
    ProblemType(
        name="unknown-webhook",
        status=404,
        title="No such webhook",
        remedy="GET /v1/webhooks lists them.",
    ),
    ProblemType(
        name="unknown-run",
        status=404,
        title="No such run",
        remedy="GET /v1/runs lists them.",
    ),
    ProblemType(
        name="unknown-work",
        status=404,
        title="Nothing is to be done by this decision",
        remedy="GET /v1/worklist lists what is to be done: the account may have been asked about again since.",
    ),
    ProblemType(
        name="method-not-allowed",
        status=405,
        title="The path does not know this method",
        remedy="The header `Allow` lists the methods it knows.",
    ),
    ProblemType(
        name="rulesets-overlap",
        status=409,
        title="More than one ruleset covers the account",
        remedy="Make `applies_to` of the rulesets named exclude each other. A question may name one with `ruleset`; a "
        "version comes into use all the same with `allow_overlap`.",
    ),
    ProblemType(
        name="idempotency-conflict",
        status=409,
        title="The Idempotency-Key was used for another request",
        remedy="Use a new key for a new request.",
    ),
    ProblemType(
        name="answer-pending",
        status=409,
        title="The first request with this Idempotency-Key is still being answered",
        remedy="Repeat the request after `Retry-After` seconds.",
    ),
    ProblemType(
        name="no-approval",
        status=409,
        title="The action asks for no approval",
        remedy="Approve only what waits for a person: GET /v1/worklist?state=approval lists it.",
    ),
    ProblemType(
        name="run-closed",
        status=409,
        title="The run is not in a state for this",
        remedy="GET /v1/runs/{id} says how far it is: items are spoken of while it is `proposed`, and some must be"
        " approved before it is released.",
    ),
    ProblemType(
        name="history-conflict",
        status=409,
        title="This decision is recorded already, and differently",
        remedy="History is append-only: record a correction as an entry of its own, without `decision_id`.",
    ),
    ProblemType(
        name="outcome-conflict",
        status=409,
        title="An outcome of this id is recorded already, and differently",
        remedy="Outcomes are append-only: record a correction as an outcome of its own, a refund for instance.",
    ),
    ProblemType(
        name="merge-conflict",
        status=409,
        title="What the two accounts have cannot stand in one",
        remedy="`detail` says what stands against it: another currency, or ids of outcomes that cannot be renamed.",
    ),
    ProblemType(
        name="already-executed",
        status=409,
        title="This step was executed already, since the decision was made",
        remedy="Do not carry it out a second time; where it was, record it with `force: true`.",
    ),
    ProblemType(
        name="lease-ended",
        status=409,
        title="The lease has ended",
        remedy="Carry nothing out; take what is to be done anew with POST /v1/worklist/take.",
    ),
    ProblemType(
        name="import-conflict",
        status=409,
        title="The import's id stands for another file",
        remedy="Send the same file to go on with an import, and a new file under a new `id`.",
    ),
    ProblemType(
        name="facts-erased",
        status=410,
        title="What the decision was made from was erased",
        remedy="Its line is still in the log and can be proven; it cannot be made again.",
    ),
    ProblemType(
        name="events-forgotten",
        status=410,
        title="Some of the events asked for are forgotten",
        remedy="Read what they were about (accounts, decisions, rulesets) anew, then ask for events without `after`.",
    ),
    ProblemType(
        name="revision-mismatch",
        status=412,
        title="The account was changed in the meantime",
        remedy="Read the account again and repeat the change with its new ETag.",
    ),
    ProblemType(
        name="too-large",
        status=413,
        title="The body is too large",
        remedy="Send less at once; `detail` says how much is taken.",
    ),
    ProblemType(
        name="unsupported-media-type",
        status=415,
        title="The body is of a type that this path does not take",
        remedy="Send the Content-Type that `detail` names.",
    ),
    ProblemType(
        name="invalid-request",
        status=422,
        title="The request says something that cannot be",
        remedy="`problems` points at each place, in the body by JSON pointer or at a parameter by name.",
    ),
    ProblemType(
        name="invalid-account",
        status=422,
        title="The account or its history cannot be decided on",
        remedy="`problems` points at each place and names the fact; a needed fact that is missing is named too.",
    ),
    ProblemType(
        name="invalid-ruleset",
        status=422,
        title="The ruleset has errors; nothing was published",
        remedy="`diagnostics` lists all of them, each with line, column and hint; `dunning check` shows the same.",
    ),
    ProblemType(
        name="suite-failed",
        status=422,
        title="The suite beside the ruleset failed; nothing was published",
        remedy="`diagnostics` lists each case that failed; `dunning test` shows the same.",
    ),
    ProblemType(
        name="too-many-requests",
        status=429,
        title="Too many large requests at once",
        remedy="Repeat the request after `Retry-After` seconds; send batches and imports one after another.",
    ),
    ProblemType(
        name="internal-error",
        status=500,
        title="A fault of the service",
        remedy="Report it with the `X-Request-Id` of the answer; the service's own log has the details under it.",
    ),
    ProblemType(
        name="broken-log",
        status=500,
        title="The decision log is not whole",
        remedy="Run `dunning audit verify`: it says what was changed, and where.",
    ),
    ProblemType(
        name="no-log-key",
        status=501,
        title="The server has no key to sign checkpoints with",
        remedy="Make one with `dunning audit key --new` and start the server with DUNNING_LOG_KEY_FILE.",
    ),
    ProblemType(
        name="unavailable",
        status=503,
        title="The service cannot answer just now",
        remedy="Repeat the request after `Retry-After` seconds, with an Idempotency-Key where it changes something: "
        "the first one may have been carried out.",
    ),
)
PROBLEM_TYPES: dict[str, ProblemType] = {kind.name: kind for kind in _TYPES}


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong: where in the body (JSON pointer) or in which parameter or header, and why."""

    pointer: str | UnsetType = UNSET
    parameter: str | UnsetType = UNSET
    header: str | UnsetType = UNSET
    message: str
    fact: str | UnsetType = UNSET


class ProblemDetails(msgspec.Struct, frozen=True, kw_only=True):
    """The body of every error; the last three say more where there is more to say."""

    type: str
    title: str
    status: int
    detail: str
    problems: tuple[Fault, ...] | UnsetType = UNSET
    diagnostics: tuple[Diagnostic, ...] | UnsetType = UNSET
    rulesets: tuple[str, ...] | UnsetType = UNSET


class ProblemError(Exception):
    """What a request is refused with."""

    def __init__(
        self,
        name: str,
        detail: str,
        *,
        problems: tuple[Fault, ...] | UnsetType = UNSET,
        diagnostics: tuple[Diagnostic, ...] | UnsetType = UNSET,
        rulesets: tuple[str, ...] | UnsetType = UNSET,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        kind = PROBLEM_TYPES[name]
        self.name = name
        self.headers = dict(headers or {})
        self.details = ProblemDetails(
            type=kind.urn,
            title=kind.title,
            status=kind.status,
            detail=detail,
            problems=problems,
            diagnostics=diagnostics,
            rulesets=rulesets,
        )

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.details.status

    @property
    def body(self) -> bytes:
        """The JSON that is answered."""
        return _encoder.encode(self.details)


def refuse_parameter(parameter: str, message: str) -> ProblemError:
    """Make the problem of one query or path parameter."""
    return ProblemError(
        "invalid-request", f"{parameter}: {message}", problems=(Fault(parameter=parameter, message=message),)
    )


def refuse_place(pointer: str, message: str) -> ProblemError:
    """Make the problem of one place in the body."""
    return ProblemError(
        "invalid-request",
        f"{pointer or 'the body'}: {message}",
        problems=(Fault(pointer=pointer, message=message),),
    )


_encoder = msgspec.json.Encoder()
