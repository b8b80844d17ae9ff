//! Screens as text: real runs, folded from decided events and stopped at the moments that people look at, drawn at the smallest size
//! and at a large one.
//!
//! The expected screens are in `screens/`. `BAND_SCREENS=write` writes them anew, for a look at what has changed.

mod keys;
mod plans;
mod stage;

use std::fmt::Write as _;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};
use stage::{Stage, check};
use termina::event::KeyCode;

use crate::render::live::Presence;
use crate::watch::page::{Abilities, Colours, Letters};

const SMALL: (u16, u16) = (80, 24);
const LARGE: (u16, u16) = (160, 50);

#[test]
fn a_small_run_of_commands() {
    let mut stage = Stage::new(plans::SHOP);
    stage.pass(12);
    check("small-board", &stage.screen(SMALL));
    stage.press(KeyCode::Char('2'));
    check("small-tasks", &stage.screen(SMALL));
    stage.press(KeyCode::Char('3'));
    check("small-graph", &stage.screen(SMALL));
}

#[test]
fn agents_with_a_question_a_blocker_and_costs() {
    let mut stage = plans::team();
    check("team-board", &stage.screen(SMALL));
    check("team-board-large", &stage.screen(LARGE));
    stage.press(KeyCode::Char('d'));
    check("team-question", &stage.screen(SMALL));
    check("team-question-large", &stage.screen(LARGE));
    stage.press(KeyCode::Escape);
    stage.press(KeyCode::Char('4'));
    check("team-timeline", &stage.screen(SMALL));
    stage.press(KeyCode::Char('v'));
    check("team-events", &stage.screen(SMALL));
    stage.answer(1, "A");
    stage.press(KeyCode::Char('5'));
    check("team-decisions", &stage.screen(SMALL));
    stage.press(KeyCode::Char('?'));
    check("help", &stage.screen(SMALL));
}

#[test]
fn a_check_in_tells_what_was_done_and_what_comes_next() {
    let mut stage = Stage::new(&plans::SHOP.replace("  - id: build\n", "    check_in: true\n  - id: build\n"));
    stage.pass(30);
    stage.end("planning.spec", 0);
    stage.pass(1);
    stage.press(KeyCode::Char('d'));
    check("check-in", &stage.screen(SMALL));
    stage.press(KeyCode::PageDown);
    check("check-in-more", &stage.screen(SMALL));
    check("check-in-large", &stage.screen(LARGE));
}

#[test]
fn options_with_long_names_are_read_in_full_in_the_smallest_window() {
    let mut stage = Stage::new(plans::MODELS);
    stage.pass(1);
    stage.press(KeyCode::Char('d'));
    check("long-options", &stage.screen(SMALL));
    stage.press(KeyCode::Char('a'));
    check("long-options-first", &stage.screen(SMALL));
    stage.press(KeyCode::Escape);
    stage.press(KeyCode::Char('2'));
    check("asking-tasks", &stage.screen(SMALL));
}

#[test]
fn what_is_chosen_stands_out_from_end_to_end() {
    let mut stage = plans::team();
    stage.press(KeyCode::Home);
    let cells = stage.cells(SMALL, Abilities { colour: Colours::Wanted, letters: Letters::All });
    let rows = cells.content.chunks(usize::from(SMALL.0));
    let chosen: Vec<&[Cell]> = rows.filter(|row| row[0].modifier.contains(Modifier::REVERSED)).collect();
    // The name of the page is marked like this, too, and does not reach the edge.
    let [.., row] = chosen.as_slice() else { panic!("nothing is chosen") };
    assert!(row.iter().all(|cell| cell.modifier.contains(Modifier::REVERSED)));
    assert!(row.iter().all(|cell| (cell.fg, cell.bg) == (Color::Reset, Color::Reset)));
    assert!(row.iter().any(|cell| cell.symbol() == "?"), "it is the question, whose sign has a colour elsewhere");
}

#[test]
fn what_failed_and_what_is_blocked_stands_above_what_runs() {
    let mut stage = Stage::new(plans::SHOP);
    stage.pass(30);
    stage.end("planning.spec", 0);
    stage.pass(15);
    stage.end("build.docs", 2);
    stage.end("build.api", 1);
    stage.pass(2);
    check("trouble-board", &stage.screen(SMALL));
    check("trouble-board-large", &stage.screen(LARGE));
}

#[test]
fn what_hangs_on_a_failure_is_not_shown_as_done() {
    let mut stage = Stage::new(plans::BROKEN);
    stage.pass(10);
    stage.end("plan.spec", 1);
    stage.end("plan.look", 0);
    stage.pass(1);
    check("broken-board", &stage.screen(SMALL));
    check("broken-board-large", &stage.screen(LARGE));
}

#[test]
fn the_clock_of_a_question_stands_while_no_engine_is_there() {
    let mut stage = Stage::new(&plans::MODELS.replace("weight: critical", "timeout: 8m"));
    stage.pass(1);
    stage.later(4);
    assert!(stage.screen(SMALL).contains("C in 3:00"), "{}", stage.screen(SMALL));
    stage.engine = Presence::Gone;
    let screen = stage.screen(SMALL);
    assert!(screen.contains("interrupted") && screen.contains("C in 8:00"), "{screen}");
    stage.press(KeyCode::Char('d'));
    let screen = stage.screen(SMALL);
    assert!(screen.contains("C is taken 8:00 after the run goes on"), "{screen}");
}

#[test]
fn a_thousand_tasks() {
    let mut text = String::from("mission: Many\nlimits: { parallel: 100 }\nphases:\n");
    for phase in 0..20 {
        let _ = write!(text, "  - id: phase-{phase}\n    tasks:\n");
        for task in 0..50 {
            let _ = writeln!(text, "      - {{ id: task-{task}, run: 'true', expected_time: 10m }}");
        }
    }
    let mut stage = Stage::new(&text);
    stage.pass(4);
    check("many-board", &stage.screen(SMALL));
    check("many-board-large", &stage.screen(LARGE));
    stage.press(KeyCode::Char('2'));
    stage.press(KeyCode::End);
    check("many-tasks", &stage.screen(SMALL));
    stage.type_in("/phase-7.task-3 ready");
    check("many-filtered", &stage.screen(SMALL));
}

#[test]
fn a_window_that_is_too_small_says_so_and_no_size_is_too_odd() {
    let mut stage = plans::team();
    check("too-small", &stage.screen((60, 10)));
    for tab in '1'..='6' {
        stage.press(KeyCode::Char(tab));
        for size in [(1, 1), (80, 24), (81, 25), (119, 24), (120, 31), (121, 33), (300, 24), (80, 120)] {
            stage.screen(size);
        }
    }
    stage.press(KeyCode::Char('d'));
    for size in [(80, 24), (500, 200)] {
        stage.screen(size);
    }
}

#[test]
fn hostile_names_reach_no_cell() {
    let plan = "mission: \"a\\e]0;owned\\a\\e[2J\"\ntasks:\n  - { id: a, title: \"\\u202eabc\\e[31m\", run: 'true' }\n";
    let mut stage = Stage::new(plan);
    stage.pass(1);
    for tab in '1'..='6' {
        stage.press(KeyCode::Char(tab));
        let screen = stage.screen(LARGE);
        let bad = |letter: char| letter != '\n' && (letter.is_control() || letter == '\u{202e}');
        assert!(!screen.contains(bad), "{screen:?}");
    }
    stage.press(KeyCode::Char('1'));
    assert!(stage.screen(LARGE).contains("a\\e]0;owned\\u{7}\\e[2J"));
}
