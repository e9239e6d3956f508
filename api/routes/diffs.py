"""What a version changed: in its texts, in what is written, and in what is decided."""

from litestar import get
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api.answers import answer_cached, encode
from api.auditmessages import DiffQuery, VersionDiff
from api.operation import OPT_KEY, Answer, Operation
from api.problems import ProblemError
from api.requests import read_query
from api.routes.rulesets import read_version
from api.service import find_service
from api.versions import UnusableVersion
from api.versiontexts import write_text_difference
from engine.comparison.verdict import say_verdict

READ = Operation(
    name="diffVersions",
    summary="What changed from one version to another: texts, parts, and for which accounts the decision differs.",
    scope="audit",
    query=DiffQuery,
    answers=(Answer(about="The differences; `is_behaviour_same` is a proof.", record=VersionDiff),),
    headers={"If-None-Match": "An ETag: 304 if nothing changed."},
    problems=("unknown-ruleset", "unavailable"),
)


@get("/v1/rulesets/{ruleset_id:str}/diff", opt={OPT_KEY: READ})
async def diff_versions(scope: Scope, ruleset_id: FromPath[str]) -> Response[bytes]:
    """Compare two versions of a ruleset."""
    asked = read_query(scope, DiffQuery)
    service = find_service(scope)
    before, after = [await read_version(service, ruleset_id, number) for number in (asked.from_, asked.to)]
    try:
        old, new = await service.shelf.take([(ruleset_id, asked.from_), (ruleset_id, asked.to)])
    except UnusableVersion as problem:
        raise ProblemError("unavailable", f"{problem}.", headers={"Retry-After": "60"}) from None
    difference = await service.comparer.compare(old.ruleset, new.ruleset)
    answer = VersionDiff(
        ruleset=ruleset_id,
        from_=asked.from_,
        to=asked.to,
        texts=write_text_difference(before, after),
        verdict=say_verdict(difference),
        is_behaviour_same=difference.is_behaviour_same,
        is_finished=difference.is_finished,
        difference=difference,
    )
    return answer_cached(scope, encode(answer))
