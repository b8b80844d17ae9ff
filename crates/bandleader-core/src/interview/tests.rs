//! Interviews as scripts: what is asked, what is answered, what comes of it.

use std::fmt::Write as _;

use super::question::Opens;
use super::*;
use crate::plan::Mode;

/// Plays a script: a line for each answer, `<` goes back, an empty one takes the default. Gives the ids of what was asked, a `<` for each
/// way back and `!` for each answer that was refused.
fn play(interview: &mut Interview, script: &[&str]) -> String {
    let mut asked = String::new();
    for line in script {
        let Some(question) = interview.next() else { break };
        let _ = write!(asked, "{} ", question.id);
        match *line {
            "<" => {
                interview.back();
                asked.push_str("< ");
            }
            line => {
                if interview.answer(line).is_err() {
                    asked.push_str("! ");
                }
            }
        }
    }
    asked.trim_end().to_owned()
}

fn start(request: &str, kind: Kind, level: u8) -> Interview {
    Interview::new(request, kind, level, &Given::new()).unwrap()
}

const SOCIAL: &str =
    "I want to build a SaaS tool for automated social media scheduling with AI-powered content suggestions.";

#[test]
fn a_product_is_asked_for_what_its_request_opens() {
    let mut interview = start(SOCIAL, Kind::Saas, 3);
    let asked = play(
        &mut interview,
        &[
            "Small businesses struggle to stay visible",
            "10 to 100 people, e-commerce",
            "1000 paying customers in 6 months",
            "",
            "React frontend, otherwise flexible",
            "Facebook, Instagram, LinkedIn, Twitter APIs",
            "",
            "",
            "Stripe",
            "AWS, we have credits",
            "",
            "Up to 500 at once",
            "Sub-second, real-time preview",
            "",
            "GDPR, SOC 2 not required yet",
            "",
            "",
            "40",
        ],
    );
    assert_eq!(
        asked,
        "goal audience success features stack integrations integration_access models payment hosting hosting_limits load \
         performance live compliance personal_data timeline budget"
    );
    assert_eq!(interview.next(), None);
    let brief = interview.finish();
    assert_eq!(brief.get("hosting"), Some("AWS, we have credits"));
    assert_eq!((brief.get("timeline"), brief.get("budget")), (Some("normal"), Some("40 USD")));
    let defaults: Vec<&str> = brief.defaults().map(|settled| settled.question.id).collect();
    assert_eq!(
        defaults,
        ["features", "integration_access", "models", "hosting_limits", "live", "personal_data", "timeline"]
    );
}

#[test]
fn nothing_is_asked_that_no_answer_calls_for() {
    let mut interview = start("Build a page that shows the menu of the day", Kind::Saas, 1);
    let asked = play(&mut interview, &[""; 40]);
    assert_eq!(
        asked,
        "goal audience success features stack integrations hosting load performance compliance timeline budget"
    );
    assert_eq!(interview.progress(), (12, 0));
}

#[test]
fn one_step_back_asks_again_and_closes_what_the_answer_had_opened() {
    let mut interview = start("Add export to the shop", Kind::Feature, 2);
    let script = ["", "", "", "", "", "the till", "<", "<", "none", "", "", "", "", "", ""];
    let asked = play(&mut interview, &script);
    assert_eq!(
        asked,
        "goal audience success features stack integrations integration_access < integrations < stack integrations hosting \
         load performance compliance timeline"
    );
    let mut interview = start("Add export to the shop", Kind::Feature, 2);
    play(&mut interview, &["", "", "", "", "", "the till"]);
    assert_eq!(interview.next().map(|question| question.id), Some("integration_access"));
    let (question, said) = interview.back().unwrap();
    assert_eq!((question.id, said.as_deref()), ("integrations", Some("the till")));
    interview.answer("none").unwrap();
    assert_eq!(interview.next().map(|question| question.id), Some("hosting"));
}

#[test]
fn at_the_first_question_there_is_no_way_back() {
    let mut interview = start("Fix the crash", Kind::Bugfix, 1);
    assert_eq!(interview.back(), None);
    assert_eq!(interview.next().map(|question| question.id), Some("symptom"));
}

#[test]
fn what_a_file_has_said_is_not_asked_and_still_opens() {
    let given = Given::from([("integrations".into(), "Stripe".into()), ("data".into(), "none".into())]);
    let mut interview = Interview::new("Add invoices", Kind::Feature, 3, &given).unwrap();
    let asked = play(&mut interview, &[""; 30]);
    assert!(!asked.contains("integrations") && asked.contains("integration_access"), "{asked}");
    let brief = interview.finish();
    assert_eq!(brief.unused, ["data"], "a question of migrations");
    assert_eq!(brief.settled.iter().filter(|settled| settled.source == Source::File).count(), 1);
}

