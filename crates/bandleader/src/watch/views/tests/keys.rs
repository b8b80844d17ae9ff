//! What keys and the mouse do, and what the run is asked by them.

use std::time::Duration;

use bandleader_engine::output::Stream;
use ratatui::style::{Color, Modifier};
use termina::event::{KeyCode, Modifiers, MouseButton, MouseEvent, MouseEventKind};

use super::plans::{SHOP, team};
use super::stage::Stage;
use crate::notice::{Bell, Notices, Urgency};
use crate::watch::message::{Deed, Message, Request};
use crate::watch::page::{Abilities, Colours, Letters};
use crate::watch::state::{Item, LogLine, LogView, Playing, Tab};

fn click(column: u16, row: u16) -> Message {
    let kind = MouseEventKind::Down(MouseButton::Left);
    Message::Mouse(MouseEvent { kind, column, row, modifiers: Modifiers::NONE })
}

#[test]
fn pasted_words_filter_as_typed_ones_do() {
    let mut stage = Stage::new(SHOP);
    stage.press(KeyCode::Char('/'));
    stage.send(Message::Paste("docs\n".into()));
    let screen = stage.screen((80, 24));
    assert!(screen.contains("filter: docs") && screen.contains("1 task with `docs`"), "{screen}");
    assert!(!screen.contains("build.api"), "{screen}");
}

#[test]
fn a_question_is_answered_with_a_reason() {
    let mut stage = team();
    stage.screen((80, 24));
    stage.press(KeyCode::Char('d'));
    stage.press(KeyCode::Char('a'));
    stage.type_in("wwe know it");
    stage.press(KeyCode::Enter);
    assert!(stage.screen((80, 24)).contains("because: we know it"), "{}", stage.screen((80, 24)));
    stage.press(KeyCode::Enter);
    let because = "we know it".to_owned();
    assert_eq!(stage.deeds, [Deed::Ask(Request::Answer { decision: 1, option: "A".into(), because })]);
    assert!(stage.state.dialog.is_none());
}

#[test]
fn the_recommendation_is_chosen_until_another_option_is() {
    let mut stage = team();
    stage.press(KeyCode::Char('d'));
    stage.press(KeyCode::Enter);
    let answer = |option: &str| Request::Answer { decision: 1, option: option.into(), because: String::new() };
    assert_eq!(stage.deeds, [Deed::Ask(answer("B"))]);
    stage.press(KeyCode::Char('d'));
    stage.press(KeyCode::Down);
    stage.press(KeyCode::Down);
    stage.press(KeyCode::Enter);
    assert_eq!(stage.deeds, [Deed::Ask(answer("C"))]);
}

#[test]
fn what_ends_work_is_asked_twice() {
    let mut stage = Stage::new(SHOP);
    stage.pass(1);
    let task = stage.state.task().unwrap();
    for (key, request) in [('x', Request::CancelTask(task)), ('X', Request::CancelRun)] {
        stage.press(KeyCode::Char(key));
        assert_eq!(stage.deeds, []);
        stage.press(KeyCode::Char('n'));
        assert_eq!(stage.deeds, []);
        stage.press(KeyCode::Char(key));
        stage.press(KeyCode::Char('y'));
        assert_eq!(stage.deeds, [Deed::Ask(request)]);
    }
}

#[test]
fn words_for_an_agent_are_typed_or_pasted() {
    let mut stage = team();
    stage.press(KeyCode::Down);
    let task = stage.state.task().unwrap();
    stage.press(KeyCode::Char('t'));
    stage.type_in("use q: ");
    stage.send(Message::Paste("v2\n".into()));
    stage.press(KeyCode::Enter);
    assert_eq!(stage.deeds, [Deed::Ask(Request::Tell { task, text: "use q: v2".into() })]);
}

#[test]
fn what_was_refused_is_told_in_a_line_until_the_next_key() {
    let mut stage = Stage::new(SHOP);
    stage.send(Message::Done(Err("the run is paused already\u{1b}[2J".into())));
    assert!(stage.screen((80, 24)).contains("the run is paused already\\e[2J"));
    stage.press(KeyCode::Down);
    assert!(!stage.screen((80, 24)).contains("paused already"));
}

#[test]
fn what_was_done_is_told_for_a_moment_and_then_the_keys_are_there_again() {
    let mut stage = Stage::new(SHOP);
    stage.send(Message::Done(Ok("question 1 was answered: A".into())));
    assert!(!stage.state.fade(Duration::from_secs(1)));
    assert!(stage.screen((80, 24)).contains("was answered: A"));
    assert!(stage.state.fade(Duration::from_secs(5)));
    let screen = stage.screen((80, 24));
    assert!(screen.contains("[q]uit") && !screen.contains("was answered"), "{screen}");
    stage.send(Message::Done(Err("it is over".into())));
    assert!(!stage.state.fade(Duration::from_mins(1)), "what was refused stays");
}

#[test]
fn the_mouse_chooses_a_row_then_opens_it() {
    let mut stage = team();
    stage.screen((80, 24));
    let (row, item) = *stage.state.seen.entries.get(2).unwrap();
    stage.send(click(5, row));
    assert_eq!(stage.state.cursor, Some(item));
    stage.send(click(5, row));
    assert_eq!(stage.state.tab, Tab::Log);
    let (y, first, _, tab) = *stage.state.seen.tabs.get(1).unwrap();
    stage.send(click(first + 1, y));
    assert_eq!(stage.state.tab, tab);
}

