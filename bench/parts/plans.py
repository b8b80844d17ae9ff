"""The plans: shapes made from a seed, and each of them in the language of every tool that runs it."""

import json
import random
from dataclasses import dataclass
from pathlib import Path

AT_ONCE = 8


@dataclass
class Task:
    """One process: `ms` 0 is `true`, more is the probe `task`, which sleeps and notes start and end."""

    name: str
    needs: list
    ms: int = 0
    noted: bool = False

    def argv(self, task_probe):
        return [task_probe, self.name, str(self.ms)] if self.ms or self.noted else ["/bin/true"]


@dataclass
class Plan:
    name: str
    tasks: list

    def bound(self):
        """No schedule is shorter, in seconds: the longest path, and all work spread evenly."""
        ends = {}
        for task in self.tasks:
            ends[task.name] = task.ms + max((ends[need] for need in task.needs), default=0)
        return max(max(ends.values()), sum(task.ms for task in self.tasks) / AT_ONCE) / 1000


def wide(count, name="wide"):
    return Plan(name, [Task(f"w{i}", []) for i in range(count)])


def chain(count):
    return Plan("chain", [Task(f"c{i}", [f"c{i - 1}"] if i else []) for i in range(count)])


def layered(name, layers, width, ms=0, noted=False, seed=11):
    """Each task needs three of the layer before."""
    chance = random.Random(seed)
    tasks = []
    for layer in range(layers):
        for place in range(width):
            above = sorted(chance.sample(range(width), min(3, width))) if layer else []
            tasks.append(Task(f"l{layer}-{place}", [f"l{layer - 1}-{other}" for other in above], ms, noted))
    return Plan(name, tasks)


def diamonds(count, ms=0, noted=False):
    """One after the other: a top, three in the middle, a bottom that is the next top."""
    tasks = [Task("d0", [], ms, noted)]
    for i in range(count):
        middle = [f"d{i}-{side}" for side in "abc"]
        tasks += [Task(name, [f"d{i}"], ms, noted) for name in middle]
        tasks.append(Task(f"d{i + 1}", middle, ms, noted))
    return Plan("diamonds", tasks)


def fans(count, width):
    """One task, then many, then one that needs them all; `count` times."""
    tasks = []
    for i in range(count):
        tasks.append(Task(f"out{i}", [f"in{i - 1}"] if i else []))
        rays = [f"f{i}-{ray}" for ray in range(width)]
        tasks += [Task(ray, [f"out{i}"]) for ray in rays]
        tasks.append(Task(f"in{i}", rays))
    return Plan("fans", tasks)


def tangle(count, lengths=None, noted=False, seed=7):
    """A random graph: nobody to four of the last hundred tasks are needed."""
    chance = random.Random(seed)
    tasks = []
    for i in range(count):
        number = min(i, chance.choice([0, 1, 1, 2, 4]))
        needs = sorted(chance.sample(range(max(0, i - 100), i), number)) if number else []
        ms = chance.randint(*lengths) if lengths else 0
        tasks.append(Task(f"r{i}", [f"r{need}" for need in needs], ms, noted))
    return Plan("tangle", tasks)


def uneven(layers, seed=13):
    """Layers of 1 to 80; each task needs one to eight of all that stand above it, near or far."""
    chance = random.Random(seed)
    tasks, above = [], []
    for layer in range(layers):
        names = [f"u{layer}-{place}" for place in range(chance.randint(1, 80))]
        tasks += [Task(name, sorted(chance.sample(above, min(len(above), chance.randint(1, 8))))) for name in names]
        above += names
    return Plan("uneven", tasks)


def reduction(leaves):
    """A binary tree: pairs are joined until one is left. `leaves` is a power of two."""
    tasks = [Task(f"t0-{i}", []) for i in range(leaves)]
    width, level = leaves, 0
    while width > 1:
        width, level = width // 2, level + 1
        tasks += [Task(f"t{level}-{i}", [f"t{level - 1}-{2 * i}", f"t{level - 1}-{2 * i + 1}"]) for i in range(width)]
    return Plan("reduction", tasks)


def beside(length, width):
    """A long chain, and many tasks beside it that nothing needs. The chain stands last in the file."""
    return Plan("beside", [*wide(width).tasks, *chain(length).tasks])


def sleepers(count, seed=5):
    return Plan("sleep", tangle(count, lengths=(10, 200), seed=seed).tasks)


def critical_path(fillers, length):
    """The chain that decides stands last in the file: first come, first served is far from the bound."""
    tasks = [Task(f"filler{i}", [], 100) for i in range(fillers)]
    tasks += [Task(f"link{i}", [f"link{i - 1}"] if i else [], 100) for i in range(length)]
    return Plan("critpath", tasks)


def waiting(count, ms):
    """Everything waits for one."""
    gate = Task("gate", [], ms, noted=True)
    return Plan("waiting", [gate] + [Task(f"p{i}", ["gate"]) for i in range(count)])


def write_band(plan, folder, probe, extra=None):
    def task(one):
        entry = {"id": one.name, "run": one.argv(probe)}
        if one.needs:
            entry["needs"] = one.needs
        if one.ms:
            entry["expected_time"] = f"{one.ms}ms"
        return entry

    path = Path(folder, "plan.json")
    head = {"mission": plan.name, "limits": {"parallel": AT_ONCE}, **(extra or {})}
    path.write_text(json.dumps({**head, "tasks": [task(one) for one in plan.tasks]}))
    return path


def write_make(plan, folder, probe):
    lines = ["MAKEFLAGS += -r", "all: " + " ".join(task.name for task in plan.tasks), ".PHONY: all"]
    for task in plan.tasks:
        lines += [f".PHONY: {task.name}", f"{task.name}: {' '.join(task.needs)}", "\t@" + " ".join(task.argv(probe))]
    Path(folder, "Makefile").write_text("\n".join(lines) + "\n")


def write_ninja(plan, folder, probe):
    lines = ["rule run", "  command = $line"]
    for task in plan.tasks:
        lines += [f"build {task.name}: run {' '.join(task.needs)}", "  line = " + " ".join(task.argv(probe))]
    Path(folder, "build.ninja").write_text("\n".join(lines) + "\n")


def write_for_drivers(plan, folder, probe):
    """For peers that are libraries: what `drivers/` reads."""
    tasks = [{"name": task.name, "needs": task.needs, "argv": task.argv(probe)} for task in plan.tasks]
    Path(folder, "tasks.json").write_text(json.dumps({"at_once": AT_ONCE, "tasks": tasks}))
