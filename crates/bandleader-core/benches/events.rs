//! What an event costs, at ten, a thousand and ten thousand tasks: it must not grow with the plan.
//!
//! `cargo bench -p bandleader-core`. `whole` plays runs from their first event to their last, every event decided and applied, and
//! counts events a second; the others ask one question again and again of a run that is half done.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on shall stop")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;

use bandleader_core::plan::{Limits, Plan, Resource, Task, Use, Work};
use bandleader_core::{Exit, Input, JobId, Millis, Report, Run, TaskId, Timestamp, Usage, create, decide};
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const SIZES: [u32; 3] = [10, 1_000, 10_000];
const AT_ONCE: u32 = 8;
const NOW: Timestamp = Timestamp(1_000_000);

criterion_group!(benches, whole, questions);
criterion_main!(benches);

/// Everything may start at once.
fn wide(tasks: u32) -> Arc<Plan> {
    plan(tasks, |_| Vec::new())
}

/// Rows of ten; each task needs three of the row above.
fn rows(tasks: u32) -> Arc<Plan> {
    plan(tasks, |number| match number / 10 {
        0 => Vec::new(),
        row => [0, 3, 7].map(|shift| (row - 1) * 10 + (number + shift) % 10).to_vec(),
    })
}

fn plan(tasks: u32, needs: impl Fn(u32) -> Vec<u32>) -> Arc<Plan> {
    let task = |number: u32| {
        let mut needs: Vec<TaskId> = needs(number).into_iter().map(TaskId).collect();
        needs.sort_unstable();
        let work = Work::Program { argv: ["true".to_owned()].into() };
        Task { needs, uses: vec![Use { resource: 0, units: 1 }], ..Task::plain(&format!("t{number}"), work) }
    };
    Arc::new(Plan {
        mission: "a benchmark".into(),
        level: 3,
        limits: Limits { parallel: AT_ONCE, ..Limits::default() },
        resources: vec![Resource { name: "slots".into(), capacity: AT_ONCE }],
        tasks: (0..tasks).map(task).collect(),
        scopes: vec![BTreeMap::new()],
        ..Plan::default()
    })
}

fn begun(plan: &Arc<Plan>) -> Run {
    let mut run = Run::new(plan.clone());
    run.apply(&create("plan", "a benchmark", 1).record(0, NOW)).unwrap();
    follow(&mut run, Input::Boot { epoch: 1, pid: 1 });
    while follow(&mut run, Input::Tick) {}
    run
}

/// Decides and applies. Whether anything followed.
fn follow(run: &mut Run, input: Input) -> bool {
    let events = decide(run, input, NOW).unwrap();
    let any = !events.is_empty();
    for event in events {
        let recorded = event.record(run.last_seq(), NOW);
        run.apply(&recorded).unwrap();
    }
    any
}

fn ended(job: JobId) -> Input {
    let report = Report { exit: Exit::Code { code: 0 }, usage: Usage::default(), ..Report::default() };
    Input::WorkEnded { attempt: job.attempt, report }
}

/// One task after the other ends, until `tasks` have.
fn play(mut run: Run, tasks: u32) -> Run {
    for _ in 0..tasks {
        let Some(job) = run.wanted().jobs.keys().next().copied() else { break };
        follow(&mut run, ended(job));
        while follow(&mut run, Input::Tick) {}
        black_box(run.wanted().wake_at);
    }
    run
}

fn whole(criterion: &mut Criterion) {
    for (shape, make) in [("wide", wide as fn(u32) -> Arc<Plan>), ("rows", rows)] {
        let mut group = criterion.benchmark_group(format!("whole/{shape}"));
        for tasks in SIZES {
            let plan = make(tasks);
            let first = begun(&plan);
            let last = play(first.clone(), tasks);
            assert!(last.is_over(), "the run goes to its end");
            group.throughput(Throughput::Elements(last.last_seq() - first.last_seq()));
            group.bench_with_input(BenchmarkId::from_parameter(tasks), &first, |bencher, first| {
                bencher.iter_batched(|| first.clone(), |run| play(run, tasks), BatchSize::PerIteration);
            });
        }
    }
}

fn questions(criterion: &mut Criterion) {
    for tasks in SIZES {
        let run = play(begun(&rows(tasks)), tasks / 2);
        let job = run.wanted().jobs.keys().next().copied().unwrap();
        let mut group = criterion.benchmark_group("half done");
        group.bench_function(BenchmarkId::new("decide that nothing follows", tasks), |bencher| {
            bencher.iter(|| decide(black_box(&run), Input::Tick, NOW).unwrap());
        });
        group.bench_function(BenchmarkId::new("decide that a task ended", tasks), |bencher| {
            bencher.iter(|| decide(black_box(&run), ended(job), NOW).unwrap());
        });
        group.bench_function(BenchmarkId::new("wanted", tasks), |bencher| {
            bencher.iter(|| {
                let wanted = black_box(&run).wanted();
                (wanted.jobs.len(), wanted.wake_at.unwrap_or(Timestamp(Millis(0).0)))
            });
        });
    }
}
