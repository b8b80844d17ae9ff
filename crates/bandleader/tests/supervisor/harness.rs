//! A run folder of its own for each test, a real supervisor in it, and questions with a deadline instead of sleeps.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use bandleader_core::{Exit, JobId, Millis, RunId, StopHow};
use bandleader_engine::link::{Assignment, Ended, FromSupervisor, Hello, LiveJob, OUTPUT_LIMIT, ToSupervisor};
use bandleader_engine::output::{Stream, log_path, read_stream};
use bandleader_engine::supervisor::{Supervisor, SupervisorError};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Far more than anything here takes on a busy machine.
const DEADLINE: Duration = Duration::from_mins(1);

/// One run.
pub(crate) struct Run {
    pub(crate) folder: PathBuf,
    pub(crate) id: RunId,
    /// Heard, and not asked for yet.
    news: RefCell<VecDeque<FromSupervisor>>,
    pub(crate) link: RefCell<Option<Supervisor>>,
    pub(crate) live: Vec<LiveJob>,
    pub(crate) ended: Vec<Ended>,
}

pub(crate) fn exe() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_band"))
}

/// A job that runs a shell script.
pub(crate) fn script(job: &str, text: &str) -> Assignment {
    program(job, &["sh", "-c", text])
}

pub(crate) fn program(job: &str, argv: &[&str]) -> Assignment {
    Assignment {
        job: JobId::parse(job).unwrap(),
        argv: argv.iter().map(|word| (*word).to_owned()).collect(),
        env: vec![("PATH".into(), std::env::var("PATH").unwrap())],
        stdin: None,
        directory: std::env::temp_dir(),
        grace: Millis(60_000),
        stall: None,
        output_limit: OUTPUT_LIMIT,
        attended: false,
    }
}

impl Run {
    pub(crate) fn new() -> Run {
        Run::in_folder("")
    }

    /// `deeper` makes the path of the folder longer.
    pub(crate) fn in_folder(deeper: &str) -> Run {
        Run::greeted(deeper, |_| {})
    }

    pub(crate) fn greeted(deeper: &str, change: impl FnOnce(&mut Hello)) -> Run {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("{}n{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let id = RunId::parse(&format!("t{name}")).unwrap();
        let mut folder = std::env::temp_dir().join(format!("band-test-{name}"));
        folder.push(deeper);
        let mut hello = Hello::new(id.clone(), 1);
        change(&mut hello);
        Run::attached(folder, id, hello)
    }

    fn attached(folder: PathBuf, id: RunId, hello: Hello) -> Run {
        let (news, link) = (RefCell::default(), RefCell::default());
        let mut run = Run { folder, id, news, link, live: Vec::new(), ended: Vec::new() };
        run.attach(hello).unwrap();
        run
    }

    /// Another engine of the same run.
    pub(crate) fn beside(&self, epoch: u32) -> Run {
        Run::attached(self.folder.clone(), self.id.clone(), self.hello(epoch))
    }

    /// Attaches (again), and takes in the welcome.
    pub(crate) fn attach(&mut self, hello: Hello) -> Result<(), SupervisorError> {
        let (link, said) = Supervisor::attach_or_start(exe(), &self.folder, hello)?;
        *self.link.get_mut() = Some(link);
        *self.news.get_mut() = said.into();
        let FromSupervisor::Welcome { live, ended, .. } = self.next() else { panic!("no welcome") };
        (self.live, self.ended) = (live, ended);
        Ok(())
    }

    pub(crate) fn hello(&self, epoch: u32) -> Hello {
        Hello::new(self.id.clone(), epoch)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.link.borrow().as_ref().unwrap().pid()
    }

    pub(crate) fn say(&mut self, message: &ToSupervisor) {
        self.link.get_mut().as_mut().unwrap().send(message).unwrap();
    }

    pub(crate) fn start(&mut self, assignment: Assignment) {
        self.say(&ToSupervisor::Start(assignment));
    }

    pub(crate) fn stop(&mut self, job: &str, how: StopHow) {
        self.say(&ToSupervisor::Stop { job: JobId::parse(job).unwrap(), how });
    }

    pub(crate) fn next(&self) -> FromSupervisor {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(news) = self.poll(DEADLINE) {
                return news;
            }
            assert!(Instant::now() < deadline, "the supervisor says nothing");
        }
    }

