"""Measuring: a process timed to its end, medians, memory and processor time of everything that works for a run, tables."""

import json
import os
import shutil
import signal
import statistics
import subprocess
import threading
import time
from pathlib import Path


class Bench:
    """What every section needs: where things are, how often, and where results go."""

    def __init__(self, peers, home, rounds, smoke):
        self.peers, self.home, self.rounds, self.smoke = peers, Path(home), rounds, smoke
        self.results, self.goals = {}, []
        self._count = 0

    def folder(self, name):
        """A new, empty one, on the disk of the sources: a temporary folder may be memory, where a durable write is free. It is
        a project of its own, or the state would go to the top of the repository around it."""
        self._count += 1
        path = self.home / "work" / f"{self._count}-{name}"
        shutil.rmtree(path, ignore_errors=True)
        (path / ".band").mkdir(parents=True)
        return path

    def keep(self, key, value):
        self.results[key] = value

    def goal(self, goal, what, value, met, unit=""):
        """One line of the table of goals; `met` is None where this machine cannot say."""
        self.goals.append({"goal": goal, "what": what, "value": value, "unit": unit, "met": met})

    def band(self, words, folder, **options):
        return subprocess.run([self.peers.band, *words], cwd=folder, capture_output=True, text=True, **options)


def waited_share():
    """Microseconds in which some process waited for a processor, since boot; 0 where the kernel does not count them."""
    try:
        return int(Path("/proc/pressure/cpu").read_text().splitlines()[0].split("total=")[1])
    except (OSError, IndexError):
        return 0


def timed(argv, env, folder, limit=600):
    """Runs to the end. Wall seconds, exit code, the share of the time that somebody waited for a processor, and what the
    driver says that the tool took without its start, if there is one that says so."""
    with open(folder / "out.log", "ab") as output:
        pressure, begun = waited_share(), time.perf_counter()
        process = subprocess.Popen(
            argv, env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
        guard = threading.Timer(limit, lambda: os.killpg(process.pid, signal.SIGKILL))
        guard.start()
        _, status = os.waitpid(process.pid, 0)
        wall = time.perf_counter() - begun
        guard.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    waited = (waited_share() - pressure) / 1e6 / wall
    return {"wall": wall, "code": process.returncode, "waited": waited, "took": said_took(folder)}


def said_took(folder):
    try:
        return json.loads((folder / "took.json").read_text())["seconds"]
    except FileNotFoundError:
        return None


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


# A peer that has taken this many seconds on a plan is not timed again on it: its distance is then far larger than what a
# machine varies. The tables say how often each was timed.
ENOUGH = 30


def interleaved(bench, plan, names, environment=None):
    """Each peer once, then each again, for `rounds`: a machine that is busy for a while is so for all."""
    samples, spent = {}, dict.fromkeys(names, 0)
    for _ in range(bench.rounds):
        for name in names:
            if name != "band" and spent[name] > ENOUGH:
                continue
            folder = bench.folder(f"{name}-{plan.name}")
            prepared = bench.peers.prepare(name, plan, folder, environment)
            if prepared is None:
                continue
            sample = timed(*prepared, folder)
            spent[name] += sample["wall"]
            if sample["code"] != 0:
                tail = (folder / "out.log").read_text(errors="replace")[-400:]
                sample["wall"] = None
                print(f"{name} failed on {plan.name} with {sample['code']}: {tail}", flush=True)
            samples.setdefault(name, []).append(sample)
            shutil.rmtree(folder, ignore_errors=True)
    return {name: summary(taken, len(plan.tasks)) for name, taken in samples.items()}


def summary(taken, tasks):
    walls = [sample["wall"] for sample in taken]
    well = [wall for wall in walls if wall is not None]
    if not well:
        return {"wall": None, "walls": walls}
    return {
        "wall": median(well), "least": min(well), "most": max(well), "walls": walls, "per_second": tasks / median(well),
        "waited": median([sample["waited"] for sample in taken]), "took": median([sample["took"] for sample in taken]),
    }


def ratio(results, one, other):
    """Median of the ratios of the rounds: two neighbours in time are compared, not two medians. Rounds that only one of the
    two was timed in, or that one of them failed in, are left out."""
    if other not in results or one not in results:
        return None
    pairs = zip(results[one]["walls"], results[other]["walls"])
    return median([a / b for a, b in pairs if a is not None and b is not None])


def processes(program, folder):
    """Living processes of this program that work in or for `folder`, as process ids."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            if os.readlink(f"/proc/{entry}/exe") != str(program):
                continue
            words = Path(f"/proc/{entry}/cmdline").read_bytes().decode(errors="replace")
            if str(folder) in words or os.readlink(f"/proc/{entry}/cwd").startswith(str(folder)):
                found.append(int(entry))
        except OSError:
            continue
    return found


def memory(pid):
    """Proportional share in MB, so that what several processes share is counted once."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def processor_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def notes(log):
    """The lines of the probe `task`: (what, name, nanoseconds)."""
    if not log.exists():
        return []
    return [(words[0], words[1], int(words[2])) for words in map(str.split, log.read_text().splitlines()) if len(words) == 3]


def wait_for(what, limit=60):
    """Until it gives something."""
    until = time.monotonic() + limit
    while time.monotonic() < until:
        found = what()
        if found:
            return found
        time.sleep(0.001)
    raise TimeoutError(f"waited {limit} s in vain")


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else None


def table(heads, rows):
    """Markdown, which is also what people read in a terminal."""
    shown = [["" if cell is None else f"{cell:.3g}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    widths = [max(len(row[place]) for row in [heads, *shown]) for place in range(len(heads))]
    line = lambda row: "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |"
    print("\n".join([line(heads), "|" + "|".join("-" * (width + 2) for width in widths) + "|", *map(line, shown)]), flush=True)
