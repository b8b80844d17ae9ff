//! Messages from outside: whom we believe, what we read in them, and what stays of it.

use bandleader_core::{HookFormat, IncomingHook, Timestamp};
use ring::hmac;

use super::{Incoming, LONGEST, Message, Outcome, Reply, Signal, github, receive, standard};
use crate::folder::Folder;
use crate::hooks::book::{Book, Stands};
use crate::hooks::sign::Secret;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const PLAIN: &str = "It's a Secret to Everybody";
const NOW: Timestamp = Timestamp(1_700_000_000_000);

struct Scene {
    project: tempfile::TempDir,
    book: Book,
    all: Vec<Incoming>,
    may_knock: bool,
}

fn scene() -> Scene {
    let project = tempfile::tempdir().unwrap();
    let book = Book::open(&Folder::create(project.path()).unwrap()).unwrap();
    let hook = |name: &str, secret_env: &str, format| {
        let hook = IncomingHook { name: name.into(), secret_env: secret_env.into(), format };
        Incoming::new(hook, |name| match name {
            "OWN" => Some(SECRET.to_owned()),
            "GITHUB" => Some(PLAIN.to_owned()),
            _ => None,
        })
    };
    let all = vec![
        hook("own", "OWN", HookFormat::Standard),
        hook("github", "GITHUB", HookFormat::Github),
        hook("bare", "NOT_SET", HookFormat::Standard),
    ];
    Scene { project, book, all, may_knock: true }
}

impl Scene {
    fn send(&mut self, name: &str, headers: &[(&str, String)], body: &str) -> Reply {
        let header = |wanted: &str| headers.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.clone());
        let message = Message { name, sender: "127.0.0.1:1", header: &header, body: body.as_bytes() };
        receive(&mut self.book, &self.all, &message, NOW, || self.may_knock).unwrap()
    }

    fn standard(&mut self, name: &str, id: &str, at: u64, body: &str) -> Reply {
        let signature = Secret::parse(SECRET).unwrap().sign(id, at, body);
        let headers =
            [("webhook-id", id.to_owned()), ("webhook-timestamp", at.to_string()), ("webhook-signature", signature)];
        self.send(name, &headers, body)
    }

    fn github(&mut self, event: &str, delivery: &str, body: &str) -> Reply {
        let key = hmac::Key::new(hmac::HMAC_SHA256, PLAIN.as_bytes());
        let tag = hmac::sign(&key, body.as_bytes());
        let hex = tag.as_ref().iter().fold(String::new(), |all, byte| all + &format!("{byte:02x}"));
        let headers = [
            ("x-github-event", event.to_owned()),
            ("x-github-delivery", delivery.to_owned()),
            ("x-hub-signature-256", format!("sha256={hex}")),
        ];
        self.send("github", &headers, body)
    }

    fn outcomes(&self, hook: &str, about: &str, check: Option<&str>) -> Vec<Outcome> {
        let told = self.book.told(hook, about, check, Timestamp(0)).unwrap();
        told.into_iter().map(|one| one.outcome).collect()
    }

    fn whys(&self) -> Vec<String> {
        let all = self.book.received(None, Some(Stands::Refused), 50).unwrap();
        all.into_iter().rev().filter_map(|one| one.why).collect()
    }
}

const BODY: &str = r#"{"type": "ci", "data": {"outcome": "passed", "about": "c0ffee", "check": "build"}}"#;

fn taken(stands: Stands) -> Reply {
    Reply::Taken(stands, None)
}

#[test]
fn a_message_counts_once_whatever_is_tried() {
    let mut scene = scene();
    let now = NOW.0 / 1_000;
    assert_eq!(scene.standard("own", "m1", now, BODY), taken(Stands::Accepted));
    assert_eq!(scene.standard("own", "m1", now, BODY), taken(Stands::Repeated));
    // Another server of the project, or this one started anew, knows it too.
    let again = Book::open(&Folder::create(scene.project.path()).unwrap()).unwrap();
    let before = std::mem::replace(&mut scene.book, again);
    drop(before);
    assert_eq!(scene.standard("own", "m1", now, &BODY.replace("passed", "failed")), taken(Stands::Repeated));
    assert_eq!(scene.outcomes("own", "c0ffee", None), [Outcome::Passed]);
    assert_eq!(scene.standard("own", "m2", now + 300, &BODY.replace("passed", "failed")), taken(Stands::Accepted));
    assert_eq!(scene.outcomes("own", "c0ffee", Some("build")), [Outcome::Failed], "the newest word counts");
    assert_eq!(scene.outcomes("own", "c0ffee", Some("lint")), []);
    assert_eq!(scene.outcomes("other", "c0ffee", None), []);
    assert_eq!(scene.book.arrivals("own").unwrap(), [2, 0, 2, 0]);
}

