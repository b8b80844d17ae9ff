//! Where the run that is shown comes from: its log as it grows, or its log from the beginning at another pace.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bandleader_core::{Millis, Recorded, Run, RunId, Timestamp};
use bandleader_engine::clock::Clock;
use bandleader_engine::engine::{EngineError, Follower, desk};
use bandleader_engine::folder::Folder;

use super::message::Play;
use super::state::{Pace, Playing};
use crate::error::Failure;

/// A stretch in which nothing happens is played in at most this long.
const DULL: Duration = Duration::from_secs(3);
/// Speeds that keys lead to.
const SPEEDS: (f64, f64) = (0.25, 65_536.0);

/// A run, and what comes next of it.
pub(crate) enum Feed {
    /// As it happens.
    Live(Box<Follower>, Clock),
    /// Again.
    Again(Box<Player>),
}

impl Feed {
    /// As it happens.
    pub(crate) fn live(follower: Follower) -> Feed {
        let clock = Clock::start(follower.run().last_at());
        Feed::Live(Box::new(follower), clock)
    }

    /// The run as it is, or was at the moment that is played.
    pub(crate) fn run(&self) -> &Run {
        match self {
            Feed::Live(follower, _) => follower.run(),
            Feed::Again(player) => &player.run,
        }
    }

    /// The time there.
    pub(crate) fn now(&self) -> Timestamp {
        match self {
            Feed::Live(_, clock) => clock.now(),
            Feed::Again(player) => player.now,
        }
    }

    /// Folds in what has come since.
    ///
    /// # Errors
    /// The log is damaged.
    pub(crate) fn catch_up(&mut self) -> Result<Vec<Recorded>, Failure> {
        match self {
            Feed::Live(follower, _) => Ok(follower.catch_up()?),
            Feed::Again(player) => player.advance(Instant::now()),
        }
    }

    /// How a replay stands; none for what is live.
    pub(crate) fn playing(&self) -> Option<Playing> {
        match self {
            Feed::Live(..) => None,
            Feed::Again(player) => Some(player.playing()),
        }
    }

    /// A key of the replay.
    ///
    /// # Errors
    /// The log is damaged.
    pub(crate) fn play(&mut self, play: Play) -> Result<Vec<Recorded>, Failure> {
        match self {
            Feed::Live(..) => Ok(Vec::new()),
            Feed::Again(player) => player.play(play),
        }
    }
}

/// Plays a log again.
pub(crate) struct Player {
    folder: Folder,
    id: RunId,
    run: Run,
    now: Timestamp,
    past: usize,
    coming: VecDeque<Recorded>,
    speed: f64,
    pace: Pace,
    moved: Instant,
}

impl Player {
    /// Before the second event: the first one only says what it is. Without a `speed`, all of it takes about a minute.
    ///
    /// # Errors
    /// There is no such run, or its log is damaged.
    pub(crate) fn open(folder: &Folder, id: &RunId, speed: Option<f64>) -> Result<Player, Failure> {
        let plan = Follower::open(folder, id)?.run().plan().clone();
        let coming: VecDeque<Recorded> = desk::story(folder, id)?.into();
        let speed = speed.unwrap_or_else(|| usual_speed(&coming));
        let (run, moved) = (Run::new(plan), Instant::now());
        let mut player = Player {
            folder: folder.clone(),
            id: id.clone(),
            run,
            now: Timestamp(0),
            past: 0,
            coming,
            speed,
            pace: Pace::Moving,
            moved,
        };
        player.begin()?;
        Ok(player)
    }

    /// Takes the first event in, so that there is something to show.
    fn begin(&mut self) -> Result<(), Failure> {
        self.now = self.coming.front().map_or(Timestamp(0), |first| first.at);
        let first = self.coming.pop_front();
        first.map_or(Ok(()), |first| self.apply(&first))
    }