#[test]
fn an_answer_of_the_wrong_form_is_refused_and_asked_again() {
    let mut interview = start("Fix it", Kind::Bugfix, 1);
    let asked = play(&mut interview, &["", "", "", "", "soon", "u", "lots", "12.5 usd"]);
    assert_eq!(asked, "symptom reproduce since stack timeline ! timeline budget ! budget");
    let brief = interview.finish();
    assert_eq!((brief.get("timeline"), brief.get("budget")), (Some("urgent"), Some("12.5 USD")));
    let wrong = Interview::new("x", Kind::Saas, 3, &Given::from([("audienc".into(), "x".into())])).unwrap_err();
    assert!(wrong[0].message.contains("did you mean `audience`"), "{}", wrong[0]);
}

#[test]
fn an_answer_is_one_paragraph_without_controls() {
    let mut interview = start("x\u{1b}[2J\ny", Kind::Saas, 3);
    assert_eq!(interview.default_of(interview.next().unwrap()), "x [2J y");
    interview.answer("a\u{7}\n b").unwrap();
    assert_eq!(interview.finish().get("goal"), Some("a b"));
}

#[test]
fn the_level_sets_what_is_asked_and_what_counts_by_default() {
    for (level, load, asks_who_is_called) in
        [(1, "10 to 50", false), (3, "up to 500", false), (4, "up to 10,000", true)]
    {
        let interview = start("Build a shop", Kind::Saas, level);
        let brief = interview.finish();
        assert_eq!(brief.get("load"), Some(load));
        assert_eq!(brief.get("operations").is_some(), asks_who_is_called, "level {level}");
        assert_eq!(brief.get("sign_in").is_some(), level == 5);
        assert_eq!(brief.get("peaks").is_some(), level >= 4, "the default of the load opens it as an answer would");
    }
}

#[test]
fn the_questions_hold_together() {
    let mut seen: Vec<&str> = Vec::new();
    for question in questions::ALL.iter().copied().flatten() {
        assert!(!seen.contains(&question.id), "{} is there twice", question.id);
        if let Some(opener) = question.opens.opener() {
            assert!(seen.contains(&opener), "{} stands before {opener}, which opens it", question.id);
            let opener = question::find(opener).unwrap();
            let missing: Vec<_> = question.kinds.iter().filter(|kind| !opener.kinds.contains(kind)).collect();
            assert!(missing.is_empty(), "{} is asked where {} is not: {missing:?}", question.id, opener.id);
        }
        for level in 1..=5 {
            let default = question.default("Build it", level);
            let checked = question.check(&default);
            assert_eq!(checked.as_deref(), Ok(default.as_str()), "the default of {}", question.id);
            assert!(!default.is_empty(), "{} has no default", question.id);
        }
        assert!(matches!(question.opens, Opens::Always) || !question.kinds.is_empty());
        seen.push(question.id);
    }
    for kind in Kind::ALL {
        let always = questions(kind).filter(|question| matches!(question.opens, Opens::Always)).count();
        assert!((4..=14).contains(&always), "{} asks {always} questions of everybody", kind.name());
    }
}

#[test]
fn answers_survive_a_file() {
    let mut interview = start("Build a \"shop\": with # signs", Kind::Saas, 4);
    play(&mut interview, &["- a: b", "yes", "", "'{{ x }}'", "none"]);
    let brief = interview.finish();
    let text = write_answers(&brief);
    let saved = read_answers("answers.yaml", &text).unwrap();
    assert_eq!(
        (saved.request.as_deref(), saved.template, saved.level),
        (Some(brief.request.as_str()), Some(Kind::Saas), Some(4))
    );
    let again = Interview::new(&brief.request, Kind::Saas, 4, &saved.answers).unwrap().finish();
    let values = |brief: &Brief| brief.settled.iter().map(|settled| settled.value.clone()).collect::<Vec<_>>();
    assert_eq!(values(&again), values(&brief));
    assert!(text.contains("\n  # success: "), "{text}");
}

#[test]
fn an_interview_that_is_broken_off_anywhere_goes_on_from_there() {
    let script = ["Shops vanish", "- a: b # c", "", "2 < 3", "", "Stripe", "yes", "", "", "", "", "", "", "", "", ""];
    let mut whole = start("Build a \"shop\"", Kind::Saas, 4);
    let asked = play(&mut whole, &script);
    for broken_after in 0..=script.len() {
        let mut first = start("Build a \"shop\"", Kind::Saas, 4);
        let mut all = play(&mut first, &script[..broken_after]);
        let saved = read_answers("draft.yaml", &write_draft(&first, None, &Given::new())).unwrap();
        assert_eq!((saved.request.as_deref(), saved.level), (Some("Build a \"shop\""), Some(4)));
        let mut second = start("Build a \"shop\"", Kind::Saas, 4);
        second.take_up(&saved);
        assert_eq!(second.progress(), first.progress(), "nobody is asked twice");
        let rest = play(&mut second, &script[broken_after..]);
        if !all.is_empty() && !rest.is_empty() {
            all.push(' ');
        }
        assert_eq!(all + &rest, asked, "broken off after {broken_after} answers");
        assert_eq!(second.finish(), whole.clone().finish());
    }
}

