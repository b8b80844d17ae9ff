"""G1, G2, G5, G11: how long whole runs take beside the peers, on an idle and on a busy machine."""

import subprocess
import sys

from . import plans
from .measure import interleaved, ratio, table
from .peers import SLOW


def shapes(bench):
    small = bench.smoke
    return [
        plans.wide(60 if small else 1000),
        plans.layered("layered", 4 if small else 20, 10 if small else 50),
        plans.chain(20 if small else 200),
        plans.diamonds(5 if small else 100),
        plans.fans(2 if small else 10, 10 if small else 50),
        plans.tangle(40 if small else 600),
        plans.uneven(4 if small else 20),
        plans.reduction(16 if small else 512),
        plans.beside(10 if small else 150, 30 if small else 800),
        plans.wide(100 if small else 5000, "wider"),
    ]


# Where the slow peers are timed as well: what goals are about.
JUDGED = ("wide", "layered")


def no_ops(bench):
    """Processes that do nothing: what is left is the tool's own cost."""
    with_slow, rows = JUDGED[:1] if bench.smoke else JUDGED, []
    for plan in shapes(bench):
        names = [name for name in bench.peers.names() if name not in SLOW or plan.name in with_slow]
        results = interleaved(bench, plan, ["band", *names])
        bench.keep(f"no-op {plan.name}", results)
        show(f"{plan.name}, {len(plan.tasks)} processes that do nothing", results, len(plan.tasks))
        judge(bench, plan.name, results)
        rows.append([plan.name, len(plan.tasks), *(ratio(results, "band", name) for name in bench.peers.names())])
    print("\n## All shapes: band's wall over that of the others\n")
    table(["", "tasks", *bench.peers.names()], rows)
    bench.keep("no-op ratios", {row[0]: dict(zip(bench.peers.names(), row[2:])) for row in rows})


def show(title, results, tasks):
    """`at work` is what the driver says that the tool took, without starting Python, Node or a server."""
    print(f"\n## {title}\n")
    heads = ["", "rounds", "wall s, median", "least", "most", "at work s", "tasks/s", "band's wall / its", "waited"]
    rows = []
    for name, result in sorted(results.items(), key=lambda pair: pair[1]["wall"] or 1e9):
        share = ratio(results, "band", name) if name != "band" else None
        if result["wall"] is None:
            rows.append([name, 0, "failed", "", "", "", "", "", ""])
        else:
            well = sum(wall is not None for wall in result["walls"])
            figures = [result[key] for key in ("wall", "least", "most", "took")] + [round(tasks / result["wall"]), share]
            rows.append([name, well, *figures, f"{result['waited']:.0%}"])
    table(heads, rows)


def judge(bench, name, results):
    if name in JUDGED:
        bare = ratio(results, "bare", "band")
        bench.goal("G1", f"{name}: throughput, of bare spawning", bare, bare and bare >= 0.55)
        make = ratio(results, "band", "make")
        bench.goal("G1", f"{name}: wall, of make's", make, make and make <= 1.4)
        ninja = ratio(results, "band", "ninja")
        bench.goal("G1", f"{name}: wall, of ninja's", ninja, ninja and ninja < 1)
        for peer, least in (("langgraph", 3), ("restate", 8), ("dbos", 12), ("dbos_steps", 12)):
            times = ratio(results, peer, "band")
            bench.goal("G2", f"{name}: times faster than {peer}", times, times and times >= least)


def makespan(bench):
    """Tasks that sleep: how close to the shortest possible the order of starts comes."""
    small = bench.smoke
    both = [plans.sleepers(30 if small else 200), plans.critical_path(8 if small else 112, 3 if small else 20)]
    for plan in both:
        results = interleaved(bench, plan, ["band", "make", "ninja"])
        bench.keep(f"makespan {plan.name}", results)
        print(f"\n## {plan.name}: no schedule is shorter than {plan.bound():.2f} s\n")
        walls = {name: result["wall"] for name, result in results.items() if result["wall"]}
        table(["", "wall s", "over the bound"], [[name, wall, wall / plan.bound()] for name, wall in walls.items()])
        over = walls.get("band") and walls["band"] / plan.bound()
        bench.goal("G5", f"{plan.name}: wall over lower bound", over, over and over <= 1.05)


def busy_machine(bench):
    """Two loops that never rest beside everything."""
    plan = plans.wide(60 if bench.smoke else 1000)
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        results = interleaved(bench, plan, ["band", "make", "bare"])
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
    bench.keep("busy wide", results)
    show(f"wide, {len(plan.tasks)} processes, two busy loops beside", results, len(plan.tasks))
    make = ratio(results, "band", "make")
    bench.goal("G11", "busy machine, wide: wall, of make's", make, make and make <= 1.4)
