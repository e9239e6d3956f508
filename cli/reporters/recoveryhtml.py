"""Recovery figures as a page with pictures, for who answers for the money."""

from api.recovering import Made
from api.recoverysections import list_facts, list_sections
from pages.html import write_html
from pages.page import Page


def write(made: Made) -> str:
    """Return the page; it needs nothing but itself."""
    report = made.tell()
    sections = tuple(section for found in report.currencies for section in list_sections(found, report))
    title = f"Recovery as of {report.as_of}"
    return write_html(Page(name="recovery", title=title, facts=list_facts(report), sections=sections))
