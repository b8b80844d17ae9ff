"""G3, G6, G7: what durability costs and what it gives: blocking writes, kills at random points, resuming."""

import os
import random
import re
import shutil
import signal
import subprocess
import time

from . import plans
from .measure import median, notes, table, timed, wait_for

WRITES = ["fsync", "fdatasync", "sync_file_range", "msync", "syncfs", "sync"]


def durable_writes(bench):
    """Counted over every process of the run: by strace, which slows each process down so that fewer end together, and
    by the kernel's own counters where perf may read them, which slows nothing down."""
    small = bench.smoke
    tasks = {"chain": plans.chain(10 if small else 200), "wide": plans.wide(20 if small else 1000)}
    print("\n## Blocking durable writes\n")
    rows = []
    for name, plan in tasks.items():
        for peer in ["band"] if small else ["band", "langgraph", "dbos"]:
            for way, count in (("strace", traced), ("perf", counted)):
                writes = count_writes(bench, peer, plan, way, count)
                if writes is None:
                    continue
                each = writes / len(plan.tasks)
                rows.append([name, peer, way, len(plan.tasks), writes, each])
                if peer == "band":
                    most = 1.1 if name == "chain" else 0.5
                    bench.goal("G3", f"{name}: blocking durable writes per task, {way}", each, each <= most)
    table(["plan", "", "counted by", "tasks", "writes", "per task"], rows)
    bench.keep("durable writes", rows)


def count_writes(bench, peer, plan, way, count):
    folder = bench.folder(f"{way}-{peer}-{plan.name}")
    prepared = bench.peers.prepare(peer, plan, folder)
    if prepared is None or shutil.which(way) is None:
        return None
    writes = count(*prepared, folder)
    shutil.rmtree(folder, ignore_errors=True)
    return writes


def traced(argv, env, folder):
    trace = ["strace", "-f", "--seccomp-bpf", "-c", "-o", "counts", "-e", "trace=" + ",".join(WRITES)]
    if timed([*trace, *argv], env, folder)["code"] != 0:
        return None
    # strace lives as long as the last process of the run.
    lines = (folder / "counts").read_text().splitlines()
    found = [re.match(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", line) for line in lines]
    return sum(int(match[1]) for match in found if match and match[2] in WRITES)


def counted(argv, env, folder):
    """Nothing where perf may not read them."""
    events = ",".join(f"syscalls:sys_enter_{name}" for name in WRITES)
    if timed(["perf", "stat", "-x", ";", "-o", "counts", "-e", events, *argv], env, folder)["code"] != 0:
        return None
    fields = [line.split(";") for line in (folder / "counts").read_text().splitlines() if ";" in line]
    return sum(int(field[0]) for field in fields if field[0].isdigit()) if any(f[0].isdigit() for f in fields) else None


def kills(bench):
    """The engine is killed again and again while a layered plan runs; the tasks' own notes are the witness."""
    times = 5 if bench.smoke else 100
    plan = plans.layered("kills", 20, 10 if bench.smoke else 50, ms=100)
    folder = bench.folder("kills")
    log = folder / "notes"
    argv, env = bench.peers.prepare("band", plan, folder, {"BENCH_LOG": str(log)})
    chance, killed = random.Random(3), 0
    while killed < times:
        process = start(argv, env, folder)
        time.sleep(chance.uniform(0.0, 0.16))
        if process.poll() is not None:
            break
        process.kill()
        process.wait()
        killed += 1
        if "resume" not in argv and bench.band(["status"], folder).returncode == 0:
            argv = [bench.peers.band, "resume"]
    last = timed([bench.peers.band, "resume"], env, folder)
    ended = [name for what, name, _ in notes(log) if what == "E"]
    started = [name for what, name, _ in notes(log) if what == "S"]
    result = {
        "killed": killed, "tasks": len(plan.tasks), "code": last["code"], "lost": len(plan.tasks) - len(set(ended)),
        "completed again": len(ended) - len(set(ended)), "started again": len(started) - len(set(started)),
    }
    bench.keep("kills", result)
    print("\n## Killed at random points\n")
    table(list(result), [list(result.values())])
    well = last["code"] == 0 and not (result["lost"] or result["completed again"] or result["started again"])
    bench.goal("G6", f"{killed} kills: tasks lost, run again, not adopted", f"{result['lost']}, {result['completed again']}, {result['started again']}", well)


def start(argv, env, folder):
    with open(folder / "out.log", "ab") as output:
        return subprocess.Popen(argv, env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)


def resume(bench, ledger):
    """A made-up interrupted run with a long log: from the start of `band resume` to a task's first line."""
    print("\n## Resuming a run\n")
    rows = []
    for events, most in [(200, None)] if bench.smoke else [(1000, 25), (100_000, 150)]:
        made = bench.folder(f"long-{events}")
        subprocess.run([ledger, "open", made, str(events), bench.peers.task], check=True)
        taken = [first_task(bench, made, events) for _ in range(bench.rounds)]
        rows.append([events, median(taken), min(taken), max(taken)])
        bench.keep(f"resume {events}", taken)
        if most:
            bench.goal("G7", f"{events} events: first task after", median(taken), median(taken) <= most, "ms")
        shutil.rmtree(made, ignore_errors=True)
    table(["events", "first task after, ms", "least", "most"], rows)


def first_task(bench, made, events):
    folder = bench.folder(f"resume-{events}")
    shutil.copytree(made, folder, dirs_exist_ok=True)
    log = folder / "notes"
    begun = time.monotonic_ns()
    process = start([bench.peers.band, "resume"], {**os.environ, "BENCH_LOG": str(log)}, folder)
    try:
        wait_for(lambda: notes(log))
        first = min(at for what, _, at in notes(log) if what == "S")
        if process.wait(timeout=120) != 0:
            raise RuntimeError((folder / "out.log").read_text()[-400:])
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
    shutil.rmtree(folder, ignore_errors=True)
    return (first - begun) / 1e6
