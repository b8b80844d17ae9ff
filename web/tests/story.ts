// A run that has something of everything, for looking at: a question, failures, gates, a fan, phases, work that goes on.
import type { Project } from './band';

export const STORY = `
mission: Low-stock alerts for the shop
level: 3
limits: { parallel: 6, time: 6h, cost: 20 USD }
resources: { staging-db: lock, cpu: 4 }
agents:
  backend-architect: { command: [sh, work.sh], description: Builds services }
  ui-designer: { command: [sh, work.sh] }
  test-automator: { command: [sh, work.sh] }
phases:
  - id: planning
    title: Planning and analysis
    tasks:
      - { id: spec, agent: backend-architect, task: "Write the **specification** of the alerts.\\n\\n1. List events\\n2. List channels", env: { LONG: "no" }, expected_time: 2s, deliverables: [out/spec.md, "a sentence on each outlier"], outputs: [title] }
      - { id: threats, run: "printf '\\\\033[33mthree threats\\\\033[0m found\\\\n'; sleep 1" }
      - id: scope
        decision: { question: Are returns in scope?, options: [{ id: yes-please, name: 'Yes' }, { id: not-now, name: Not now }], recommend: not-now, timeout: 1s }
  - id: build
    title: Build
    needs: [planning.spec, planning.threats]
    tasks:
      - id: transport
        decision:
          question: Which transport carries alerts to {{ needs.spec.outputs.title }}?
          kind: api-design
          weight: critical
          timeout: 30m
          details: The shop has **three warehouses**; most clients are phones behind proxies.
          options:
            - { id: A, name: WebSocket, effort: 3 days, latency: 5 ms, details: keeps a connection open for each client }
            - { id: B, name: Server-sent events, effort: 1 day, latency: 20 ms, details: one way is all that alerts need }
            - { id: C, name: Polling, effort: 2 hours, latency: 30 s, details: simple and slow }
          recommend: B
        needs: [planning.spec]
      - { id: api, agent: backend-architect, task: Build the service that raises alerts, expected_time: 90s, uses: [staging-db, { cpu: 2 }] }
      - { id: alert-list, agent: ui-designer, task: Build the list of alerts, expected_time: 4m, uses: [{ cpu: 1 }] }
      - { id: schema, run: "echo migrate; sleep 1", gates: [{ name: all migrations apply, run: "true" }, { name: coverage, run: "echo 82 % covered", parse: "([0-9]+) %", min: 80 }] }
      - { id: contract, run: "echo checking; sleep 1", gates: [{ name: contract tests, run: "echo 2 of 148 failed; exit 1" }], retry: { limit: 1, backoff: 100ms }, optional: true }
      - { id: glue, run: ./glue.sh, needs: [api, transport, alert-list], expected_time: 1m }
  - id: verify
    title: Verify
    needs: [build]
    check_in: true
    tasks:
      - { id: e2e, agent: test-automator, task: Run end to end, expected_time: 2m }
      - { id: test, foreach: [core, engine, web, cli], run: "sleep 5; echo ok", expected_time: 20s }
      - { id: load, run: ./load.sh, needs: [e2e], expected_time: 3m }
`;

const WORK = `mkdir -p out; echo "# Spec" > out/spec.md
[ "$LONG" = no ] && echo 'title=3,000 clients' >> "$BAND_OUTPUT" && exec sleep 1
cat
i=0
while [ ! -e finish ]; do i=$((i+1)); printf '\\033[2m%s\\033[0m step %s of the work\\n' "$BAND_TASK_ID" "$i"; [ $i -lt 40 ] && sleep 0.02 || sleep 0.2; done
`;

/** Begins it and waits until it stands where there is something to see. */
export async function story(project: Project): Promise<string> {
  project.write('work.sh', WORK);
  const run = project.run(STORY);
  const state = (status: { tasks: { path: string; state: string }[] }, path: string): string => status.tasks.find((task) => task.path === path)?.state ?? '';
  await project.until(run, (status) => state(status, 'build.contract') === 'failed' && state(status, 'build.api') === 'running' && state(status, 'build.schema') === 'completed' && state(status, 'build.transport') === 'blocked');
  return run;
}

const NIGHTLY = `
mission: Nightly checks of the shop
limits: { parallel: 6 }
phases:
  - id: build
    title: Build
    tasks: [{ id: crate, foreach: [core, engine, web, cli], env: { ITEM: "{{ item }}" }, run: ./night.sh }]
  - id: test
    title: Test
    needs: [build]
    tasks:
      - { id: unit, foreach: [store, mail, search, cart, pay], env: { ITEM: "{{ item }}" }, run: ./night.sh, retry: { limit: 1, backoff: 10ms }, optional: true }
      - { id: e2e, env: { ITEM: e2e }, run: ./night.sh, needs: [unit], optional: true }
  - id: ship
    title: Ship
    needs: [test]
    tasks: [{ id: package, env: { ITEM: package }, run: ./night.sh }, { id: publish, env: { ITEM: publish }, run: ./night.sh, needs: [package] }]
`;

// Some tasks fail on some nights, one of them until it is tried again; each night takes another time.
const NIGHT = `#!/bin/sh
night=$(cat night)
echo "$ITEM of night $night"
sleep "0.$(( (night * 7 + \${#ITEM} * 3) % 9 ))"
case "$night $ITEM" in
  "2 e2e"|"5 e2e"|"6 e2e"|"4 pay"|"6 package") echo "assertion failed: left == right" >&2; exit 1;;
  *" cart") [ $((night % 3)) -ne 0 ] || [ -e "seen-$night" ] || { touch "seen-$night"; exit 1; };;
esac
`;

/** Eight nights of the same plan; the newest run. */
export async function nights(project: Project): Promise<string> {
  project.write('night.sh', NIGHT);
  let run = '';
  for (let night = 1; night <= 8; night += 1) {
    project.write('night', String(night));
    run = project.run(NIGHTLY, 'nightly.yaml');
    await project.until(run, (status) => ['succeeded', 'failed'].includes(status.state));
  }
  return run;
}
