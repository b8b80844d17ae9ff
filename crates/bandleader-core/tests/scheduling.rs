//! Plans made from published scheduling instances: every constraint is kept, and on average the schedule is no longer than
//! plain list scheduling by longest remaining path. The instances lie beside the checkout (`shared/data`); where
//! they do not, these tests say so and prove nothing.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test reads files and says what it measured"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use bandleader_core::plan::{Limits, Plan, Resource, Task, Use, Work};
use bandleader_core::{Millis, Rehearsal, TaskId, rehearse};

/// One unit of the instances.
const UNIT: u64 = 1_000;

fn data() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if !folder.is_dir() {
        println!("SKIPPED: no instances beside the checkout");
        return None;
    }
    Some(folder)
}

fn rows(file: &Path) -> Vec<BTreeMap<String, String>> {
    let text = fs::read_to_string(file).unwrap();
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let row =
        |line: &str| names.iter().zip(line.split(',')).map(|(name, cell)| ((*name).into(), cell.into())).collect();
    lines.map(row).collect()
}

struct Job {
    length: u64,
    needs: Vec<u32>,
    uses: Vec<u32>,
}

/// A plan of jobs; `uses` runs parallel to `resources`, slots first.
fn plan_of(jobs: Vec<Job>, resources: &[(&str, u32)]) -> Plan {
    let task = |(number, job): (usize, Job)| {
        let mut needs: Vec<TaskId> = job.needs.into_iter().map(TaskId).collect();
        needs.sort_unstable();
        let held = job.uses.iter().zip(0..).filter(|(units, _)| **units > 0);
        Task {
            needs,
            estimate: Some(Millis(job.length * UNIT)),
            uses: held.map(|(units, resource)| Use { resource, units: *units }).collect(),
            ..Task::plain(&format!("j{number}"), Work::Script { script: "true".into() })
        }
    };
    Plan {
        mission: "an instance".into(),
        level: 3,
        limits: Limits { parallel: resources[0].1, ..Limits::default() },
        resources: resources
            .iter()
            .map(|(name, capacity)| Resource { name: (*name).into(), capacity: *capacity })
            .collect(),
        tasks: jobs.into_iter().enumerate().map(task).collect(),
        scopes: vec![BTreeMap::new()],
        ..Plan::default()
    }
}

/// Looks at the schedule alone: each task once, after its needs, and never more held than there is.
fn keeps_every_constraint(plan: &Plan, rehearsal: &Rehearsal, name: &str) {
    let slots: BTreeMap<TaskId, _> = rehearsal.tasks.iter().map(|slot| (slot.task, slot)).collect();
    assert_eq!((slots.len(), rehearsal.tasks.len()), (plan.tasks.len(), plan.tasks.len()), "{name}: each task once");
    for (id, slot) in &slots {
        let task = plan.task(*id);
        assert_eq!(slot.end.0 - slot.start.0, task.estimate.unwrap().0, "{name}");
        assert!(task.needs.iter().all(|need| slots[need].end <= slot.start), "{name}: {} starts too early", task.path);
    }
    for (number, resource) in plan.resources.iter().enumerate() {
        for moment in slots.values().map(|slot| slot.start) {
            let at_work = slots.values().filter(|slot| slot.start <= moment && moment < slot.end);
            let uses = at_work.flat_map(|slot| &plan.task(slot.task).uses);
            let held: u32 = uses.filter(|held| held.resource as usize == number).map(|held| held.units).sum();
            assert!(held <= resource.capacity, "{name}: {held} of {} {}", resource.capacity, resource.name);
        }
    }
}

