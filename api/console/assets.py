"""What pages load: style and scripts, by addresses that change with them, so that browsers keep them."""

import re

from litestar import get
from litestar.params import FromPath
from litestar.response import Response
from litestar.types import Scope

from api.console.screen import ASSETS, HEADERS, SCREEN_KEY, STATIC, Screen
from api.problems import ProblemError
from api.requests import find_header

_BY_PATH = {asset.path: asset for asset in ASSETS.values()}
_KEPT = HEADERS | {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
_TAKES_ZIPPED = re.compile(r"(?:^|,)\s*gzip\s*(?:,|$)")


@get(f"{STATIC}/{{name:str}}", opt={SCREEN_KEY: Screen(scope=None)})
async def get_asset(scope: Scope, name: FromPath[str]) -> Response[bytes]:
    """Answer one of them, compressed where the browser takes that."""
    asset = _BY_PATH.get(f"{STATIC}/{name}")
    if asset is None:
        raise ProblemError("not-found", "No page loads this any more; load the page again.")
    if _TAKES_ZIPPED.search(find_header(scope, b"accept-encoding") or "") is None:
        return Response(asset.content, media_type=asset.media_type, headers=_KEPT)
    return Response(asset.zipped, media_type=asset.media_type, headers=_KEPT | {"Content-Encoding": "gzip"})
