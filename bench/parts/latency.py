"""G4: from the end of a task's last need to the start of the task, both noted by the processes themselves."""

import shutil

from . import plans
from .measure import notes, percentile, table, timed


def ready_to_start(bench):
    """Slots are never short here, so that waiting for one is not counted. What is measured includes the start of the
    program itself, and for a busy machine the wait for a processor."""
    small = bench.smoke
    plan = plans.diamonds(3 if small else 60, ms=12, noted=True)
    print("\n## From the end of the last need to the start, ms\n")
    gaps = {"band": [], "make": [], "ninja": []}
    for _ in range(bench.rounds):
        for name, found in gaps.items():
            found += once(bench, name, plan)
    rows = []
    for name, found in gaps.items():
        if found:
            rows.append([name, len(found), percentile(found, 0.5), percentile(found, 0.99), max(found)])
    table(["", "starts", "p50", "p99", "longest"], rows)
    bench.keep("latency ms", {row[0]: {"p50": row[2], "p99": row[3], "longest": row[4]} for row in rows})
    middle, late = percentile(gaps["band"], 0.5), percentile(gaps["band"], 0.99)
    bench.goal("G4", "ready to start: p50", middle, middle < 2, "ms")
    bench.goal("G4", "ready to start: p99", late, late < 10, "ms")


def once(bench, name, plan):
    folder = bench.folder(f"latency-{name}")
    log = folder / "notes"
    prepared = bench.peers.prepare(name, plan, folder, {"BENCH_LOG": str(log)})
    if prepared is None or timed(*prepared, folder)["code"] != 0:
        return []
    starts = {task: at for what, task, at in notes(log) if what == "S"}
    ends = {task: at for what, task, at in notes(log) if what == "E"}
    shutil.rmtree(folder, ignore_errors=True)
    return [(starts[task.name] - max(ends[need] for need in task.needs)) / 1e6 for task in plan.tasks if task.needs]
