"""Runs each task as a durable DBOS workflow of one step over SQLite.

DBOS knows no graph between workflows, so a loop out here starts each when its needs are done. `dbos_steps_run.py` is the other
shape; which of the two is faster differs with the machine and its load, so both are timed."""

import os
import subprocess
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

from dbos import DBOS, DBOSConfig, SetWorkflowID
from work import at_once, noted, tasks

config: DBOSConfig = {
    "name": "bench", "system_database_url": f"sqlite:///{os.getcwd()}/dbos.sqlite", "run_admin_server": False, "log_level": "ERROR",
}
DBOS(config=config)


@DBOS.step()
def step(argv):
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)


@DBOS.workflow()
def one(argv):
    step(argv)


def run(task):
    with SetWorkflowID(task["name"]):
        one(task["argv"])
    return task["name"]


def run_all():
    open_needs = {task["name"]: len(task["needs"]) for task in tasks}
    after = {task["name"]: [] for task in tasks}
    for task in tasks:
        for need in task["needs"]:
            after[need].append(task)
    done = 0
    with ThreadPoolExecutor(at_once) as pool:
        under_way = {pool.submit(run, task) for task in tasks if not task["needs"]}
        while under_way:
            ended, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for future in ended:
                done += 1
                for task in after[future.result()]:
                    open_needs[task["name"]] -= 1
                    if open_needs[task["name"]] == 0:
                        under_way.add(pool.submit(run, task))
    return done


DBOS.launch()
with noted():
    count = run_all()
assert count == len(tasks), count
DBOS.destroy()