#[test]
fn slots_and_locks_are_kept_and_used_as_well_as_by_list_scheduling() {
    let Some(folder) = data().map(|data| data.join("scheduling/derived-slots")) else { return };
    let (mut ours, mut listed, mut count) = (0.0, 0.0, 0_u32);
    for row in rows(&folder.join("references.csv")) {
        let text = fs::read_to_string(folder.join(format!("{}.json", row["instance"]))).unwrap();
        let instance: serde_json::Value = serde_json::from_str(&text).unwrap();
        let tasks = instance["tasks"].as_array().unwrap();
        let number =
            |id: &serde_json::Value| u32::try_from(tasks.iter().position(|task| task["id"] == *id).unwrap()).unwrap();
        let job = |task: &serde_json::Value| Job {
            length: task["duration"].as_u64().unwrap(),
            needs: task["depends_on"].as_array().unwrap().iter().map(number).collect(),
            uses: std::iter::once(1)
                .chain(["db", "deploy"].map(|lock| u32::from(task["locks"].as_array().unwrap().contains(&lock.into()))))
                .collect(),
        };
        let slots = u32::try_from(instance["slots"].as_u64().unwrap()).unwrap();
        let plan = plan_of(tasks.iter().map(job).collect(), &[("slots", slots), ("db", 1), ("deploy", 1)]);
        let rehearsal = rehearse(&plan);
        keeps_every_constraint(&plan, &rehearsal, &row["instance"]);
        let best: f64 = row["best_known"].parse().unwrap();
        let reference: f64 = row["greedy_longest_tail"].parse().unwrap();
        ours += units(rehearsal.makespan) / best;
        listed += reference / best;
        count += 1;
    }
    println!(
        "{count} instances of slots and locks: {:.4} of the optimum, list scheduling {:.4}",
        ours / f64::from(count),
        listed / f64::from(count)
    );
    assert!(count >= 20 && ours <= listed + 1e-9, "{ours} {listed}");
}

#[expect(clippy::cast_precision_loss, reason = "makespans are small")]
fn units(makespan: Millis) -> f64 {
    makespan.0 as f64 / UNIT as f64
}

/// Reads an `.sm` file of PSPLIB (Kolisch & Sprecher 1996): successors, then durations and requests, then availabilities.
fn read_sm(file: &Path) -> Plan {
    let text = fs::read_to_string(file).unwrap();
    let sections: Vec<&str> = text.split("****").collect();
    let numbers = |line: &str| line.split_whitespace().filter_map(|word| word.parse().ok()).collect::<Vec<u32>>();
    let table = |title: &str, skip: usize| -> Vec<Vec<u32>> {
        let section = sections.iter().find(|section| section.contains(title)).unwrap();
        let lines = section.lines().skip_while(|line| !line.contains(title)).skip(skip);
        lines.map(numbers).filter(|row| !row.is_empty()).collect()
    };
    let mut needs: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for row in table("PRECEDENCE RELATIONS", 2) {
        row[3..].iter().for_each(|successor| needs.entry(*successor).or_default().push(row[0] - 1));
    }
    let jobs: Vec<Job> = table("REQUESTS/DURATIONS", 3)
        .into_iter()
        .map(|row| Job {
            length: u64::from(row[2]),
            needs: needs.get(&row[0]).cloned().unwrap_or_default(),
            uses: std::iter::once(1).chain(row[3..].iter().copied()).collect(),
        })
        .collect();
    let capacities = table("RESOURCEAVAILABILITIES", 2).remove(0);
    let many = u32::try_from(jobs.len()).unwrap();
    let mut resources = vec![("slots", many)];
    resources.extend(["r1", "r2", "r3", "r4"].into_iter().zip(capacities));
    plan_of(jobs, &resources)
}

/// Mean gap to the best known makespan, in percent, of plain list scheduling by longest remaining path on these instances,
/// by an implementation that shares nothing with ours.
const LISTED_GAPS: [(&str, f64); 3] = [("j30", 8.75), ("j60", 11.52), ("j120", 11.57)];

#[test]
fn capacities_are_kept_and_used_as_well_as_by_list_scheduling() {
    let Some(folder) = data().map(|data| data.join("scheduling/psplib")) else { return };
    let solutions = rows(&folder.join("solutions.csv"));
    for (set, listed) in LISTED_GAPS {
        let instances: Vec<_> =
            solutions.iter().filter(|row| row["set"] == set && row["instance"].strip_suffix(".sm").is_some()).collect();
        let gap = |row: &&BTreeMap<String, String>| {
            let plan = read_sm(&folder.join("sm").join(&row["instance"]));
            let rehearsal = rehearse(&plan);
            keeps_every_constraint(&plan, &rehearsal, &row["instance"]);
            let best: f64 = row["best_known"].parse().unwrap();
            100.0 * (units(rehearsal.makespan) / best - 1.0)
        };
        let gaps: Vec<f64> = instances.iter().map(gap).collect();
        let mean = gaps.iter().sum::<f64>() / f64::from(u32::try_from(gaps.len()).unwrap());
        println!("{set}: {} instances, mean gap {mean:.2} % to the best known, list scheduling {listed} %", gaps.len());
        assert!(gaps.len() >= 5 && mean <= listed + 0.01, "{set}: {mean}");
    }
}

