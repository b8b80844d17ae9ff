"""What the Python drivers share: the tasks, and a note of how long the tool itself was at work.

The note (`took.json`) leaves out the start of Python, imports and servers. The table shows it beside the whole time."""

import contextlib
import json
import time

with open("tasks.json") as file:
    work = json.load(file)
tasks, at_once = work["tasks"], work["at_once"]


@contextlib.contextmanager
def noted():
    begun = time.perf_counter()
    yield
    with open("took.json", "w") as note:
        json.dump({"seconds": time.perf_counter() - begun}, note)
