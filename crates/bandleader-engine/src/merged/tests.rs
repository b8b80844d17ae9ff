//! Made-up runs: whatever was printed when, each line is told once, and what has ended in the order of time.

use std::collections::BTreeMap;
use std::sync::Arc;

use bandleader_core::redact::Redactor;
use bandleader_core::{AttemptId, CheckOptions, JobId, Millis, Plan, Step, TaskId, Timestamp, check};

use super::tracks::Track;
use super::*;
use crate::output::{JOBS_FOLDER, JobsFolder, Stream, Writer};

/// Numbers that look like chance and are the same every time (splitmix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (number ^ (number >> 31)) % sides
    }
}

const TASKS: u32 = 24;
const AT_ONCE: usize = 5;

/// A run that goes on in front of us.
struct Stage {
    folder: tempfile::TempDir,
    plan: Arc<Plan>,
    tracks: Vec<Track>,
    live: BTreeMap<JobId, (Writer, Timestamp)>,
    now: Timestamp,
    /// All that was printed, by who printed it.
    printed: BTreeMap<(JobId, &'static str), String>,
    dice: Dice,
}

impl Stage {
    fn new(seed: u64) -> Stage {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(JOBS_FOLDER)).unwrap();
        let tasks = (0..TASKS).map(|number| format!("  - {{ id: t{number}, run: 'true', gates: ['true'] }}\n"));
        let text = format!("mission: m\ntasks:\n{}", tasks.collect::<String>());
        let plan = check("p", &text, &CheckOptions::default(), &mut |_| Err(String::new())).plan.unwrap();
        let (tracks, live, printed) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        let now = Timestamp(1_700_000_000_000);
        Stage { folder, plan: Arc::new(plan), tracks, live, now, printed, dice: Dice(seed) }
    }

    fn begin(&mut self, attempt: AttemptId, step: Step) {
        let job = JobId { attempt, step };
        let jobs = JobsFolder::open(&self.folder.path().join(JOBS_FOLDER)).unwrap();
        let writer = Writer::new(jobs, job, self.now, &Redactor::default(), 64 << 20);
        self.live.insert(job, (writer, self.now));
    }

    /// Something happens; false when everything has.
    fn go_on(&mut self) -> bool {
        self.now = self.now.plus(Millis(self.dice.roll(400)));
        let begun = u32::try_from(self.tracks.len()).unwrap();
        if self.live.len() < AT_ONCE && begun < TASKS && self.dice.roll(3) == 0 {
            let attempt = AttemptId { task: TaskId(begun), number: 1 };
            self.tracks.push(Track { attempt, undoes: false, began: self.now, ended: None });
            self.begin(attempt, Step::Work);
            return true;
        }
        let Some(place) = (!self.live.is_empty()).then(|| self.dice.roll(self.live.len() as u64)) else {
            return begun < TASKS;
        };
        let job = *self.live.keys().nth(usize::try_from(place).unwrap()).unwrap();
        if self.dice.roll(30) == 0 {
            let (writer, began) = self.live.remove(&job).unwrap();
            writer.finish(self.now.since(began).0);
            match job.step {
                Step::Work => self.begin(job.attempt, Step::Gate(0)),
                _ => self.tracks[job.attempt.task.index()].ended = Some(self.now),
            }
            return true;
        }
        let (stream, name) =
            if self.dice.roll(4) == 0 { (Stream::Stderr, "stderr") } else { (Stream::Stdout, "stdout") };
        let mut text = String::new();
        for _ in 0..self.dice.roll(5) {
            let end = ["\n", "", "\n\n", "ü\n"][usize::try_from(self.dice.roll(4)).unwrap()];
            let filling = "=".repeat(usize::try_from(self.dice.roll(400)).unwrap());
            text.push_str(&format!("{job} {} {filling}{end}", self.dice.roll(1_000_000)));
        }
        let (writer, began) = self.live.get_mut(&job).unwrap();
        writer.write(stream, self.now.since(*began).0, text.as_bytes());
        self.printed.entry((job, name)).or_default().push_str(&text);
        true
    }

    fn scene(&self, known: usize) -> Scene {
        let jobs: Vec<JobId> = self.live.keys().copied().collect();
        Scene::made_up(&self.plan, &self.tracks, known, jobs, self.live.is_empty())
    }

