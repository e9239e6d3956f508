"""What is wrong with the YAML itself, in the words of someone who writes rules, not parsers."""

import yaml

# The parser's words (both libyaml's and PyYAML's), and ours with what to do.
_SENTENCES: tuple[tuple[str, str, str], ...] = (
    (
        "mapping values are not allowed",
        "A colon stands where no key can be.",
        "Put a text that holds “: ” in quotes, or mend the indentation of this line.",
    ),
    (
        "cannot start any token",
        "This character cannot begin a value.",
        "Put the text in quotes.",
    ),
    (
        "could not find expected ':'",
        "A key here lacks its colon.",
        "Write “key: value”, with a space after the colon.",
    ),
    (
        "did not find expected key",
        "A key was expected here.",
        "Indent the keys of one mapping alike, and put texts that begin or end with quotes wholly in quotes.",
    ),
    (
        "expected <block end>",
        "This line is indented differently from the lines it belongs to.",
        "Indent the keys of one mapping, and the dashes of one list, alike.",
    ),
    (
        "did not find expected '-' indicator",
        "A dash was expected here: the list goes on, or its indentation ends.",
        "Begin every item of the list with “- ”, all indented alike.",
    ),
    (
        "did not find expected ',' or ']'",
        "The list in square brackets is not closed, or a comma is missing.",
        "Write [a, b, c].",
    ),
    (
        "expected ',' or ']'",
        "The list in square brackets is not closed, or a comma is missing.",
        "Write [a, b, c].",
    ),
    (
        "expected ',' or '}'",
        "The mapping in braces is not closed, or a comma is missing.",
        "Write {key: value, key: value}.",
    ),
    (
        "unexpected end of stream",
        "A text in quotes begins here and never ends.",
        "Close the quotes.",
    ),
    (
        "block sequence entries are not allowed",
        "A dash cannot begin a list item here.",
        "Put the first item on a line of its own below the key.",
    ),
    (
        "found unexpected ':'",
        "A colon stands inside a word here.",
        "Put a space after the colon that ends a key, or put the text in quotes.",
    ),
    (
        "mapping keys are not allowed",
        "A question mark cannot begin a key here.",
        "Put the text in quotes.",
    ),
    (
        "directive name",
        "A percent sign begins this line, which makes it a directive.",
        "Put the text in quotes.",
    ),
    (
        "did not find expected comment or line break",
        "Something follows the sign | or > on its line.",
        "Begin the text on the next line, indented; or put it in quotes.",
    ),
    (
        "unknown escape character",
        "A backslash in double quotes is followed by a character that has no meaning there.",
        "Write a backslash twice, or use single quotes.",
    ),
    (
        "did not find expected alphabetic or numeric character",
        "A * or & begins this value; in YAML these make aliases and anchors, which the language does not have.",
        "Put the text in quotes.",
    ),
    (
        "did not find expected node content",
        "A value was expected here.",
        "Write a value, or take the comma or bracket before it away.",
    ),
    (
        "did not find expected <document start>",
        "The document has ended, and something more follows.",
        "Keep one ruleset in one file.",
    ),
)
_AT_THE_BEGINNING = ("unexpected end of stream",)


def describe_syntax_error(error: yaml.MarkedYAMLError, text: str) -> tuple[tuple[int, int], str, str]:
    """Return (line, column), the sentence and the hint for an error of the parser."""
    problem = error.problem or error.context or "unreadable"
    starts_earlier = any(words in problem for words in _AT_THE_BEGINNING)
    mark = (error.context_mark if starts_earlier else None) or error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark is not None else (0, 0)
    place = (min(line, text.count("\n")) + 1, column + 1)
    for words, sentence, hint in _SENTENCES:
        if words in problem:
            return place, sentence, hint
    return place, f"The YAML cannot be read here: {problem}.", "Compare the line with the examples in rulesets/."
