"""Examples below the help of a command, each with what it is for."""


def show_examples(*examples: tuple[str, str]) -> str:
    """Return the end of a help text: each command line, and in a few words what it does; a paragraph is a line."""
    return "\n\n".join(["For example:", *(f"$ {line}{f'  # {about}' if about else ''}" for line, about in examples)])
