"""What pages load: their style, by an address that changes with it, so that browsers keep it."""

from litestar import get
from litestar.response import Response

from api.console.screen import HEADERS, HOME, SCREEN_KEY, STYLE, STYLE_PATH, Screen


@get(STYLE_PATH.removeprefix(HOME), opt={SCREEN_KEY: Screen(scope=None)})
async def get_style() -> Response[bytes]:
    """Answer the style."""
    headers = HEADERS | {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(STYLE, media_type="text/css; charset=utf-8", headers=headers)
