"""G12: eight tasks that print much, masked and kept, with two readers that follow."""

import subprocess
import time

from . import plans
from .durable import start
from .measure import memory, processes, processor_seconds, table, wait_for

SECRET = "correct-horse-battery-staple"


def output(bench):
    """A full gigabyte in a minute; processor time and memory of all of `band`, the readers counted apart."""
    seconds = 2 if bench.smoke else 60
    each = 1_000_000_000 // 60 // 8 * seconds
    folder = bench.folder("flood")
    env = {"BENCH_SECRET": SECRET}
    plan = plans.Plan("flood", [Printing(f"p{i}", each, seconds) for i in range(8)])
    argv, env = bench.peers.prepare("band", plan, folder, env)
    plans.write_band(plan, folder, bench.peers.task, {"secrets": ["BENCH_SECRET"]})
    process = start(argv, env, folder)
    wait_for(lambda: bench.band(["status"], folder).returncode == 0)
    readers = [subprocess.Popen([bench.peers.band, "logs", "-f"], cwd=folder, stdout=open(folder / f"seen{i}", "wb")) for i in range(2)]
    samples = watch(bench, folder, process, {reader.pid for reader in readers})
    code = process.wait()
    for reader in readers:
        reader.wait(timeout=60)
    kept = sum(file.stat().st_size for file in (folder / ".band").rglob("*") if file.is_file())
    leaked = subprocess.run(["grep", "-rlF", SECRET, ".band", "seen0"], cwd=folder, capture_output=True, text=True).stdout.split()
    judge(bench, samples, code, kept, leaked, each * 8 / 1e6, (folder / "seen0").stat().st_size)


class Printing(plans.Task):
    def __init__(self, name, size, seconds):
        super().__init__(name, [])
        self.words = ["flood", str(size), str(seconds)]

    def argv(self, probe):
        return [probe, *self.words]


def watch(bench, folder, process, readers):
    """Until the run ends: (seconds, processor seconds of engine and supervisor, of the readers, MB)."""
    begun, samples = time.monotonic(), []
    while process.poll() is None:
        try:
            ours = [pid for pid in processes(bench.peers.band, folder)]
            work = sum(processor_seconds(pid) for pid in ours if pid not in readers)
            read = sum(processor_seconds(pid) for pid in ours if pid in readers)
            size = sum(memory(pid) for pid in ours)
            samples.append((time.monotonic() - begun, work, read, size))
        except OSError:
            pass
        time.sleep(0.5)
    return samples


def judge(bench, samples, code, kept, leaked, sent, seen):
    # The last sample may lack a process that is just ending.
    samples = [sample for sample in samples if sample[1] >= max(s[1] for s in samples) * 0.2 or sample[0] < 2]
    whole = max(samples, key=lambda sample: sample[1] + sample[2])
    used, read = whole[1] / whole[0], whole[2] / whole[0]
    early, late = samples[len(samples) // 4][3], samples[-2][3] if len(samples) > 1 else samples[-1][3]
    print("\n## Output of eight tasks, two readers\n")
    heads = ["MB printed", "seconds", "cores: engine, supervisor", "cores: readers", "MB memory, a quarter in", "at the end", "MB kept", "MB a reader showed", "secret found in"]
    table(heads, [[sent, whole[0], used, read, early, late, kept / 1e6, seen / 1e6, len(leaked)]])
    bench.keep("flood", dict(zip(heads, [sent, whole[0], used, read, early, late, kept / 1e6, seen / 1e6, leaked])))
    bench.goal("G12", "1 GB/min: cores used, readers included", used + read, code == 0 and used + read < 1)
    bench.goal("G12", "1 GB/min: memory grows by", late - early, late - early < 5, "MB")
    bench.goal("G12", "1 GB/min: files with the secret", len(leaked), not leaked)
