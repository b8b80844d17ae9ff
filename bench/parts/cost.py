"""G8, G9, G10, G13: memory, start-up, steps without a process, and a long history."""

import json
import os
import shutil
import subprocess
import time

from . import plans
from .durable import start
from .measure import median, memory, notes, processes, table, timed, wait_for


def idle_memory(bench):
    """The engine and the supervisor of a run that waits for one task, with one and with many tasks behind it."""
    many = 200 if bench.smoke else 10_000
    print("\n## Memory while waiting, MB\n")
    rows = [[count, *waiting_memory(bench, count)] for count in (1, many)]
    table(["tasks waiting", "engine", "supervisor", "both"], rows)
    bench.keep("memory", rows)
    idle, more = rows[0][3], rows[1][3] - rows[0][3]
    if not bench.smoke:
        bench.goal("G8", "idle, store open", idle, idle <= 15, "MB")
        bench.goal("G8", "more with 10,000 tasks waiting", more, more <= 12, "MB")


def waiting_memory(bench, count):
    folder = bench.folder(f"memory-{count}")
    log = folder / "notes"
    argv, env = bench.peers.prepare("band", plans.waiting(count, 600_000), folder, {"BENCH_LOG": str(log)})
    process = start(argv, env, folder)
    try:
        wait_for(lambda: notes(log))
        settle(process.pid)
        engine = memory(process.pid)
        others = sum(memory(pid) for pid in processes(bench.peers.band, folder) if pid != process.pid)
    finally:
        bench.band(["cancel", "--now"], folder)
        process.wait(timeout=60)
    return engine, others, engine + others


def settle(pid):
    """Until the figure stands still."""
    calm, last = 0, 0.0
    for _ in range(100):
        now = memory(pid)
        calm = calm + 1 if abs(now - last) < 0.2 else 0
        last = now
        if calm >= 5:
            return
        time.sleep(0.2)


def start_up(bench):
    """Interleaved with the `--version` of the peers; then a large plan, checked and begun."""
    programs = {"band": bench.peers.band, "make": bench.peers.make, "ninja": bench.peers.ninja}
    folder, taken = bench.folder("start-up"), {}
    for _ in range(3 if bench.smoke else 20):
        for name, program in programs.items():
            if program:
                taken.setdefault(name, []).append(timed([program, "--version"], None, folder)["wall"] * 1000)
    print("\n## Start-up, ms\n")
    table(["--version", "median", "least"], [[name, median(values), min(values)] for name, values in taken.items()])
    bench.keep("version ms", {name: median(values) for name, values in taken.items()})
    bench.goal("G9", "`--version`", median(taken["band"]), median(taken["band"]) <= 5, "ms")
    large_plans(bench)


def large_plans(bench):
    small = bench.smoke
    shapes = [plans.waiting(100 if small else 10_000, 300), plans.layered("layers", 10, 20 if small else 1000, ms=1)]
    rows = []
    for plan in shapes:
        checks, firsts = [], []
        for _ in range(bench.rounds):
            folder = bench.folder(f"large-{plan.name}")
            log = folder / "notes"
            argv, env = bench.peers.prepare("band", plan, folder, {"BENCH_LOG": str(log)})
            checks.append(timed([argv[0], "check", argv[2]], env, folder)["wall"] * 1000)
            firsts.append(first_start(bench, argv, env, folder, log))
        rows.append([plan.name, len(plan.tasks), median(checks), median(firsts)])
        bench.keep(f"large {plan.name} ms", {"check": checks, "first": firsts})
        if not small:
            bench.goal("G9", f"{plan.name}: `band check`, 10,000 tasks", median(checks), median(checks) <= 100, "ms")
            bench.goal("G9", f"{plan.name}: first task started", median(firsts), median(firsts) <= 200, "ms")
    table(["plan", "tasks", "checked, ms", "first task after, ms"], rows)


def first_start(bench, argv, env, folder, log):
    begun = time.monotonic_ns()
    process = start(argv, env, folder)
    wait_for(lambda: notes(log))
    first = min(at for what, _, at in notes(log) if what == "S")
    process.kill()
    process.wait()
    bench.band(["cancel", "--now"], folder)
    shutil.rmtree(folder, ignore_errors=True)
    return (first - begun) / 1e6


def steps(bench, ledger):
    """Core and store alone: tasks that complete as soon as they are started, every turn committed."""
    tasks = 500 if bench.smoke else 10_000
    rows = []
    for at_once in (1, 8, 64):
        rates = []
        for _ in range(bench.rounds):
            folder = bench.folder(f"steps-{at_once}")
            said = subprocess.run([ledger, "steps", folder, str(tasks), str(at_once)], capture_output=True, text=True, check=True)
            rates.append(json.loads(said.stdout)["per_second"])
            shutil.rmtree(folder, ignore_errors=True)
        rows.append([at_once, round(median(rates)), round(max(rates))])
    print("\n## Durable completions a second, without a process\n")
    table(["ended together", "median", "most"], rows)
    bench.keep("steps", rows)
    wait = disk_wait(bench)
    bench.keep("disk wait us", wait)
    # One after the other each is a commit of its own, and the disk decides; so that is told beside what the disk allows.
    print(f"\nOne durable write of 8 KB waits {wait:.0f} us here: one after the other at most {1e6 / wait:,.0f} a second.")
    bench.goal("G10", "completions per second, 8 together", rows[1][1], rows[1][1] >= 10_000)
    bench.goal("G10", "completions per second, 64 together", rows[2][1], rows[2][1] >= 10_000)


def disk_wait(bench):
    """Median of what `fdatasync` takes after 8 KB were written over others, in microseconds."""
    folder = bench.folder("disk")
    taken = []
    with open(folder / "file", "w+b", buffering=0) as file:
        for again in range(2):
            file.seek(0)
            for _ in range(20 if bench.smoke else 400):
                file.write(b"\0" * 8192)
                begun = time.monotonic()
                os.fdatasync(file.fileno())
                taken.append((again, time.monotonic() - begun))
    shutil.rmtree(folder, ignore_errors=True)
    return median([seconds * 1e6 for again, seconds in taken if again])


def history(bench, ledger):
    """Many finished runs in one folder, made through the store as a run makes them."""
    runs, events = (20, 100) if bench.smoke else (1000, 1000)
    folder = bench.folder("history")
    subprocess.run([ledger, "runs", folder, str(runs), str(events)], check=True)
    size = sum(file.stat().st_size for file in (folder / ".band").glob("band.db*")) / 1e6
    print(f"\n## {runs} finished runs, {runs * events} events, {size:.0f} MB: ms\n")
    rows = []
    for words in (["list"], ["list", "-n", "0"], ["list", "-n", "0", "--json"], ["status"], ["status", "--json"], ["inbox"]):
        taken = [timed([bench.peers.band, *words], None, folder) for _ in range(max(bench.rounds, 5))]
        if any(sample["code"] != 0 for sample in taken):
            raise RuntimeError(f"band {words} failed: {(folder / 'out.log').read_text()[-400:]}")
        walls = [sample["wall"] * 1000 for sample in taken]
        rows.append([" ".join(["band", *words]), median(walls), min(walls)])
    table(["", "median", "least"], rows)
    bench.keep("history ms", {row[0]: row[1] for row in rows})
    if not bench.smoke:
        for name in ("band list", "band list -n 0", "band status", "band inbox"):
            took = next(row[1] for row in rows if row[0] == name)
            bench.goal("G13", f"`{name}`", took, took <= 30, "ms")
    shutil.rmtree(folder, ignore_errors=True)