/// Reads a workflow trace (WfFormat 1.5): parents and measured run times.
fn read_trace(file: &Path, slots: u32) -> Plan {
    let trace: serde_json::Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let specified = trace["workflow"]["specification"]["tasks"].as_array().unwrap();
    let executed = trace["workflow"]["execution"]["tasks"].as_array().unwrap();
    let number: BTreeMap<&str, u32> = specified.iter().map(|task| task["id"].as_str().unwrap()).zip(0..).collect();
    let seconds: BTreeMap<&str, f64> = executed
        .iter()
        .map(|task| (task["id"].as_str().unwrap(), task["runtimeInSeconds"].as_f64().unwrap()))
        .collect();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "run times are positive and short")]
    let length = |id: &str| seconds[id].ceil().max(1.0) as u64;
    let job = |task: &serde_json::Value| Job {
        length: length(task["id"].as_str().unwrap()),
        needs: task["parents"].as_array().unwrap().iter().map(|parent| number[parent.as_str().unwrap()]).collect(),
        uses: vec![1],
    };
    plan_of(specified.iter().map(job).collect(), &[("slots", slots)])
}

#[test]
fn real_traces_keep_grahams_bound() {
    let Some(folder) = data().map(|data| data.join("wfformat")) else { return };
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    assert!(files.len() >= 6, "{files:?}");
    for file in files {
        for slots in [1, 4, 16] {
            let plan = read_trace(&file, slots);
            let rehearsal = rehearse(&plan);
            let name = format!("{} on {slots}", file.file_name().unwrap().to_string_lossy());
            keeps_every_constraint(&plan, &rehearsal, &name);
            // Graham 1969: no list schedule is longer than the critical path and an even share of the rest together.
            let (path, work, slots) = (rehearsal.critical_length.0, rehearsal.work.0, u64::from(slots));
            assert!(rehearsal.makespan.0 * slots <= path * (slots - 1) + work, "{name}");
            assert!(rehearsal.makespan.0 >= path.max(work.div_ceil(slots)), "{name}");
        }
    }
}

#[test]
fn the_longest_path_goes_first_however_long_others_have_waited() {
    let filler = |_: u32| Job { length: 1, needs: Vec::new(), uses: vec![1] };
    let link =
        |number: u32| Job { length: 1, needs: (number > 300).then(|| number - 1).into_iter().collect(), uses: vec![1] };
    let plan = plan_of((0..300).map(filler).chain((300..350).map(link)).collect(), &[("slots", 8)]);
    let rehearsal = rehearse(&plan);
    let last = rehearsal.tasks.iter().map(|slot| slot.end.0).max().unwrap();
    let first = rehearsal.tasks.iter().map(|slot| slot.start.0).min().unwrap();
    assert_eq!((last - first) / UNIT, 50, "the path of fifty is never kept waiting");
}

#[test]
fn a_large_task_is_not_starved_by_small_ones() {
    // Lengths of one and two, so that all four units are never free at once by themselves.
    let small = |number: u64| Job { length: 1 + number % 2, needs: Vec::new(), uses: vec![1, 1] };
    let large = Job { length: 3, needs: Vec::new(), uses: vec![1, 4] };
    let plan = plan_of((0..1_000).map(small).chain([large]).collect(), &[("slots", 8), ("units", 4)]);
    let rehearsal = rehearse(&plan);
    let begun = rehearsal.tasks.iter().find(|slot| slot.task == TaskId(1_000)).unwrap().start;
    let before = rehearsal.tasks.iter().filter(|slot| slot.start < begun).count();
    assert!(before < 120, "{before} went before it");
}