    fn reader(&self, sieve: &Sieve, at: &Cursor) -> Merged {
        Merged::after(self.folder.path().to_owned(), sieve.clone(), &self.scene(0), at).unwrap().unwrap()
    }

    /// Every line was told, and none twice.
    fn judge(&self, told: &[MergedLine]) {
        let mut by_stream: BTreeMap<(JobId, &'static str), Vec<String>> = BTreeMap::new();
        for line in told {
            let text = String::from_utf8(line.bytes.clone()).unwrap();
            by_stream.entry((line.job, line.stream.name())).or_default().push(text);
        }
        let expected: BTreeMap<(JobId, &'static str), Vec<String>> =
            self.printed.iter().map(|(from, text)| (*from, text.lines().map(str::to_owned).collect())).collect();
        assert_eq!(by_stream, expected.into_iter().filter(|(_, lines): &(_, Vec<String>)| !lines.is_empty()).collect());
    }
}

const ALL: Much = Much { lines: usize::MAX, bytes: usize::MAX, seen: usize::MAX };

fn much(lines: usize) -> Much {
    Much { lines, bytes: 64 << 10, seen: usize::MAX }
}

const SEEDS: u64 = 12;

#[test]
fn what_has_ended_is_told_in_the_order_of_time_from_any_place_on() {
    for seed in 0..SEEDS {
        let mut stage = Stage::new(seed);
        while stage.go_on() {}
        let all = Sieve::default();
        let mut whole = stage.reader(&all, &Cursor::default());
        let told = whole.read(&stage.scene(0), ALL).unwrap();
        stage.judge(&told);
        assert!(told.is_sorted_by_key(|line| line.at), "seed {seed}");
        assert!(whole.is_at_end(&stage.scene(0)) && told.len() > 300);
        let mut paged = Vec::new();
        let mut cursor = Cursor::default();
        loop {
            let mut reader = stage.reader(&all, &cursor);
            let lines = usize::try_from(stage.dice.roll(40) + 1).unwrap();
            let page = reader.read(&stage.scene(0), much(lines)).unwrap();
            assert!(page.len() <= lines);
            cursor = Cursor::parse(&reader.cursor().to_string()).unwrap();
            assert!(cursor.open.len() <= AT_ONCE + 1, "as many as ran at once: {cursor:?}");
            paged.extend(page);
            if reader.is_at_end(&stage.scene(0)) {
                break;
            }
        }
        assert!(paged == told, "seed {seed}");
    }
}

#[test]
fn the_way_back_tells_the_same_lines_as_the_way_there() {
    for seed in 0..SEEDS {
        let mut stage = Stage::new(seed);
        while stage.go_on() {}
        let all = Sieve::default();
        let told = stage.reader(&all, &Cursor::default()).read(&stage.scene(0), ALL).unwrap();
        let mut back: Vec<MergedLine> = Vec::new();
        let mut until: Option<Cursor> = None;
        loop {
            let lines = usize::try_from(stage.dice.roll(60) + 1).unwrap();
            let bytes = 2_048 << stage.dice.roll(8);
            let much = Much { lines, bytes, seen: usize::MAX };
            let page =
                Merged::before(stage.folder.path(), &all, &stage.scene(0), until.as_ref(), much).unwrap().unwrap();
            assert!(page.lines.len() <= lines && page.lines.is_sorted_by_key(|line| line.at));
            back.splice(0..0, page.lines);
            assert_ne!(Some(&page.begin), until.as_ref(), "seed {seed}: it goes on");
            if page.begin.is_beginning() {
                break;
            }
            until = Some(Cursor::parse(&page.begin.to_string()).unwrap());
        }
        stage.judge(&back);
        assert_eq!(back.len(), told.len());
    }
}

#[test]
fn one_who_follows_and_comes_again_misses_nothing() {
    for seed in 100..100 + SEEDS {
        let mut stage = Stage::new(seed);
        let all = Sieve::default();
        let mut told = Vec::new();
        let mut reader = stage.reader(&all, &Cursor::default());
        while stage.go_on() {
            match stage.dice.roll(8) {
                0 => {
                    let lines = usize::try_from(stage.dice.roll(20) + 1).unwrap();
                    told.extend(reader.read(&stage.scene(reader.known()), much(lines)).unwrap());
                }
                1 => reader = stage.reader(&all, &Cursor::parse(&reader.cursor().to_string()).unwrap()),
                _ => (),
            }
        }
        while !reader.is_at_end(&stage.scene(0)) {
            told.extend(reader.read(&stage.scene(reader.known()), much(50)).unwrap());
        }
        stage.judge(&told);
    }
}

#[test]
fn from_the_end_of_what_there_is_one_goes_on_without_a_gap() {
    for seed in 200..200 + SEEDS {
        let mut stage = Stage::new(seed);
        let all = Sieve::default();
        for _ in 0..300 {
            stage.go_on();
        }
        let end = Merged::before(stage.folder.path(), &all, &stage.scene(0), None, much(30)).unwrap().unwrap();
        let mut first = stage.reader(&all, &Cursor::default());
        let mut told = Vec::new();
        let page = Merged::before(stage.folder.path(), &all, &stage.scene(0), Some(&end.begin), much(usize::MAX));
        let mut rest = page.unwrap().unwrap();
        while !rest.begin.is_beginning() {
            told.splice(0..0, rest.lines);
            let page = Merged::before(stage.folder.path(), &all, &stage.scene(0), Some(&rest.begin), much(usize::MAX));
            rest = page.unwrap().unwrap();
        }
        told.splice(0..0, rest.lines);
        told.extend(end.lines);
        while stage.go_on() {}
        let mut reader = stage.reader(&all, &Cursor::parse(&end.end.to_string()).unwrap());
        told.extend(reader.read(&stage.scene(0), ALL).unwrap());
        stage.judge(&told);
        assert!(first.read(&stage.scene(0), much(1)).unwrap().len() == 1);
    }
}

#[test]
fn a_sieve_lets_through_what_it_is_for() {
    let mut stage = Stage::new(7);
    while stage.go_on() {}
    let all = stage.reader(&Sieve::default(), &Cursor::default()).read(&stage.scene(0), ALL).unwrap();
    let tasks: std::collections::BTreeSet<TaskId> = [TaskId(3), TaskId(20)].into();
    let sieve = Sieve { tasks: Some(tasks.clone()), streams: vec![Stream::Stderr], search: "1.gate0 ".into() };
    let fits = |line: &&MergedLine| {
        let text = String::from_utf8_lossy(&line.bytes);
        tasks.contains(&line.job.attempt.task) && line.stream == Stream::Stderr && text.contains("1.gate0 ")
    };
    let expected: Vec<MergedLine> = all.iter().filter(fits).cloned().collect();
    assert!(!expected.is_empty());
    assert_eq!(stage.reader(&sieve, &Cursor::default()).read(&stage.scene(0), ALL).unwrap(), expected);
    let end = Merged::before(stage.folder.path(), &sieve, &stage.scene(0), None, Much { lines: 2, ..much(2) });
    assert_eq!(end.unwrap().unwrap().lines, expected[expected.len().saturating_sub(2)..]);
    // Looking through ends in time, and the place is good.
    let rare = Sieve { search: "there is no such text".into(), ..Sieve::default() };
    let mut reader = stage.reader(&rare, &Cursor::default());
    let mut pages = 0;
    while !reader.is_at_end(&stage.scene(0)) {
        assert_eq!(reader.read(&stage.scene(0), Much { lines: 10, bytes: 1 << 20, seen: 4_000 }).unwrap(), []);
        reader = stage.reader(&rare, &reader.cursor());
        pages += 1;
    }
    assert!(pages > 5, "{pages}");
}

#[test]
fn a_place_of_another_run_is_refused() {
    let stage = Stage::new(1);
    let far = Cursor { begun: 9, open: Vec::new() };
    assert!(Merged::after(stage.folder.path().to_owned(), Sieve::default(), &stage.scene(0), &far).unwrap().is_none());
    assert!(
        Merged::before(stage.folder.path(), &Sieve::default(), &stage.scene(0), Some(&far), much(1)).unwrap().is_none()
    );
}
