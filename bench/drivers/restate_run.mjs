// Runs the tasks as one Restate workflow, each a journaled `ctx.run`: restate_run.mjs FOLDER-OF-THE-PACKAGES
//
// Starts a server of its own, on loopback and free ports, with its data in the working folder, and ends it by its id
// however this ends. `took.json` leaves out the start of both.

import { spawn } from "node:child_process";
import { openSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { pathToFileURL } from "node:url";
import { setTimeout as pause } from "node:timers/promises";

// The SDK asks for it, and Node 20 does not have it yet.
Promise.withResolvers ??= () => {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
};

const packages = process.argv[2];
const { resolve } = createRequire(`${packages}/package.json`);
const restate = await import(pathToFileURL(resolve("@restatedev/restate-sdk")));
const { tasks, at_once: atOnce } = JSON.parse(readFileSync("tasks.json", "utf8"));

function run(argv) {
  return new Promise((done, failed) => {
    const child = spawn(argv[0], argv.slice(1), { stdio: "ignore" });
    child.on("error", failed);
    child.on("exit", (code) => (code === 0 ? done(0) : failed(new restate.TerminalError(`${argv[0]} ended with ${code}`))));
  });
}

let underWay = 0;
const waiting = [];
async function whenFree(work) {
  if (underWay === atOnce) await new Promise((go) => waiting.push(go));
  else underWay += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else underWay -= 1;
  }
}

// A handler has to ask for its steps in the same order each time it is replayed, so layer after layer.
function layers() {
  const depth = new Map();
  const found = [];
  for (const task of tasks) {
    const mine = 1 + Math.max(-1, ...task.needs.map((need) => depth.get(need)));
    depth.set(task.name, mine);
    (found[mine] ??= []).push(task);
  }
  return found;
}

const bench = restate.service({
  name: "bench",
  handlers: {
    all: async (ctx) => {
      let count = 0;
      for (const layer of layers()) {
        await restate.RestatePromise.all(layer.map((task) => ctx.run(task.name, () => whenFree(() => run(task.argv)))));
        count += layer.length;
      }
      return count;
    },
  },
});

async function freePort() {
  const server = createServer();
  await new Promise((ready, failed) => server.once("error", failed).listen(0, "127.0.0.1", ready));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

async function untilWell(ask) {
  const until = performance.now() + 60_000;
  for (;;) {
    let said;
    try {
      const answer = await ask();
      if (answer.ok) return answer;
      said = `${answer.status} ${await answer.text()}`;
    } catch (error) {
      said = error;
    }
    if (performance.now() > until) throw new Error(`the server is not ready after a minute: ${said}`);
    await pause(10);
  }
}

const [service, ingress, admin, fabric] = [await freePort(), await freePort(), await freePort(), await freePort()];
await restate.serve({ services: [bench], port: service });
// The binary itself, not the script around it, so that ending it by its id ends it.
const program = resolve(`@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`);
const log = openSync("restate.log", "a");
const server = spawn(program, ["--node-name", "bench", "--base-dir", "restate-data", "--listen-mode", "tcp"], {
  stdio: ["ignore", log, log],
  env: {
    ...process.env,
    DO_NOT_TRACK: "1",
    RESTATE_DISABLE_TELEMETRY: "true",
    RESTATE_LOG_FILTER: "warn",
    RESTATE_BIND_ADDRESS: `127.0.0.1:${fabric}`,
    RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${fabric}/`,
    RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
    RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
  },
});
process.on("exit", () => server.kill("SIGKILL"));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));
server.on("error", (error) => { throw error; });
server.on("exit", (code) => { throw new Error(`the server ended with ${code}; see restate.log`); });

const headers = { "content-type": "application/json" };
const deployment = JSON.stringify({ uri: `http://127.0.0.1:${service}` });
await untilWell(() => fetch(`http://127.0.0.1:${admin}/deployments`, { method: "POST", headers, body: deployment }));
const begun = performance.now();
const call = { method: "POST", headers: { ...headers, "idempotency-key": "all" }, body: "{}" };
const answer = await untilWell(() => fetch(`http://127.0.0.1:${ingress}/bench/all`, call));
const count = await answer.json();
writeFileSync("took.json", JSON.stringify({ seconds: (performance.now() - begun) / 1000 }));
process.exit(count === tasks.length ? 0 : 1);
