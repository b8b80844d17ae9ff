"""Runs the tasks as a LangGraph graph, each step durable in SQLite before the next (`durability="sync"`)."""

import operator
import subprocess
from typing import Annotated, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import START, StateGraph
from work import at_once, noted, tasks


class Done(TypedDict):
    count: Annotated[int, operator.add]


def node(argv):
    def run(_state):
        subprocess.run(argv, check=True)
        return {"count": 1}

    return run


graph = StateGraph(Done)
for task in tasks:
    graph.add_node(task["name"], node(task["argv"]))
for task in tasks:
    graph.add_edge(task["needs"] or START, task["name"])
with SqliteSaver.from_conn_string("checkpoints.db") as saver:
    compiled = graph.compile(checkpointer=saver)
    config = {"configurable": {"thread_id": "1"}, "max_concurrency": at_once, "recursion_limit": 1_000_000}
    with noted():
        result = compiled.invoke({"count": 0}, config, durability="sync")
assert result["count"] == len(tasks), result