#[test]
fn a_row_that_goes_away_leaves_the_cursor_where_it_was() {
    let mut stage = Stage::new(SHOP);
    stage.pass(30);
    assert!(matches!(stage.state.cursor, Some(Item::Task(_))));
    let before = stage.state.cursor;
    stage.end("planning.spec", 0);
    assert!(stage.state.cursor.is_some() && stage.state.cursor != before);
}

#[test]
fn nothing_is_asked_of_a_run_that_is_only_played_again() {
    let mut stage = team();
    let pace = crate::watch::state::Pace::Moving;
    stage.state.playing = Some(Playing { speed: 8.0, pace, played: (5, 9) });
    stage.screen((80, 24));
    for key in ['p', 'x', 'X', 'r', 't', 'a', 'R'] {
        stage.press(KeyCode::Char(key));
        assert_eq!(stage.deeds, [], "{key}");
        assert!(stage.state.sure.is_none() && stage.state.prompt.is_none());
    }
    assert!(stage.screen((80, 24)).contains("replay · event 5/9 · 8×"));
}

#[test]
fn without_colour_and_utf_8_the_screen_says_the_same() {
    let mut stage = team();
    let buffer = stage.cells((80, 24), Abilities { colour: Colours::Unwanted, letters: Letters::Ascii });
    assert!(buffer.content.iter().all(|cell| cell.symbol().is_ascii() && cell.fg == Color::Reset));
    let chosen = buffer.content.iter().filter(|cell| cell.modifier.contains(Modifier::REVERSED)).count();
    assert!(chosen >= 80, "the chosen row stands out without colour");
}

#[test]
fn a_question_is_told_of_again_and_again_but_ever_less_often_until_it_is_answered() {
    let mut stage = team();
    let (mut notices, mut silent) = (Notices::new(Bell::On), Notices::new(Bell::Off));
    let mut told = Vec::new();
    for minute in 0..7 {
        told.extend(stage.notice(&mut notices).map(|text| (minute, text)));
        assert_eq!(stage.notice(&mut silent), None);
        assert_eq!(stage.notice(&mut notices), None, "once is enough");
        stage.pass(1);
    }
    let minutes: Vec<u32> = told.iter().map(|(minute, _)| *minute).collect();
    assert_eq!(minutes, [0, 1, 3]);
    let first = "1  build.api: Which transport carries alerts to browsers?";
    assert_eq!((told[0].1.text.as_str(), told[0].1.urgency), (first, Urgency::Usual));
    stage.answer(1, "A");
    stage.pass(60);
    assert_eq!(stage.notice(&mut notices), None);
}

#[test]
fn that_nobody_answered_in_time_is_told_at_once_and_before_all_else() {
    let mut stage = team();
    stage.answer(1, "A");
    let mut notices = Notices::new(Bell::On);
    stage.asks("build.alert-list", "May it be deployed?");
    let asked = stage.notice(&mut notices).unwrap();
    assert_eq!((asked.urgency, asked.text.contains("nobody")), (Urgency::Usual, false));
    stage.pass(4);
    stage.notice(&mut notices);
    stage.pass(1);
    stage.asks("build.api", "Which port?");
    let told = stage.notice(&mut notices).unwrap();
    let words = "nobody answered in time: 2  build.alert-list: May it be deployed? (and 1 more)";
    assert_eq!((told.text.as_str(), told.urgency), (words, Urgency::Escalated));
    assert_eq!(stage.notice(&mut notices), None, "once is enough");
}

#[test]
fn what_failed_or_is_blocked_is_accepted_with_a_reason() {
    let mut stage = Stage::new(SHOP);
    stage.pass(30);
    stage.press(KeyCode::Char('a'));
    assert!(stage.state.prompt.is_none() && stage.screen((80, 24)).contains("only what failed or is blocked"));
    stage.end("planning.spec", 0);
    stage.pass(15);
    stage.end("build.api", 1);
    stage.press(KeyCode::Home);
    while !matches!(stage.state.cursor, Some(Item::Task(_))) {
        stage.press(KeyCode::Down);
    }
    let task = stage.state.task().unwrap();
    let screen = stage.screen((80, 24));
    assert!(screen.contains("[r]etry  [a]ccept") && !screen.contains("[R]esolve"), "{screen}");
    stage.press(KeyCode::Char('R'));
    assert!(stage.deeds.is_empty() && stage.screen((80, 24)).contains("only work that clashes"));
    stage.type_in("a  ");
    stage.press(KeyCode::Enter);
    assert!(stage.deeds.is_empty() && stage.screen((80, 24)).contains("it takes a reason"));
    stage.type_in("athe test is flaky");
    assert!(stage.screen((80, 24)).contains("accept build.api because: the test is flaky"));
    stage.press(KeyCode::Enter);
    assert_eq!(stage.deeds, [Deed::Ask(Request::Accept { task, because: "the test is flaky".into() })]);
}

#[test]
fn standard_error_is_marked_in_a_log() {
    let mut stage = team();
    stage.press(KeyCode::Down);
    stage.press(KeyCode::Char('6'));
    let job = bandleader_core::JobId {
        attempt: bandleader_core::AttemptId { task: stage.state.task().unwrap(), number: 1 },
        step: bandleader_core::Step::Work,
    };
    let line = |text: &str, stream| LogLine { text: text.into(), stream };
    let lines = vec![line("built", Stream::Stdout), line("deprecated", Stream::Stderr), line("cut", Stream::Note)];
    stage.state.log = LogView { job: Some(job), total: 3, lines, ..LogView::default() };
    let screen = stage.screen((80, 24));
    assert!(screen.contains("\n  built\n! deprecated\n· cut\n"), "{screen}");
}
