//! How long people have to answer (SPEC section 4).

use crate::plan::{Mode, Plan, QuestionKind, Timeline, Weight};
use crate::{Millis, plan::Question};

/// Nobody can answer faster than this, and nobody is waited for longer.
const SHORTEST: Millis = Millis(60_000);
const LONGEST: Millis = Millis(20 * 60_000);

/// The time that a question gets: base by weight, times level, times timeline, within bounds; some kinds have floors. None
/// means that silence never counts.
pub(crate) fn time_to_answer(plan: &Plan, question: &Question) -> Option<Millis> {
    if question.irreversible {
        return None;
    }
    let base = match question.weight {
        Weight::Urgent => 1,
        Weight::Confirmation => 2,
        Weight::Standard => 5,
        Weight::Critical => 10,
    };
    // In tenths, so that everything stays a whole number.
    let level = match plan.level {
        0 | 1 => 4,
        2 => 6,
        3 => 10,
        4 => 14,
        _ => 20,
    };
    let timeline = match plan.timeline {
        Timeline::Urgent => 4,
        Timeline::Normal => 10,
        Timeline::Relaxed => 20,
    };
    let computed = Millis(base * level * timeline * 60_000 / 100).clamp(SHORTEST, LONGEST);
    let floor = match question.kind {
        QuestionKind::General => 0,
        QuestionKind::ApiDesign => 8,
        QuestionKind::Database | QuestionKind::Cost => 10,
        QuestionKind::Security => 15,
    };
    Some(computed.max(Millis(floor * 60_000)))
}

/// Whether anybody is asked at all. `guided` asks only what is critical or of a special kind, `autonomous` nothing.
pub(crate) fn asks(mode: Mode, question: &Question) -> bool {
    let special = question.weight == Weight::Critical || question.kind != QuestionKind::General;
    match mode {
        Mode::Interactive | Mode::SemiAutonomous => true,
        Mode::Guided => special || question.irreversible,
        Mode::Autonomous => question.irreversible,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(level: u8, timeline: Timeline, weight: Weight, kind: QuestionKind, minutes: u64) {
        let plan = Plan { level, timeline, ..Plan::default() };
        let question = Question { kind, weight, ..Question::default() };
        assert_eq!(time_to_answer(&plan, &question), Some(Millis(minutes * 60_000)), "{level} {timeline:?} {weight:?}");
    }

    #[test]
    fn the_examples_of_the_specification_hold() {
        check(1, Timeline::Urgent, Weight::Confirmation, QuestionKind::General, 1);
        check(3, Timeline::Normal, Weight::Standard, QuestionKind::General, 5);
        check(5, Timeline::Relaxed, Weight::Critical, QuestionKind::General, 20);
    }

    #[test]
    fn kinds_have_floors_and_irreversible_questions_no_end() {
        check(1, Timeline::Urgent, Weight::Urgent, QuestionKind::Security, 15);
        check(3, Timeline::Normal, Weight::Critical, QuestionKind::ApiDesign, 10);
        check(2, Timeline::Normal, Weight::Standard, QuestionKind::ApiDesign, 8);
        let question = Question { irreversible: true, ..Question::default() };
        assert_eq!(time_to_answer(&Plan::default(), &question), None);
    }

    #[test]
    fn modes_differ_in_what_they_ask() {
        let plain = Question::default();
        let critical = Question { weight: Weight::Critical, ..Question::default() };
        let final_one = Question { irreversible: true, ..Question::default() };
        let asked = |mode| [&plain, &critical, &final_one].map(|question| asks(mode, question));
        assert_eq!(asked(Mode::Interactive), [true, true, true]);
        assert_eq!(asked(Mode::Guided), [false, true, true]);
        assert_eq!(asked(Mode::Autonomous), [false, false, true]);
    }
}