#[test]
fn who_went_back_and_left_loses_nothing_and_can_still_go_back() {
    let mut interview = start("Fix the crash", Kind::Bugfix, 2);
    play(&mut interview, &["on login", "always", ""]);
    let mut went_back_from = Given::new();
    for _ in 0..2 {
        let (question, said) = interview.back().unwrap();
        went_back_from.extend(said.map(|said| (question.id.to_owned(), said)));
    }
    let saved = read_answers("draft.yaml", &write_draft(&interview, Some(Mode::Interactive), &went_back_from)).unwrap();
    assert_eq!(saved.mode, Some(Mode::Interactive));
    assert_eq!(saved.answers.values().map(String::as_str).collect::<Vec<_>>(), ["always", "on login"]);
    let mut again = start("Fix the crash", Kind::Bugfix, 2);
    again.take_up(&saved);
    assert_eq!(again.progress().0, 2);
    assert_eq!(again.back().and_then(|(_, said)| said).as_deref(), Some("always"));
}

#[test]
fn a_draft_of_another_kind_gives_what_fits() {
    let text = "answers:\n  goal: more shops\n  symptom: none\n  success:\n";
    let saved = read_answers("draft.yaml", text).unwrap();
    assert_eq!(saved.left.iter().map(String::as_str).collect::<Vec<_>>(), ["success"]);
    let mut interview = start("Build a shop", Kind::Saas, 3);
    interview.take_up(&saved);
    assert_eq!(interview.progress().0, 2);
    assert_eq!(interview.next().map(|question| question.id), Some("audience"));
}

#[test]
fn everything_wrong_with_a_file_is_said_at_once() {
    let text = "reqest: x\nlevel: 9\ntemplate: saas-product\nanswers:\n  audienc: me\n  timeline: soon\n  stack: [a, b]\n  goal:\n    a: b\n";
    let bad = read_answers("answers.yaml", text).unwrap_err();
    let said: Vec<String> = bad.diagnostics.iter().map(|one| format!("{} {}", one.code, one.message)).collect();
    assert_eq!(said.len(), 6, "{said:#?}");
    assert!(said[0].contains("`reqest`") && said[3].contains("`audienc`") && said[4].contains("`soon`"), "{said:#?}");
    let good = read_answers("answers.yaml", "answers: { stack: [Rust, SQLite], goal: }").unwrap();
    assert_eq!(good.answers, Given::from([("stack".into(), "Rust, SQLite".into())]));
}

#[test]
fn the_kind_follows_from_the_first_word_that_a_rule_knows() {
    let check = |request: &str, ground: Ground, kind: Kind, why: &str| {
        let chosen = choose(request, ground);
        assert_eq!(chosen.kind, kind, "{request}");
        assert!(chosen.why().contains(why), "{request}: {}", chosen.why());
    };
    check(SOCIAL, Ground::Empty, Kind::Saas, "\"saas\"");
    check("Build a code review tool", Ground::Empty, Kind::Saas, "\"build\"");
    check("Build a code review tool", Ground::Code, Kind::Feature, "folder has code");
    check("Build alerts for our shop", Ground::Empty, Kind::Feature, "something that is there");
    check("Build an MVP of it", Ground::Code, Kind::Saas, "\"mvp\"");
    check("Implement a real-time inventory alerts system", Ground::Empty, Kind::Feature, "\"implement\"");
    check("Review the payment service and add nothing", Ground::Code, Kind::Review, "\"review\"");
    check("Fix the crash on upgrade", Ground::Code, Kind::Bugfix, "\"fix\"");
    check("Login doesn't work since Monday", Ground::Code, Kind::Bugfix, "\"doesn't work\"");
    check("Migrate from MySQL to PostgreSQL", Ground::Code, Kind::Migration, "\"migrate\"");
    check("Find out which queue we should use", Ground::Code, Kind::Research, "\"find out\"");
    check("Prefix all names", Ground::Code, Kind::Feature, "the folder has code");
    check("", Ground::Empty, Kind::Saas, "no rule knows");
}

#[test]
fn a_mission_is_the_request_without_its_politeness() {
    let mission = |request: &str| start(request, Kind::Saas, 3).finish().mission();
    assert_eq!(
        mission("I want to build a SaaS tool. Level 3 quality, and I'd like interactive mode."),
        "Build a SaaS tool"
    );
    assert_eq!(mission("please fix   the\ncrash!"), "Fix the crash");
    let long = mission(&format!("build {}", "something ".repeat(30)));
    assert!(long.chars().count() <= 100 && long.ends_with("something…"), "{long}");
}
