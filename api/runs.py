"""Working off the runs over stored accounts: a chore of every server process, a step at a time, beside answering."""

import asyncio
import contextlib
import logging

from api.problems import ProblemError
from api.proposing import Proposals, propose_page, ration_page
from api.releasing import release_page
from api.service import Service
from store.errors import StoreError, Unavailable
from store.runwork import Step, give_up, take_step

_log = logging.getLogger("dunning.runs")
_IDLE_SECONDS = 1.0
_AFTER_TROUBLE_SECONDS = 2.0


class RunWorker:
    """What one process does of the runs; a run is worked at by one process at a time, and by another after its end."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._proposals = Proposals()
        self._woken = asyncio.Event()

    async def wake(self) -> None:
        """Look at once for what is to be done."""
        self._woken.set()

    async def run(self) -> None:
        """Work for as long as the process runs; what cannot be done just now is tried again."""
        while self._service.settings.due:
            try:
                is_more = await self.take_turn()
            except (StoreError, ProblemError) as problem:
                _log.warning("A step of a run has to wait: %s", problem)
                await asyncio.sleep(_AFTER_TROUBLE_SECONDS)
            else:
                if not is_more:
                    await self._rest()

    async def take_turn(self) -> bool:
        """Carry out one step of the oldest run; answers whether there may be more to do."""
        step = None
        try:
            async with take_step(self._service.store.database) as step:
                return step is not None and await self._carry_out(step)
        except (Unavailable, ProblemError):
            raise  # it passes
        except Exception as problem:
            if step is None:
                raise
            _log.exception("A step of run %s failed", step.run.id)
            said = f"A fault of the service, {type(problem).__name__}; its log says more."
            await give_up(self._service.store.database, step.run.id, said)
            return True

    async def _carry_out(self, step: Step) -> bool:
        in_use = self._service.rulesets.in_use()
        if in_use.withheld or in_use.unread:
            return False  # a version is not ready here yet
        match step.run.state:
            case "proposing":
                await propose_page(self._service, step, self._proposals)
            case "rationing":
                await ration_page(step)
            case _:
                return await release_page(self._service, step)
        return True

    async def _rest(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_IDLE_SECONDS):
                await self._woken.wait()
        self._woken.clear()