    fn apply(&mut self, recorded: &Recorded) -> Result<(), Failure> {
        self.past += 1;
        Ok(self.run.apply(recorded).map_err(EngineError::from)?)
    }

    /// The run that is played.
    pub(crate) fn run(&self) -> &Run {
        &self.run
    }

    /// Whether there is nothing more to play.
    pub(crate) fn is_over(&self) -> bool {
        self.coming.is_empty()
    }

    /// The time until the next event, as it is played.
    pub(crate) fn pause(&self) -> Duration {
        let Some(next) = self.coming.front() else { return DULL };
        Duration::from_secs_f64(seconds(next.at.since(self.now)) / self.speed).min(DULL)
    }

    fn playing(&self) -> Playing {
        Playing { speed: self.speed, pace: self.pace, played: (self.past, self.past + self.coming.len()) }
    }

    /// Lets time pass there as it has passed here since the last call, so many times as fast.
    ///
    /// # Errors
    /// The log is damaged.
    pub(crate) fn advance(&mut self, instant: Instant) -> Result<Vec<Recorded>, Failure> {
        let passed = instant.duration_since(std::mem::replace(&mut self.moved, instant));
        if self.pace == Pace::Standing {
            return Ok(Vec::new());
        }
        if self.coming.is_empty() {
            self.more()?;
        }
        self.now = self.now.plus(millis(passed.as_secs_f64() * self.speed));
        let dull = millis(DULL.as_secs_f64() * self.speed);
        let Some(next) = self.coming.front() else {
            self.now = self.run.last_at();
            return Ok(Vec::new());
        };
        if next.at.since(self.now) > dull {
            self.now = Timestamp(next.at.0.saturating_sub(dull.0));
        }
        self.until(self.now)
    }

    fn until(&mut self, at: Timestamp) -> Result<Vec<Recorded>, Failure> {
        let mut fresh = Vec::new();
        while let Some(next) = self.coming.pop_front_if(|next| next.at <= at) {
            self.apply(&next)?;
            fresh.push(next);
        }
        Ok(fresh)
    }

    /// A run that goes on has more by now.
    fn more(&mut self) -> Result<(), Failure> {
        if self.run.is_over() {
            return Ok(());
        }
        let coming = &mut self.coming;
        let known = coming.back().map_or(self.run.last_seq(), |last| last.seq);
        desk::tell(&self.folder, &self.id, known, u64::MAX, |recorded| {
            coming.push_back(recorded.clone());
            Ok::<(), Failure>(())
        })
    }

    fn play(&mut self, play: Play) -> Result<Vec<Recorded>, Failure> {
        match play {
            Play::Toggle => self.pace = if self.pace == Pace::Moving { Pace::Standing } else { Pace::Moving },
            Play::Faster => self.speed = (self.speed * 2.0).min(SPEEDS.1),
            Play::Slower => self.speed = (self.speed / 2.0).max(SPEEDS.0),
            Play::End => {
                self.more()?;
                self.now = self.coming.back().map_or(self.now, |last| last.at);
                return self.until(self.now);
            }
            Play::Begin => {
                self.coming = desk::story(&self.folder, &self.id)?.into();
                (self.run, self.past, self.pace) = (Run::new(self.run.plan().clone()), 0, Pace::Moving);
                self.begin()?;
            }
        }
        Ok(Vec::new())
    }
}

/// So fast that all of it takes about a minute, but never slower than it was.
fn usual_speed(story: &VecDeque<Recorded>) -> f64 {
    let length = story.front().zip(story.back()).map_or(Millis(0), |(first, last)| last.at.since(first.at));
    (seconds(length) / 60.0).ceil().max(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "no run takes 200,000 years")]
fn seconds(length: Millis) -> f64 {
    length.0 as f64 / 1_000.0
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "lengths are not negative, and it saturates"
)]
fn millis(seconds: f64) -> Millis {
    Millis((seconds * 1_000.0) as u64)
}
