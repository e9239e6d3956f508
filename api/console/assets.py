"""What pages load: style and scripts, by addresses that change with them, so that browsers keep them."""

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from api.console.screen import ASSETS, HEADERS, SCREEN_KEY, STATIC, Screen
from api.problems import ProblemError

_BY_PATH = {asset.path: asset for asset in ASSETS.values()}


@get(f"{STATIC}/{{name:str}}", opt={SCREEN_KEY: Screen(scope=None)})
async def get_asset(name: FromPath[str]) -> Response[bytes]:
    """Answer one of them."""
    asset = _BY_PATH.get(f"{STATIC}/{name}")
    if asset is None:
        raise ProblemError("not-found", "No page loads this any more; load the page again.")
    headers = HEADERS | {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(asset.content, media_type=asset.media_type, headers=headers)
