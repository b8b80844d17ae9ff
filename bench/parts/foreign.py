"""Plans of other benchmarks, run and resumed through `bench/engine` as their scripts do."""

import json
import os
from pathlib import Path

from . import plans
from .durable import start
from .measure import notes, table, timed, wait_for

ENGINE = Path(__file__).resolve().parent.parent / "engine"


def engine(bench):
    """Killed when some tasks have ended, then called again in the same words. What goes wrong here is a fault and not a
    figure, so it fails the section."""
    plan = plans.layered("foreign", 6, 10 if bench.smoke else 50, ms=50)
    folder = bench.folder("engine")
    log, path, state = folder / "notes", folder / "plan.json", folder / "state"
    path.write_text(json.dumps(in_their_words(plan, bench.peers.task)))
    words = [str(ENGINE), "run", str(path), "--jobs", str(plans.AT_ONCE), "--dir", str(state)]
    env = {**os.environ, "BAND": bench.peers.band, "BENCH_LOG": str(log)}
    process = start(words, env, folder)
    try:
        wait_for(lambda: len([what for what, _, _ in notes(log) if what == "E"]) > len(plan.tasks) // 3)
    finally:
        process.kill()
        process.wait()
    before = len(notes(log))
    code = timed(words, env, folder)["code"]
    started = [name for what, name, _ in notes(log) if what == "S"]
    ended = [name for what, name, _ in notes(log) if what == "E"]
    facts = {
        "tasks": len(plan.tasks), "code": code, "lost": len(plan.tasks) - len(set(ended)), "completed again": len(ended) - len(set(ended)),
        "started again": len(started) - len(set(started)), "lines when killed": before,
    }
    print("\n## A plan of another benchmark, killed and resumed\n")
    table(list(facts), [list(facts.values())])
    bench.keep("engine", facts)
    if code != 0 or len(ended) != len(plan.tasks) or len(started) != len(plan.tasks):
        raise RuntimeError(f"not each task ran once: {(folder / 'out.log').read_text(errors='replace')[-400:]}")


def in_their_words(plan, probe):
    """With ids that are not names in a plan of `band`."""
    tasks = [
        {"id": task.name.upper(), "deps": [need.upper() for need in task.needs], "argv": task.argv(probe), "ms": task.ms} for task in plan.tasks
    ]
    return {"name": plan.name, "jobs": plans.AT_ONCE, "tasks": tasks}
