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
    """Until the run ends: (seconds, processor seconds of engine and supervisor, of the readers, MB, MB of the readers)."""
    begun, samples = time.monotonic(), []
    while process.poll() is None:
        try:
            ours = [pid for pid in processes(bench.peers.band, folder)]
            work = sum(processor_seconds(pid) for pid in ours if pid not in readers)
            read = sum(processor_seconds(pid) for pid in ours if pid in readers)
            size = sum(memory(pid) for pid in ours if pid not in readers)
            shown = sum(memory(pid) for pid in ours if pid in readers)
            samples.append((time.monotonic() - begun, work, read, size, shown))
        except OSError:
            pass
        time.sleep(0.5)
    return samples


def judge(bench, samples, code, kept, leaked, sent, seen):
    # The last sample may lack a process that is just ending.
    whole = max(samples, key=lambda sample: sample[1] + sample[2])
    used, read = whole[1] / whole[0], whole[2] / whole[0]
    quarter = samples[len(samples) // 4]
    grown, readers_grown = whole[3] - quarter[3], whole[4] - quarter[4]
    facts = {
        "MB printed": sent, "seconds": whole[0], "cores: engine, supervisor": used, "cores: readers": read,
        "MB memory: engine, supervisor": whole[3], "more than a quarter in": grown, "readers": whole[4],
        "more than then": readers_grown, "MB kept": kept / 1e6, "MB a reader showed": seen / 1e6, "files with the secret": len(leaked),
    }
    print("\n## Output of eight tasks, two readers\n")
    table(["", ""], list(facts.items()))
    bench.keep("flood", facts)
    bench.goal("G12", "1 GB/min: cores used, readers included", used + read, code == 0 and used + read < 1)
    bench.goal("G12", "1 GB/min: engine's and supervisor's memory grows by", grown, grown < 5, "MB")
    bench.goal("G12", "1 GB/min: readers' memory grows by", readers_grown, readers_grown < 5, "MB")
    bench.goal("G12", "1 GB/min: files with the secret", len(leaked), not leaked)
