"""A process to be killed: it logs decisions on a data folder and prints each id once it is answered."""

import asyncio
import datetime as dt
import sys
from pathlib import Path

from store.decisionrecords import DecisionRecord
from store.errors import Unavailable
from store.identifiers import instant_of, make_id
from store.store import Store, StoreSettings

_CALLER_COUNT = 20


async def _log_for_ever(store: Store) -> None:
    while True:
        name = make_id()
        record = DecisionRecord(
            id=name,
            at=instant_of(name),
            account_id="A",
            track="dunning",
            outcome="act",
            as_of=dt.datetime(2026, 11, 20, tzinfo=dt.UTC),
            answer=b"{}",
            input=b"{}",
        )
        try:
            await store.decision_log.append(record)
        except Unavailable as problem:
            sys.stdout.write(f"refused {type(problem).__name__}\n")
            await asyncio.sleep(0.01)  # noqa: TID251  a caller that asks again in a moment
        else:
            sys.stdout.write(f"logged {record.id}\n")
        sys.stdout.flush()


async def _main(folder: Path) -> None:
    settings = StoreSettings(log_deadline_seconds=0.5, ping_seconds=0.2)
    async with await Store.open(None, folder, settings=settings) as store, asyncio.TaskGroup() as callers:
        for _ in range(_CALLER_COUNT):
            callers.create_task(_log_for_ever(store))


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1])))
