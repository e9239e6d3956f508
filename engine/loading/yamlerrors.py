"""What is wrong with the YAML itself, in the words of someone who writes rules, not parsers."""

import yaml

from engine.loading.yamlslips import Slip, find_comparison, find_slip
from engine.model.diagnostic import Position

# The parser's words (both libyaml's and PyYAML's), and ours with what to do: one row a mistake.
# fmt: off
_SENTENCES: tuple[tuple[str, str, str], ...] = (
    ("did not find expected key", "A key was expected here.",
        "Indent the keys of one mapping alike, and put texts that begin or end with quotes wholly in quotes."),
    ("did not find expected ',' or ']'", "The list in square brackets is not closed, or a comma is missing.",
        "Write [a, b, c]."),
    ("expected ',' or ']'", "The list in square brackets is not closed, or a comma is missing.", "Write [a, b, c]."),
    ("expected ',' or '}'", "The mapping in braces is not closed, or a comma is missing.",
        "Write {key: value, key: value}."),
    ("unexpected end of stream", "A text in quotes begins here and never ends.", "Close the quotes."),
    ("block sequence entries are not allowed", "A dash cannot begin a list item here.",
        "Put the first item on a line of its own below the key; a text that begins with a dash stands in quotes."),
    ("found unexpected ':'", "A colon stands inside a word here.",
        "Put a space after the colon that ends a key, or put the text in quotes."),
    ("mapping keys are not allowed", "A question mark cannot begin a key here.", "Put the text in quotes."),
    ("directive name", "A percent sign begins this line, which makes it a directive.", "Put the text in quotes."),
    ("did not find expected comment or line break", "Something follows the sign | or > on its line.",
        "Begin the text on the next line, indented; or put it in quotes."),
    ("unknown escape character", "A backslash in double quotes is followed by a character that has no meaning there.",
        "Write a backslash twice, or use single quotes."),
    ("did not find expected alphabetic or numeric character",
        "A * or & begins this value; in YAML these make aliases and anchors, which the language does not have.",
        "Put the text in quotes; in the row of a table, - leaves a key out."),
    ("did not find expected whitespace or line break",
        "A ! begins this value; in YAML that makes a tag, which the language does not have.",
        "Put a text in quotes; for “not”, write false, or {not: value}."),
    ("did not find expected node content", "A value was expected here.",
        "Write a value, or take the comma or bracket before it away; in the row of a table, - leaves a key out."),
    ("did not find expected <document start>", "The document has ended, and something more follows.",
        "Keep one ruleset in one file."),
)
# fmt: on
_AT_THE_BEGINNING = ("unexpected end of stream", "alphabetic or numeric", "whitespace or line break")


def describe_syntax_error(error: yaml.MarkedYAMLError, lines: list[str], open_text: Position | None) -> Slip:
    """Return the place, the sentence and the hint for an error of the parser.

    ``open_text`` is where quotes opened that swallowed the lines before the error.
    """
    if open_text is not None:
        found = "The text in quotes that begins here does not end on its line."
        return Slip(open_text, found, "Close it with the same quotes at the end of the text.")
    slip = find_slip(error, lines)
    if slip is not None:
        return slip
    problem = error.problem or error.context or "unreadable"
    starts_earlier = any(words in problem for words in _AT_THE_BEGINNING)
    mark = (error.context_mark if starts_earlier else None) or error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark is not None else (0, 0)
    place = Position(min(line, len(lines) - 1) + 1, column + 1)
    if starts_earlier and (slip := find_comparison(lines, place)):
        return slip
    for words, sentence, hint in _SENTENCES:
        if words in problem:
            return Slip(place, sentence, hint)
    return Slip(place, f"The YAML cannot be read here: {problem}.", "Compare the line with the examples in rulesets/.")
