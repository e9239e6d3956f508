"""The page of docs that tells what was tried on the service, and what holds then; made from the tests that try it."""

import inspect
from collections.abc import Callable
from typing import Any

from tests.analysis import test_budget
from tests.api import (
    test_forms,
    test_health,
    test_kills,
    test_outages,
    test_overlaps,
    test_protocol,
    test_serving,
    test_strangers,
    test_warming,
)
from tests.cli import test_forged_packs
from tests.docs.boundspage import link
from tests.load import test_chaos, test_company, test_fuzzing, test_soak
from tests.store import test_database, test_decisions, test_tampering_together, test_times

_PAGE = """# Drills

What is done to the service, and to its log, in tests, and what holds all the same. This page is made from those tests.
`make chaos`, `make company`, `make soak`, `make fuzz` and `make strangers` do the last five for long, on your machine.

| done | holds | proved by |
|---|---|---|
{rows}"""

DRILLS: tuple[tuple[str, Callable[..., Any]], ...] = (
    ("the server is killed under load", test_kills.test_a_killed_server_has_lost_nothing_it_answered),
    (
        "the server is killed, with many rulesets in use",
        test_forms.test_a_killed_server_answers_for_every_ruleset_without_compiling,
    ),
    ("a compiled form is damaged", test_forms.test_a_form_that_is_not_what_was_kept_is_made_again),
    ("PostgreSQL is killed under load", test_kills.test_a_killed_postgresql_has_lost_nothing_that_was_answered),
    ("PostgreSQL stalls", test_outages.test_a_stalled_postgresql_is_a_503_while_it_lasts),
    ("its disk is full", test_decisions.test_a_full_disk_is_said_and_passes),
    ("a clock is wrong", test_health.test_nothing_is_decided_while_the_clock_is_wrong),
    ("a worker is killed", test_serving.test_workers_share_the_work),
    ("SIGTERM, whatever runs", test_serving.test_sigterm_ends_it_whatever_runs),
    (
        "the database was set to answer before it has written",
        test_database.test_commits_wait_for_the_disk_whatever_the_database_was_tuned_to,
    ),
    ("statements are given up", test_database.test_a_statement_that_was_given_up_ends),
    ("a version takes long to prepare", test_warming.test_the_last_version_answers_until_the_new_one_is_ready),
    (
        "a ruleset is made to be analysed for ever",
        test_budget.test_what_was_not_finished_is_said,
    ),
    ("a ruleset covers what another does", test_overlaps.test_a_ruleset_that_overlaps_one_in_use_is_refused),
    ("a trailer without end", test_protocol.test_what_stands_around_a_body_is_bounded),
    (
        "a forgery in the log behind a slip that jumps to the eye",
        test_tampering_together.test_a_clumsy_edit_hides_no_careful_forgery,
    ),
    ("lines of another time are put into the log", test_times.test_a_line_of_another_time_is_found),
    ("an evidence pack is forged", test_forged_packs.test_who_has_the_archive_cannot_forge_it),
    ("all that goes wrong, one after the other", test_chaos.test_whatever_goes_wrong_nothing_that_was_answered_is_lost),
    (
        "workers that carry actions out, and servers, are killed",
        test_company.test_each_step_is_done_once_and_in_time_whoever_dies,
    ),
    ("steady load", test_soak.test_the_memory_of_a_server_stays_as_it_is),
    ("spoiled inputs", test_fuzzing.test_nothing_that_is_sent_is_taken_amiss),
    ("a thousand connections without a token", test_strangers.test_a_stranger_stops_nobody),
)


def write_page() -> str:
    """Write the page."""
    rows = (f"| {done} | {say(proof)} | {link(proof)} |\n" for done, proof in DRILLS)
    return _PAGE.format(rows="".join(rows))


def say(proof: Callable[..., Any]) -> str:
    """Take what a test says that it proves, the first paragraph of it."""
    return " ".join((inspect.getdoc(proof) or "").partition("\n\n")[0].split())
