"""`dunning four-eyes`: whether what one publishes, retires or activates waits for another."""

from typing import Literal

import rich_click as click

from cli.auditing import with_store
from cli.options import LogOptions, log_options
from cli.users import find_user, name_actor
from store.store import Store


@click.command("four-eyes")
@log_options
@click.argument("switch", type=click.Choice(["on", "off"]), required=False)
def command(options: LogOptions, switch: Literal["on", "off"] | None) -> None:
    """Say whether four eyes are on for this database, or switch them on or off.

    While they are on, a version that is published waits for an approval, and to retire or activate one takes two; two
    tokens that name one person are one. Each switch is a line of the log.
    """

    async def work(store: Store) -> bool:
        if switch is not None:
            await store.rulesets.switch_four_eyes(is_on=switch == "on", actor=name_actor(), name=find_user())
        return await store.rulesets.needs_four_eyes()

    click.echo(f"Four eyes are {'on' if with_store(options, work) else 'off'}.")
