"""The mistakes that only suites and checks have; all others are those of loading."""

from engine.loading.mistakes import MISTAKES, Mistake

# One row a mistake: the formatter would give each sentence a line of its own.
# fmt: off
SUITE_MISTAKES: dict[str, Mistake] = {
    "unknown-ruleset": Mistake("Not a ruleset", "A suite tests the ruleset it names, which must stand beside it.",
        "Write the id of a ruleset of this folder, or its file's name."),
    "ruleset-broken": Mistake("The ruleset of the suite has errors", "A ruleset that cannot be read cannot be tested.",
        "Mend the ruleset first; `dunning check` says what is wrong with it."),
    "unknown-account": Mistake("Not an account", "A test can only ask about an account that the suite describes.",
        "Describe the account under “accounts”, or write it out in the test."),
    "account-invalid": Mistake("An account or history that cannot be decided on",
        "The service would refuse it, so the test could never pass.", "Correct the value."),
    "unknown-path": Mistake("Not a part of a decision", "What no decision has can never be as expected.",
        "Write a short name (outcome, rule, level, action, channel, block) or a path such as claim.total.amount."),
    "unknown-block": Mistake("Not a block", "What is not there never blocks.",
        "Write the id of a block of the ruleset."),
    "test-unclear": Mistake("A test that does not say what it asks",
        "A test either asks once and has “expect”, or asks day after day and has “timeline”.",
        "Keep “as_of” with “expect”, or “timeline” with “until”."),
    "skip-without-reason": Mistake("A test left out without a reason", "Nobody would know when to put it back.",
        "Write why: “skip: waits for the new fee schedule”."),
    "too-many-combinations": Mistake("A matrix with too many combinations",
        "Nobody reads thousands of cases, and they take long.", "Give fewer values, or split the test."),
}
# fmt: on
ALL_MISTAKES: dict[str, Mistake] = {**MISTAKES, **SUITE_MISTAKES}
