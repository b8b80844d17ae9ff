"""Followers of one run over `band serve`: memory for each, and how late they are told."""

import json
import resource
import selectors
import shutil
import signal
import socket
import subprocess
import threading
import time

from . import plans
from .durable import start
from .measure import memory, percentile, processor_seconds, table


def followers(bench):
    """Every follower reads all events of the run, as they come. The clients share the machine with the server, and one thread reads for all of
    them: what they take is part of what is measured."""
    # A client and the server's side of it are an open file each.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print("\n## Followers of one run over HTTP\n")
    rows = [followed(bench, count) for count in ((1, 20) if bench.smoke else (1, 100, 1_000))]
    heads = ["followers", "server, MB", "KB for each", "told after, ms: p50", "p99", "longest", "server's processor time, s", "events"]
    table(heads, rows)
    bench.keep("followers", [dict(zip(heads, row)) for row in rows])


def followed(bench, count):
    folder = bench.folder(f"followers-{count}")
    chain = plans.Plan("chain", [plans.Task(f"c{i}", [f"c{i - 1}"] if i else [], 100) for i in range(10 if bench.smoke else 100)])
    argv, env = bench.peers.prepare("band", chain, folder, {"BENCH_LOG": str(folder / "notes")})
    server = subprocess.Popen(
        [bench.peers.band, "serve", "--port", "0", "--json"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    run = None
    try:
        told = json.loads(server.stdout.readline())
        place, token = told["url"].removeprefix("http://"), told["operator"].split("token=")[1]
        run = start(argv, env, folder)
        name = first_run(bench, folder)
        # The run is folded, and everybody who needs a buffer has one.
        Clients(place, token, name, 1).close()
        before, worked = memory(server.pid), processor_seconds(server.pid)
        clients = Clients(place, token, name, count)
        clients.read_to_the_end(server.pid)
        code = run.wait(timeout=60)
        if code != 0 or clients.gaps:
            raise RuntimeError(f"the run ended with {code}; {clients.gaps} followers saw a gap")
        late = sorted(clients.late)
        worked = processor_seconds(server.pid) - worked
        clients.close()
        each = (clients.memory - before) * 1024 / count
        return [count, clients.memory, each, percentile(late, 0.5), percentile(late, 0.99), late[-1], worked, clients.events]
    finally:
        for process in (run, server):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def first_run(bench, folder):
    until = time.monotonic() + 30
    while time.monotonic() < until:
        listed = bench.band(["list", "--json"], folder)
        if listed.returncode == 0 and json.loads(listed.stdout):
            return json.loads(listed.stdout)[0]["id"]
        time.sleep(0.02)
    raise TimeoutError("no run begins")


class Clients:
    """So many followers, read by one thread. What is told before all of them are there is not timed."""

    def __init__(self, place, token, run, count):
        host, port = place.rsplit(":", 1)
        head = (
            f"GET /api/v1/runs/{run}/events HTTP/1.1\r\nhost: {place}\r\nauthorization: Bearer {token}\r\n"
            "accept: text/event-stream\r\n\r\n"
        )
        self.late, self.events, self.gaps, self.memory = [], 0, 0, 0.0
        self.sockets, self.rest, self.last = [], {}, {}
        self.selector = selectors.DefaultSelector()
        for _ in range(count):
            one = socket.create_connection((host, int(port)), timeout=30)
            one.sendall(head.encode())
            self.sockets.append(one)
            self.rest[one], self.last[one] = b"", 0
            self.selector.register(one, selectors.EVENT_READ)
        self.begun = time.time() * 1000

    def read_to_the_end(self, pid):
        open_ones, stop = set(self.sockets), threading.Event()

        def look():
            while not stop.wait(0.5):
                self.memory = max(self.memory, memory(pid))

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            until = time.monotonic() + 120
            while open_ones:
                if time.monotonic() > until:
                    raise TimeoutError(f"{len(open_ones)} followers were not told of the end")
                for key, _ in self.selector.select(timeout=1):
                    if self.take(key.fileobj):
                        self.selector.unregister(key.fileobj)
                        open_ones.discard(key.fileobj)
            self.memory = max(self.memory, memory(pid))
        finally:
            stop.set()
            watcher.join()

    def take(self, one):
        """Whether the run has ended for this follower."""
        bytes_, now, ended = one.recv(1 << 18), time.time() * 1000, False
        if not bytes_:
            raise RuntimeError("the server has closed a stream")
        *lines, self.rest[one] = (self.rest[one] + bytes_).split(b"\n")
        for line in lines:
            if line.startswith(b"id: "):
                number = int(line[4:])
                self.gaps += number != self.last[one] + 1
                self.last[one] = number
            elif line.startswith(b"data: "):
                at = int(line.split(b'"at":', 1)[1].split(b",", 1)[0])
                self.events += 1
                if at > self.begun:
                    self.late.append(now - at)
                ended = ended or b'"type":"run_ended"' in line
        return ended

    def close(self):
        for one in self.sockets:
            one.close()
