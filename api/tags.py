"""What the operations are grouped by in the OpenAPI document, and so in the clients that are generated from it."""

import re

import msgspec


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """A group of operations, and the paths that belong to it."""

    name: str
    about: str
    paths: re.Pattern[str]


TAGS = (
    Tag(
        name="deciding",
        about="What is the next dunning action, for one account or many.",
        paths=re.compile(r"/v1/next-actions?|/v1/accounts/[^/]+/(?:next-action|timeline)"),
    ),
    Tag(
        name="accounts",
        about="The accounts that are stored, and what was executed for them.",
        paths=re.compile(r"/v1/accounts(?:[:/].*)?"),
    ),
    Tag(
        name="worklist",
        about="What is to be done, who does it, and whether it is still right.",
        paths=re.compile(r"/v1/worklist(?:/.*)?|/v1/calendars(?:/.*)?|/v1/decisions/[^/]+/confirm"),
    ),
    Tag(
        name="runs",
        about="Dunning runs over the stored accounts: proposed, approved, released to the worklist.",
        paths=re.compile(r"/v1/runs(?:/.*)?"),
    ),
    Tag(
        name="rulesets",
        about="Publishing rulesets, and what is published.",
        paths=re.compile(r"/v1/rulesets(?:[:/].*)?"),
    ),
    Tag(name="decisions", about="The decisions that were logged.", paths=re.compile(r"/v1/decisions(?:/.*)?")),
    Tag(
        name="events",
        about="What happened, told to other systems.",
        paths=re.compile(r"/v1/(?:events|webhooks)(?:/.*)?"),
    ),
    Tag(name="recovery", about="What dunning brought in, and all that is owed.", paths=re.compile(r"/v1/recovery")),
    Tag(name="audit", about="The log's proofs, exports and readers.", paths=re.compile(r"/v1/audit/.*")),
    Tag(
        name="reference",
        about="What the API and its rulesets are written in.",
        paths=re.compile(r"/v1/vocabulary|/v1/whoami|/schema.*"),
    ),
    Tag(name="health", about="For operators: alive, ready, figures.", paths=re.compile(r"/healthz|/readyz|/metrics")),
)


def find_tag(path: str) -> Tag:
    """Find the group of a path; a path of none is a fault of ours."""
    return next(tag for tag in TAGS if tag.paths.fullmatch(path))
