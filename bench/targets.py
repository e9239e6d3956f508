"""What a measurement is held against, in one line: met or missed."""


def report_at_most(name: str, found: float, most: float) -> None:
    """Print a ratio that must not be above its target."""
    print(f"{name}: {found:.2f}, at most {most:g}: {_judge(found <= most)}")


def report_at_least(name: str, found: float, least: float) -> None:
    """Print a ratio that must not be below its target."""
    print(f"{name}: {found:.2f}, at least {least:g}: {_judge(found >= least)}")


def _judge(met: bool) -> str:  # noqa: FBT001 - the only argument
    return "met" if met else "missed"
