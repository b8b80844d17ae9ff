//! Who is asked, for how long, and what silence means: one table for all decisions (SPEC section 4).
//!
//! Pure. Called where a question is opened, and by `band policy`, which prints it. Always true: what cannot be taken back is never
//! decided but by a person.

use crate::plan::{Mode, OnSilence, Patience, Plan, Question, QuestionKind, Timeline, Weight};
use crate::{Millis, Run};

/// Nobody can answer faster than this, and nobody is waited for longer, unless the question says so itself.
pub const SHORTEST: Millis = Millis::MINUTE;
/// See [`SHORTEST`].
pub const LONGEST: Millis = Millis(20 * 60_000);

/// With so much left, people are warned.
pub const WARNINGS: [Millis; 3] = [Millis(60_000), Millis(30_000), Millis(15_000)];

/// Whoever has a question open holds its clock for at most this long, and may then hold it again: a terminal that died does not
/// hold it for ever.
pub const LONGEST_HOLD: Millis = Millis(120_000);

/// A question's clock stands still for no longer than this in all because somebody has it open: then its time goes on, whoever looks at it. So
/// a window that was left open keeps no silence from counting.
pub const MOST_HELD: Millis = LONGEST;

/// The weights, the kinds, the timelines and the modes, in the order of the table.
pub const WEIGHTS: [Weight; 4] = [Weight::Urgent, Weight::Confirmation, Weight::Standard, Weight::Critical];
/// See [`WEIGHTS`].
pub const KINDS: [QuestionKind; 5] = [
    QuestionKind::General,
    QuestionKind::ApiDesign,
    QuestionKind::Database,
    QuestionKind::Cost,
    QuestionKind::Security,
];
/// See [`WEIGHTS`].
pub const TIMELINES: [Timeline; 3] = [Timeline::Urgent, Timeline::Normal, Timeline::Relaxed];
/// See [`WEIGHTS`].
pub const MODES: [Mode; 4] = [Mode::Interactive, Mode::Guided, Mode::SemiAutonomous, Mode::Autonomous];

/// What becomes of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// Nobody is asked: the recommendation is taken, and that is said.
    Takes(String),
    /// Nobody is asked, and there is nothing to take.
    Fails,
    /// People are asked.
    Asks {
        /// How long they have; none where silence changes nothing.
        within: Option<Millis>,
        /// What follows then.
        then: OnSilence,
    },
}

/// The time for a question of this weight, before anything else counts.
pub fn base(weight: Weight) -> Millis {
    Millis::MINUTE.times(match weight {
        Weight::Urgent => 1,
        Weight::Confirmation => 2,
        Weight::Standard => 5,
        Weight::Critical => 10,
    })
}

/// The factor of a timeline, in tenths.
pub fn timeline_tenths(timeline: Timeline) -> u64 {
    match timeline {
        Timeline::Urgent => 4,
        Timeline::Normal => 10,
        Timeline::Relaxed => 20,
    }
}

/// The least time for questions of a kind.
pub fn floor(kind: QuestionKind) -> Option<Millis> {
    let minutes = match kind {
        QuestionKind::General => return None,
        QuestionKind::ApiDesign => 8,
        QuestionKind::Database | QuestionKind::Cost => 10,
        QuestionKind::Security => 15,
    };
    Some(Millis::MINUTE.times(minutes))
}

/// What of a plan, or of a run of it, the policy depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Who is asked what.
    pub mode: Mode,
    /// How pressed the mission is.
    pub timeline: Timeline,
    /// The factor of the level, in tenths.
    pub level_tenths: u64,
}

impl Terms {
    /// As the plan has them.
    pub fn of(plan: &Plan) -> Terms {
        Terms { mode: plan.mode, timeline: plan.timeline, level_tenths: plan.level_row().deadline_tenths }
    }

    /// As they are in a run, whose level people may have changed.
    pub fn in_run(run: &Run) -> Terms {
        let level_tenths = run.level_row().deadline_tenths;
        Terms { mode: run.mode(), timeline: run.plan().timeline, level_tenths }
    }
}

/// The time that the table gives: base by weight, times level, times timeline, within bounds; some kinds have floors. A run that is
/// `semi-autonomous` counts as urgent, whatever its timeline.
pub fn time_to_answer(terms: Terms, kind: QuestionKind, weight: Weight) -> Millis {
    let timeline = if terms.mode == Mode::SemiAutonomous { Timeline::Urgent } else { terms.timeline };
    let tenths = terms.level_tenths * timeline_tenths(timeline);
    let computed = Millis(base(weight).0 * tenths / 100).clamp(SHORTEST, LONGEST);
    floor(kind).map_or(computed, |floor| computed.max(floor))
}

