"""Run a main job with helpers beside it, and end all of them together."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def beside(
    main: Coroutine[Any, Any, Result], *helpers: Coroutine[Any, Any, None]
) -> Result:
    """The main job's result. A helper that fails ends the main job with its error.

    Helpers run as long as the main job does; one that returns early is no failure.
    """
    job = asyncio.ensure_future(main)
    others = {asyncio.ensure_future(helper) for helper in helpers}
    waiting: set[asyncio.Future[Any]] = {job, *others}
    try:
        while not job.done():
            done, waiting = await asyncio.wait(
                waiting, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done - {job}:
                task.result()
        return job.result()
    finally:
        for task in (job, *others):
            task.cancel()
        await asyncio.gather(job, *others, return_exceptions=True)