#[test]
fn nobody_learns_which_hooks_there_are() {
    let mut scene = scene();
    let now = NOW.0 / 1_000;
    let signed = |id: &str, at: &str, body: &str| {
        [
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", at.to_owned()),
            ("webhook-signature", Secret::parse(SECRET).unwrap().sign("m1", now, body)),
        ]
    };
    let at = now.to_string();
    for (name, headers, body) in [
        ("nobody", &signed("m1", &at, BODY)[..], BODY),
        ("bare", &signed("m1", &at, BODY)[..], BODY),
        ("own", &[], BODY),
        ("own", &signed("m2", &at, BODY)[..], BODY),
        ("own", &signed("m1", "1", BODY)[..], BODY),
        ("own", &signed("m1", &at, BODY)[..], "{}"),
        ("github", &signed("m1", &at, BODY)[..], BODY),
    ] {
        assert_eq!(scene.send(name, headers, body), Reply::Unknown, "{name} {headers:?}");
    }
    let whys = scene.whys();
    assert_eq!(whys[0], "there is no such hook");
    assert_eq!(whys[1], "the environment variable `NOT_SET` of its secret is not set");
    assert!(
        whys[2].contains("no `webhook-id`") && whys[3..].iter().all(|why| why == "its signature is wrong"),
        "{whys:?}"
    );
    assert!(scene.book.received(None, None, 50).unwrap().iter().all(|one| one.body.is_none()), "nothing of it is kept");
    assert_eq!(scene.standard("own", "m1", now, BODY), taken(Stands::Accepted), "it is not taken for a repetition");
}