/// Whether the mode asks people at all. `guided` asks only what is critical or of a special kind, `autonomous` nothing.
pub fn asks(mode: Mode, question: &Question) -> bool {
    match mode {
        Mode::Interactive | Mode::SemiAutonomous => true,
        Mode::Guided => question.weight == Weight::Critical || question.kind != QuestionKind::General,
        Mode::Autonomous => false,
    }
}

/// Whether only a person may choose an option.
pub fn is_for_people_only(question: &Question) -> bool {
    question.irreversible || question.people_only || question.timeout == Some(Patience::Unbounded)
}

/// What becomes of a question in a run on these terms.
pub fn ruling(terms: Terms, question: &Question) -> Ruling {
    if question.hook.is_some() {
        // Who waits for a message from outside waits for it in every mode: it asks nobody for their time.
        let within = match (question.timeout, question.on_silence) {
            (Some(Patience::For(time)), then) if then != OnSilence::Park => Some(time),
            _ => None,
        };
        let then = if within.is_some() { question.on_silence } else { OnSilence::Park };
        return Ruling::Asks { within, then };
    }
    let people_only = is_for_people_only(question);
    let then = match question.on_silence {
        OnSilence::Recommend if people_only => OnSilence::Park,
        other => other,
    };
    let parked = Ruling::Asks { within: None, then: OnSilence::Park };
    match (terms.mode, &question.recommend, then) {
        (Mode::Autonomous, _, _) if people_only => return parked,
        (mode, Some(option), _) if !people_only && !asks(mode, question) => return Ruling::Takes(option.clone()),
        (Mode::Autonomous, _, OnSilence::Recommend | OnSilence::Fail) => return Ruling::Fails,
        (Mode::Autonomous, _, OnSilence::Park | OnSilence::Escalate) => return parked,
        _ => (),
    }
    let within = match (question.timeout, then) {
        (_, OnSilence::Park) | (Some(Patience::Unbounded), _) => None,
        (Some(Patience::For(time)), _) => Some(time),
        (None, _) => Some(time_to_answer(terms, question.kind, question.weight)),
    };
    Ruling::Asks { within, then }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(level: u8, timeline: Timeline, mode: Mode) -> Terms {
        Terms::of(&Plan { level, mode, timeline, ..Plan::default() })
    }

    /// Worked out by hand: base x level x timeline, then the bounds, then the floor.
    fn check(level: u8, timeline: Timeline, weight: Weight, kind: QuestionKind, seconds: u64) {
        let found = time_to_answer(terms(level, timeline, Mode::Interactive), kind, weight);
        assert_eq!(found, Millis(seconds * 1_000), "{level} {timeline:?} {weight:?} {kind:?}");
    }

    #[test]
    fn the_examples_of_specification_and_seeds_hold() {
        use QuestionKind::General;
        check(1, Timeline::Urgent, Weight::Confirmation, General, 60); // 2 min x 0.4 x 0.4 = 19 s, and a minute is the least
        check(3, Timeline::Normal, Weight::Standard, General, 300);
        check(5, Timeline::Relaxed, Weight::Critical, General, 1_200); // 10 min x 2 x 2 = 40 min, and 20 are the most
        check(3, Timeline::Normal, Weight::Confirmation, General, 120);
        check(3, Timeline::Normal, Weight::Standard, QuestionKind::Database, 600);
        check(3, Timeline::Normal, Weight::Standard, QuestionKind::Security, 900);
        check(3, Timeline::Normal, Weight::Standard, QuestionKind::Cost, 600);
        check(3, Timeline::Normal, Weight::Standard, QuestionKind::ApiDesign, 480);
    }

    #[test]
    fn every_weight_at_every_level_and_timeline() {
        let seconds = |weight| {
            TIMELINES.map(|timeline| {
                [1, 2, 3, 4, 5].map(|level| {
                    time_to_answer(terms(level, timeline, Mode::Interactive), QuestionKind::General, weight).0 / 1_000
                })
            })
        };
        assert_eq!(seconds(Weight::Urgent), [[60; 5], [60, 60, 60, 84, 120], [60, 72, 120, 168, 240]]);
        assert_eq!(
            seconds(Weight::Confirmation),
            [[60, 60, 60, 67, 96], [60, 72, 120, 168, 240], [96, 144, 240, 336, 480]]
        );
        assert_eq!(
            seconds(Weight::Standard),
            [[60, 72, 120, 168, 240], [120, 180, 300, 420, 600], [240, 360, 600, 840, 1_200]]
        );
        assert_eq!(
            seconds(Weight::Critical),
            [[96, 144, 240, 336, 480], [240, 360, 600, 840, 1_200], [480, 720, 1_200, 1_200, 1_200]]
        );
    }

    #[test]
    fn floors_hold_where_the_formula_gives_less_and_not_where_it_gives_more() {
        check(1, Timeline::Urgent, Weight::Urgent, QuestionKind::Security, 900);
        check(3, Timeline::Normal, Weight::Critical, QuestionKind::ApiDesign, 600);
        check(2, Timeline::Normal, Weight::Standard, QuestionKind::ApiDesign, 480);
        check(5, Timeline::Relaxed, Weight::Critical, QuestionKind::Security, 1_200);
    }

    #[test]
    fn a_semi_autonomous_run_is_in_a_hurry() {
        let terms = terms(3, Timeline::Relaxed, Mode::SemiAutonomous);
        assert_eq!(time_to_answer(terms, QuestionKind::General, Weight::Critical), Millis(240_000));
    }

    fn question() -> Question {
        Question { recommend: Some("A".into()), ..Question::default() }
    }

    fn ruled(mode: Mode, question: &Question) -> Ruling {
        ruling(terms(3, Timeline::Normal, mode), question)
    }

    fn asks_for(minutes: u64, then: OnSilence) -> Ruling {
        Ruling::Asks { within: Some(Millis::MINUTE.times(minutes)), then }
    }

    fn parks() -> Ruling {
        Ruling::Asks { within: None, then: OnSilence::Park }
    }

    #[test]
    fn modes_differ_in_what_they_ask() {
        let takes = || Ruling::Takes("A".into());
        let critical = Question { weight: Weight::Critical, ..question() };
        let special = Question { kind: QuestionKind::Database, ..question() };
        let of = |mode| [question(), critical.clone(), special.clone()].map(|question| ruled(mode, &question));
        let recommend = OnSilence::Recommend;
        assert_eq!(of(Mode::Interactive), [asks_for(5, recommend), asks_for(10, recommend), asks_for(10, recommend)]);
        assert_eq!(of(Mode::Guided), [takes(), asks_for(10, recommend), asks_for(10, recommend)]);
        assert_eq!(of(Mode::SemiAutonomous), [asks_for(2, recommend), asks_for(4, recommend), asks_for(10, recommend)]);
        assert_eq!(of(Mode::Autonomous), [takes(), takes(), takes()]);
    }

    #[test]
    fn what_cannot_be_taken_back_or_is_kept_for_people_is_never_taken_for_them() {
        let last = Question { irreversible: true, ..question() };
        let kept = Question { people_only: true, ..question() };
        let patient = Question { timeout: Some(Patience::Unbounded), ..question() };
        for question in [last, kept, patient] {
            for mode in MODES {
                assert_eq!(ruled(mode, &question), parks(), "{mode:?} {question:?}");
            }
        }
        let failing = Question { irreversible: true, on_silence: OnSilence::Fail, ..question() };
        assert_eq!(ruled(Mode::Interactive, &failing), asks_for(5, OnSilence::Fail));
        assert_eq!(ruled(Mode::Autonomous, &failing), parks());
    }

    #[test]
    fn silence_is_as_declared_and_a_timeout_of_its_own_wins_over_the_table() {
        let on = |on_silence| Question { on_silence, ..question() };
        assert_eq!(ruled(Mode::Interactive, &on(OnSilence::Fail)), asks_for(5, OnSilence::Fail));
        assert_eq!(ruled(Mode::Interactive, &on(OnSilence::Escalate)), asks_for(5, OnSilence::Escalate));
        assert_eq!(ruled(Mode::Interactive, &on(OnSilence::Park)), parks());
        let own = Question { timeout: Some(Patience::For(Millis(30_000))), kind: QuestionKind::Security, ..question() };
        let then = OnSilence::Recommend;
        assert_eq!(ruled(Mode::Interactive, &own), Ruling::Asks { within: Some(Millis(30_000)), then });
    }

    #[test]
    fn where_nobody_is_asked_and_nothing_is_recommended_it_fails_or_parks_as_declared() {
        let on = |on_silence| Question { on_silence, recommend: None, ..Question::default() };
        assert_eq!(ruled(Mode::Autonomous, &on(OnSilence::Recommend)), Ruling::Fails);
        assert_eq!(ruled(Mode::Autonomous, &on(OnSilence::Fail)), Ruling::Fails);
        assert_eq!(ruled(Mode::Autonomous, &on(OnSilence::Park)), parks());
        assert_eq!(ruled(Mode::Autonomous, &on(OnSilence::Escalate)), parks());
        assert_eq!(ruled(Mode::Guided, &on(OnSilence::Fail)), asks_for(5, OnSilence::Fail));
    }
}
