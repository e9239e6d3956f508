"""Putting a process's parts together."""

import asyncio
import gc
import os
import uuid
from pathlib import Path

from api.apart import Examiner
from api.comparing import Comparer
from api.forms import PURPOSE, KeptForms
from api.metrics import Metrics, SharedFolder
from api.rulesets_live import LiveRulesets
from api.service import Service, Settings
from api.shelf import Shelf
from store.forms import Forms
from store.logkey import find_signer
from store.loglines import SERVICE
from store.store import Store

# So many new objects bring a round of the collector: a request makes some hundreds.
_NEW_OBJECTS = 20_000


async def open_service(settings: Settings, store: Store, turns: Path, home: Path | None = None) -> Service:
    """Put a process's parts together and load the rulesets in use; `home` is where a key of the log may be made."""
    signer = find_signer(key=settings.log_key, key_file=settings.log_key_file, home=home)
    if settings.four_eyes:
        await store.rulesets.switch_four_eyes(is_on=True, actor=SERVICE)
    live = LiveRulesets(
        store.rulesets,
        store.notices,
        KeptForms(Forms(store.database, b"" if signer is None else signer.derive(PURPOSE))),
        pinned_count=settings.pinned_versions_count,
        stale_after_seconds=settings.stale_after_seconds,
    )
    gc.collect()
    gc.disable()  # what is read now is kept: to look through it takes as long as to read it
    try:
        await live.start()
        _keep_for_good()
    finally:
        gc.enable()
    folder = settings.metrics_folder
    return Service(
        settings=settings,
        store=store,
        rulesets=live,
        metrics=Metrics(),
        shared_figures=None if folder is None else SharedFolder(folder, f"{os.getpid()}-{uuid.uuid4().hex[:8]}"),
        batches=asyncio.Semaphore(settings.most_batches),
        imports=asyncio.Semaphore(settings.most_imports),
        shelf=Shelf(store.rulesets),
        examiner=Examiner(turns),
        comparer=Comparer(),
        signer=signer,
    )


def _keep_for_good() -> None:
    """Take what has been made by now out of the garbage collector's rounds, which would walk through all of it.

    What a request makes goes as soon as it is answered; it has no circles that only the collector finds.
    """
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 20, 50)
