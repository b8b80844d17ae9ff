"""Runs the tasks as a Prefect flow on threads, recorded by the server that Prefect starts for it on this machine."""

import subprocess

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.task_runners import ThreadPoolTaskRunner
from work import at_once, noted, tasks


@task(cache_policy=NO_CACHE, persist_result=False)
def one(argv):
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)


@flow(task_runner=ThreadPoolTaskRunner(max_workers=at_once), persist_result=False)
def run_all():
    futures = {}
    for entry in tasks:
        futures[entry["name"]] = one.submit(entry["argv"], wait_for=[futures[need] for need in entry["needs"]])
    return len([future.result() for future in futures.values()])


# What `noted` leaves out is small here: the server is started by the first flow, so within.
with noted():
    count = run_all()
assert count == len(tasks), count