#[test]
fn what_is_old_or_says_nothing_of_use_is_refused_with_the_reason() {
    let mut scene = scene();
    let now = NOW.0 / 1_000;
    for at in [now - 301, now + 301] {
        let Reply::Wrong(why) = scene.standard("own", "m1", at, BODY) else { panic!("{at}") };
        assert!(why.contains("300 seconds"), "{why}");
    }
    for (body, words) in [
        ("{", "not what is expected"),
        (r#"{"data": {}}"#, "outcome"),
        (r#"{"data": {"outcome": "fine", "about": "x"}}"#, "fine"),
        (r#"{"data": {"outcome": "passed"}}"#, "what it is about"),
        (r#"{"data": {"outcome": "passed", "about": " "}}"#, "what it is about"),
        (r#"{"data": {"outcome": "passed", "run": "a"}}"#, "stand together"),
    ] {
        let Reply::Wrong(why) = scene.standard("own", "m1", now, body) else { panic!("{body}") };
        assert!(why.contains(words), "{body}: {why}");
    }
    let deep = format!("{{\"data\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(deep.len() < LONGEST && matches!(scene.standard("own", "m1", now, &deep), Reply::Wrong(_)));
    assert_eq!(scene.standard("own", "m1", now, BODY), taken(Stands::Accepted));
}

#[test]
fn refusals_do_not_fill_the_disk() {
    let mut scene = scene();
    for _ in 0..520 {
        scene.send("nobody", &[], "x");
    }
    let kept = scene.book.received(None, None, 10_000).unwrap().len();
    assert_eq!(kept, 500);
    scene.may_knock = false;
    assert_eq!(scene.send("nobody", &[], "x"), Reply::TooOften);
    assert_eq!(
        scene.standard("own", "m1", NOW.0 / 1_000, BODY),
        taken(Stands::Accepted),
        "who is believed never waits"
    );
}

fn of_standard(data: &str) -> Signal {
    standard::read(format!("{{\"data\": {data}, \"more\": 1}}").as_bytes())
        .unwrap_or_else(|why| panic!("{why}"))
        .signal
        .unwrap()
}

#[test]
fn texts_of_others_are_short_and_plain() {
    let found = of_standard(
        r#"{"outcome": "failed", "about": ["a\u001b[31m", "b"], "run": "k3", "task": "x.ci", "summary": "a\nb", "url": "https://c"}"#,
    );
    assert_eq!(found.about, ["a [31m", "b", "k3\nx.ci"]);
    assert_eq!((found.outcome, found.summary.as_str()), (Outcome::Failed, "a b, https://c"));
    let long = of_standard(&format!("{{\"outcome\": \"pending\", \"about\": \"{}\"}}", "ü".repeat(1_000)));
    assert_eq!(long.about[0].chars().count(), 300);
}

fn of_github(event: &str, body: &str) -> Signal {
    github::read(event, body.as_bytes()).unwrap_or_else(|why| panic!("{why}")).signal.unwrap()
}

#[test]
fn what_github_tells_is_read() {
    let sha = "c3".repeat(20);
    let run = |conclusion: &str, of: &str| {
        format!(
            r#"{{"action": "completed", "repository": {{"full_name": "a/b"}}, "workflow_run": {{"name": "CI", "workflow_id": 7,
               "head_sha": "{sha}", "head_branch": "main", "status": "completed", "conclusion": {conclusion}, "html_url": "https://x/1",
               "head_repository": {{"full_name": "{of}"}}}}}}"#
        )
    };
    let found = of_github("workflow_run", &run("\"success\"", "a/b"));
    let about = vec![sha.clone(), "main".into()];
    let (check, part, summary) = ("CI".to_owned(), "workflow 7".to_owned(), "CI: success, https://x/1".to_owned());
    assert_eq!(found, Signal { about, check, part, outcome: Outcome::Passed, summary });
    assert_eq!(
        of_github("workflow_run", &run("\"success\"", "evil/b")).about,
        std::slice::from_ref(&sha),
        "a branch of a fork is not ours"
    );
    for (conclusion, outcome) in [
        ("null", Outcome::Pending),
        ("\"failure\"", Outcome::Failed),
        ("\"cancelled\"", Outcome::Failed),
        ("\"timed_out\"", Outcome::Failed),
        ("\"action_required\"", Outcome::Failed),
        ("\"skipped\"", Outcome::Nothing),
        ("\"neutral\"", Outcome::Nothing),
    ] {
        assert_eq!(of_github("workflow_run", &run(conclusion, "a/b")).outcome, outcome, "{conclusion}");
    }
    let suite = format!(
        r#"{{"check_suite": {{"id": 9, "head_sha": "{sha}", "head_branch": null, "conclusion": "failure", "app": {{"name": "CI Co"}}}}}}"#
    );
    let found = of_github("check_suite", &suite);
    assert_eq!((found.about, found.check.as_str(), found.part.as_str()), (vec![sha.clone()], "CI Co", "suite 9"));
    let check = format!(
        r#"{{"check_run": {{"name": "unit", "head_sha": "{sha}", "conclusion": "success", "app": {{"id": 3}}}}}}"#
    );
    assert_eq!(of_github("check_run", &check).part, "check 3 unit");
    let status = format!(
        r#"{{"sha": "{sha}", "state": "error", "context": "ci/x", "description": null, "target_url": null,
           "branches": [{{"name": "main", "commit": {{"sha": "{sha}"}}}}, {{"name": "old", "commit": {{"sha": "d4"}}}}]}}"#
    );
    let found = of_github("status", &status);
    assert_eq!((found.about, found.outcome), (vec![sha, "main".into()], Outcome::Failed));
    assert_eq!(found.summary, "ci/x: error");
}

#[test]
fn a_message_of_github_counts_once_under_whatever_id_it_comes() {
    let mut scene = scene();
    let sha = "c3".repeat(20);
    let status = format!(r#"{{"sha": "{sha}", "state": "success", "context": "ci/x"}}"#);
    assert_eq!(scene.github("status", "d1", &status), taken(Stands::Accepted));
    assert_eq!(scene.github("status", "d2", &status), taken(Stands::Repeated), "its id is not signed");
    assert_eq!(scene.outcomes("github", &sha[..10], None), [Outcome::Passed], "a commit is known by its beginning");
    assert_eq!(scene.outcomes("github", &sha[..6], None), []);
    assert!(matches!(scene.github("ping", "d3", "{}"), Reply::Taken(Stands::Ignored, Some(_))));
    assert!(matches!(scene.github("status", "d4", r#"{"sha": 1}"#), Reply::Wrong(_)));
    assert_eq!(scene.book.arrivals("github").unwrap(), [1, 1, 1, 1]);
}
