//! Which commands test a project, by the files that are in it or by what the person said it is made of.
//!
//! Gates are only written where the command is known: a gate that cannot pass is worse than none.

use crate::interview::Brief;

/// What one sort of project is tested with.
#[derive(Debug, PartialEq, Eq)]
pub struct Toolchain {
    /// For people.
    pub name: &'static str,
    /// The file that such a project has at its top.
    pub mark: &'static str,
    words: &'static [&'static str],
    /// Runs all tests.
    pub test: &'static str,
    /// Looks for what is wrong without running it; empty where there is no usual command.
    pub lint: &'static str,
    /// Builds what is delivered; empty where nothing is built.
    pub build: &'static str,
}

/// What tests a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tests {
    /// One sort of project, by this file.
    ByFile(&'static Toolchain),
    /// One sort of project, by what the person said.
    ByWord(&'static Toolchain),
    /// More than one sort: which command belongs to which folder is not known.
    Several(&'static Toolchain, &'static Toolchain),
    /// Not known.
    Unknown,
}

const ALL: &[Toolchain] = &[
    Toolchain {
        name: "Rust",
        mark: "Cargo.toml",
        words: &["rust", "cargo", "axum", "actix"],
        test: "cargo test",
        lint: "cargo clippy --all-targets -- -D warnings",
        build: "cargo build --release",
    },
    Toolchain {
        name: "Node",
        mark: "package.json",
        words: &[
            "node",
            "nodejs",
            "node.js",
            "javascript",
            "typescript",
            "react",
            "next.js",
            "nextjs",
            "vue",
            "svelte",
            "angular",
            "express",
            "nestjs",
            "npm",
        ],
        test: "npm test",
        lint: "npm run lint --if-present",
        build: "npm run build --if-present",
    },
    Toolchain {
        name: "Python",
        mark: "pyproject.toml",
        words: &["python", "django", "flask", "fastapi", "pytest"],
        test: "python3 -m pytest",
        lint: "",
        build: "",
    },
    Toolchain {
        name: "Go",
        mark: "go.mod",
        words: &["golang", "Go"],
        test: "go test ./...",
        lint: "go vet ./...",
        build: "go build ./...",
    },
    Toolchain {
        name: "Java with Maven",
        mark: "pom.xml",
        words: &["maven", "java", "spring"],
        test: "mvn -q test",
        lint: "",
        build: "mvn -q package -DskipTests",
    },
    Toolchain {
        name: "Gradle",
        mark: "build.gradle",
        words: &["gradle", "kotlin"],
        test: "./gradlew test",
        lint: "",
        build: "./gradlew assemble",
    },
    Toolchain {
        name: ".NET",
        mark: "global.json",
        words: &["dotnet", "c#", "asp.net", "csharp"],
        test: "dotnet test",
        lint: "",
        build: "dotnet build",
    },
    Toolchain {
        name: "Ruby",
        mark: "Gemfile",
        words: &["ruby", "rails"],
        test: "bundle exec rake test",
        lint: "",
        build: "",
    },
    Toolchain {
        name: "PHP",
        mark: "composer.json",
        words: &["php", "laravel", "symfony"],
        test: "composer test",
        lint: "",
        build: "",
    },
    Toolchain { name: "Elixir", mark: "mix.exs", words: &["elixir", "phoenix"], test: "mix test", lint: "", build: "" },
];

/// Files that say what a project is made of; faces look which of them are there.
pub const MARKS: [&str; 10] = [
    "Cargo.toml",
    "package.json",
    "pyproject.toml",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "global.json",
    "Gemfile",
    "composer.json",
    "mix.exs",
];

/// What tests the project of a brief; `marks` are those of [`MARKS`] that are at its top.
pub fn tests_for(brief: &Brief, marks: &[&str]) -> Tests {
    let by_file: Vec<&Toolchain> = ALL.iter().filter(|tools| marks.contains(&tools.mark)).collect();
    match by_file.as_slice() {
        [one] => return Tests::ByFile(one),
        [one, two, ..] => return Tests::Several(one, two),
        [] => {}
    }
    let said = brief.get("stack").unwrap_or_default();
    let parts: Vec<&str> =
        said.split(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '.' | '#'))).collect();
    // `Go` is a language, and to go is not.
    let is = |part: &str, word: &str| if word == "Go" { part == word } else { part.eq_ignore_ascii_case(word) };
    let has = |word: &&str| parts.iter().any(|part| is(part.trim_end_matches('.'), word));
    let by_word: Vec<&Toolchain> = ALL.iter().filter(|tools| tools.words.iter().any(has)).collect();
    match by_word.as_slice() {
        [one] => Tests::ByWord(one),
        [one, two, ..] => Tests::Several(one, two),
        [] => Tests::Unknown,
    }
}

impl Tests {
    /// The commands, if there is one sort of project.
    pub fn toolchain(self) -> Option<&'static Toolchain> {
        match self {
            Tests::ByFile(tools) | Tests::ByWord(tools) => Some(tools),
            Tests::Several(..) | Tests::Unknown => None,
        }
    }

    /// What it means for the plan, in one sentence.
    pub fn why(self) -> String {
        match self {
            Tests::ByFile(tools) => format!("gates run `{}`, because there is a {}", tools.test, tools.mark),
            Tests::ByWord(tools) => format!("gates run `{}`, because the stack is {}", tools.test, tools.name),
            Tests::Several(one, two) => {
                format!(
                    "no gate runs tests: {} and {} are both in it, so give each task its own command",
                    one.name, two.name
                )
            }
            Tests::Unknown => "no gate runs tests: which command does is not known yet".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interview::{Given, Interview, Kind};

    fn found(stack: &str, marks: &[&str]) -> String {
        let given = Given::from([("stack".to_owned(), stack.to_owned())]);
        let brief = Interview::new("Build it", Kind::Saas, 3, &given).unwrap().finish();
        tests_for(&brief, marks).why()
    }

    #[test]
    fn files_win_over_words_and_two_sorts_are_one_too_many() {
        assert!(found("React frontend, I'm flexible", &[]).contains("`npm test`, because the stack is Node"));
        assert!(found("React", &["Cargo.toml"]).contains("`cargo test`, because there is a Cargo.toml"));
        assert!(found("Python and React", &[]).contains("Node and Python are both in it"));
        assert!(found("Next.js.", &[]).contains("npm test"));
        assert!(found("Go, with SQLite", &[]).contains("`go test ./...`"));
        assert!(found("whatever; it has to go fast", &[]).contains("not known yet"));
        assert!(found("COBOL", &[]).contains("not known yet"));
    }

    #[test]
    fn every_mark_is_looked_for() {
        let marks: Vec<&str> = ALL.iter().map(|tools| tools.mark).collect();
        assert_eq!(marks, MARKS);
    }
}
