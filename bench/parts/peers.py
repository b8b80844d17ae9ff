"""Who runs beside `band`, and how each is asked to. A peer that is not here is named as missing, never guessed."""

import os
import shutil
import subprocess
from pathlib import Path

from . import plans

DRIVERS = Path(__file__).resolve().parent.parent / "drivers"
# Timed on few plans only.
SLOW = ["restate", "dbos", "dbos_steps", "prefect"]
# Quiet, with nothing sent anywhere, and with time enough for its server to start on a busy machine.
PREFECT = {
    "PREFECT_LOGGING_LEVEL": "ERROR", "PREFECT_LOGGING_TO_API_ENABLED": "false", "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120", "DO_NOT_TRACK": "1",
}


class Peers:
    def __init__(self, band, probes, folder):
        self.band, self.folder = str(band), Path(folder)
        self.task, self.spawn = str(probes / "task"), str(probes / "spawn")
        self.ninja = shutil.which("ninja") or self._in("ninja", "ninja")
        self.make = shutil.which("make")
        self.langgraph, self.dbos, self.prefect = (self._in(name, "python") for name in ("langgraph", "dbos", "prefect"))
        self.dbos_steps = self.dbos
        self.node = shutil.which("node")
        self.restate = self._in("restate", "restate-server", "node_modules/.bin") if self.node else None

    def _in(self, peer, program, place="bin"):
        """`bench/setup` writes `asked-for` last: what it could not finish is not there."""
        folder = self.folder.resolve() / peer
        path = folder / place / program
        return str(path) if path.exists() and (folder / "asked-for").exists() else None

    def names(self):
        return ["bare", "make", "ninja", "langgraph", *SLOW]

    def missing(self):
        return [name for name in self.names() if name != "bare" and getattr(self, name) is None]

    def prepare(self, peer, plan, folder, environment=None):
        """Writes what the peer reads. Gives its command line and environment, or nothing if it cannot run this plan."""
        env = {**os.environ, **(environment or {})}
        if peer == "band":
            path = plans.write_band(plan, folder, self.task)
            return [self.band, "run", str(path)], env
        if peer == "bare":
            if any(task.ms for task in plan.tasks):
                return None
            return [self.spawn, str(len(plan.tasks)), "/bin/true"], env
        if getattr(self, peer) is None:
            return None
        if peer == "make":
            plans.write_make(plan, folder, self.task)
            return [self.make, "-s", f"-j{plans.AT_ONCE}"], env
        if peer == "ninja":
            plans.write_ninja(plan, folder, self.task)
            return [self.ninja, "--quiet", f"-j{plans.AT_ONCE}"], env
        plans.write_for_drivers(plan, folder, self.task)
        if peer == "restate":
            return [self.node, str(DRIVERS / "restate_run.mjs"), str(self.folder.resolve() / "restate")], env
        if peer == "prefect":
            env |= {"PREFECT_HOME": str(folder / "prefect"), **PREFECT}
        # Python must not leave compiled files among the sources.
        return [getattr(self, peer), str(DRIVERS / f"{peer}_run.py")], {**env, "PYTHONDONTWRITEBYTECODE": "1"}

    def versions(self):
        """What each says of itself, in a few words."""
        said = {}
        for name, program in [("band", self.band), ("make", self.make), ("ninja", self.ninja)]:
            if program:
                text = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
                said[name] = text.splitlines()[0] if text else "?"
        if self.restate:
            text = subprocess.run([self.restate, "--version"], capture_output=True, text=True).stdout
            said["restate"] = text.strip().removeprefix("restate-server ")
        for name in ("langgraph", "dbos", "prefect"):
            python = getattr(self, name)
            if python:
                script = f"import importlib.metadata as m; print(m.version('{name}'))"
                said[name] = subprocess.run([python, "-c", script], capture_output=True, text=True).stdout.strip()
        return said
