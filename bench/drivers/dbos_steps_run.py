"""Runs all tasks as the steps of one durable DBOS workflow over SQLite, in waves."""

import asyncio
import os
import subprocess

from dbos import DBOS, DBOSConfig
from work import at_once, noted, tasks

config: DBOSConfig = {"name": "bench", "system_database_url": f"sqlite:///{os.getcwd()}/dbos.sqlite", "run_admin_server": False, "log_level": "ERROR"}
DBOS(config=config)


@DBOS.step()
async def step(argv):
    process = await asyncio.create_subprocess_exec(*argv, stdin=subprocess.DEVNULL)
    if await process.wait() != 0:
        raise RuntimeError(argv)


@DBOS.workflow()
async def flow():
    """Waves of at most `at_once`: DBOS asks that steps start in an order that is the same each time."""
    done, left = set(), list(tasks)
    while left:
        wave = [task for task in left if done.issuperset(task["needs"])][:at_once]
        await asyncio.gather(*[step(task["argv"]) for task in wave])
        done.update(task["name"] for task in wave)
        names = {task["name"] for task in wave}
        left = [task for task in left if task["name"] not in names]
    return len(done)


async def main():
    DBOS.launch()
    with noted():
        count = await flow()
    assert count == len(tasks), count
    DBOS.destroy()


asyncio.run(main())