    /// The next that it says within this time.
    pub(crate) fn poll(&self, patience: Duration) -> Option<FromSupervisor> {
        let mut news = self.news.borrow_mut();
        if let (true, Some(link)) = (news.is_empty(), self.link.borrow_mut().as_mut()) {
            if let Some(fd) = link.fd() {
                let patience = Timespec::try_from(patience).unwrap();
                poll(&mut [PollFd::from_borrowed_fd(fd, PollFlags::IN)], Some(&patience)).unwrap();
            }
            news.extend(link.hear());
        }
        news.pop_front()
    }

    /// The next end of any job.
    pub(crate) fn next_end(&self) -> Ended {
        loop {
            match self.next() {
                FromSupervisor::Ended(ended) => return ended,
                FromSupervisor::Gone => panic!("the supervisor is gone"),
                _ => {}
            }
        }
    }

    /// The end of a job, whatever comes before it.
    pub(crate) fn end_of(&self, job: &str) -> Ended {
        loop {
            let ended = self.next_end();
            if ended.job.to_string() == job {
                return ended;
            }
        }
    }

    /// Runs a job alone.
    pub(crate) fn run(&mut self, assignment: Assignment) -> Ended {
        let job = assignment.job.to_string();
        self.start(assignment);
        self.end_of(&job)
    }

    /// Waits until a job has printed this.
    pub(crate) fn until_printed(&self, job: &str, text: &str) {
        until(&format!("{job} prints {text}"), || self.printed(job, Stream::Stdout).contains(text));
    }

    pub(crate) fn printed(&self, job: &str, stream: Stream) -> String {
        let (bytes, _) = read_stream(&self.folder, JobId::parse(job).unwrap(), stream, 1 << 30).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub(crate) fn log(&self, job: &str) -> Vec<u8> {
        std::fs::read(log_path(&self.folder, JobId::parse(job).unwrap())).unwrap_or_default()
    }

    /// A number that no other test uses: for `sleep`, to be found among all processes.
    pub(crate) fn mark(&self) -> String {
        format!("10{}", self.id.as_str().replace(|letter: char| !letter.is_ascii_digit(), "0"))
    }
}

/// Leaves nothing behind, whatever the test found.
impl Drop for Run {
    fn drop(&mut self) {
        let live = self.link.take().map(|link| link.pid());
        if let Some(pid) = live {
            signal(pid, "KILL");
            until("the supervisor ends", || !is_alive(pid));
        }
        let _ = bandleader_engine::sweep::end_leftovers(&self.folder, &self.id);
        if !std::thread::panicking() {
            let top = self.folder.ancestors().find(|path| path.parent() == Some(&std::env::temp_dir()));
            let _ = std::fs::remove_dir_all(top.unwrap_or(&self.folder));
        }
    }
}

/// Asks until it is so.
#[track_caller]
pub(crate) fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < DEADLINE, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Processes with this word in their command line, zombies not among them.
pub(crate) fn processes_with(word: &str) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let has = |pid: &u32| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(word)
    };
    pids.filter(has).collect()
}

#[track_caller]
pub(crate) fn assert_none_with(word: &str) {
    assert_eq!(processes_with(word), Vec::<u32>::new());
}

/// Zombies among them.
pub(crate) fn children_of(pid: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten();
    let texts = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    texts.flat_map(|text| text.split_whitespace().map(|pid| pid.parse().unwrap()).collect::<Vec<u32>>()).collect()
}

pub(crate) fn is_alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().next()).is_some_and(|state| state != "Z")
}

pub(crate) fn signal(pid: u32, name: &str) {
    let status = std::process::Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status();
    let _ = status;
}

pub(crate) fn code(code: i32) -> Exit {
    Exit::Code { code }
}
