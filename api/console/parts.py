"""Parts of a page as the console shows them: a picture by its address, a table with its file."""

from markupsafe import Markup

from pages.html import write_block
from pages.page import Block, Picture, Table


def write_part(block: Block, *, picture: str, file: str | None = None, query: str = "") -> Markup:
    """Write a part of a page.

    A picture's address is ``picture`` where that ends in .svg, else its name below that; a table that has a name has a
    file of that name below ``file``.
    """
    asked = f"?{query}" if query else ""
    if isinstance(block, Picture):
        address = picture if picture.endswith(".svg") else f"{picture}/{block.name}.svg"
        return Markup('<figure tabindex="0"><img src="{}{}" alt="{}"></figure>').format(address, asked, block.about)
    written = Markup(write_block(block))  # noqa: S704  it escapes all it is told
    if isinstance(block, Table) and block.name and file is not None:
        written += Markup('<p class="file"><a href="{}/{}.csv{}">as CSV</a></p>').format(file, block.name, asked)
    return written
