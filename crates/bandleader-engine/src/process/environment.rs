//! The environment of jobs, in the form in which the system takes it: made once for all jobs, and not once for each. (With the
//! standard library it was made five times over for each start, which cost more than all else that a worker computes.)

use std::ffi::{CStr, CString};

/// `NAME=value` each, every name once.
#[derive(Debug, Default)]
pub(crate) struct JobEnvironment {
    lines: Vec<CString>,
}

impl JobEnvironment {
    /// From names and values; of two with one name the later counts. What holds a NUL byte cannot be in an environment, and is left
    /// out.
    pub(crate) fn new(pairs: &[(String, String)]) -> JobEnvironment {
        JobEnvironment { lines: pairs.iter().filter_map(line).collect() }.without_repeats()
    }

    /// The same, but nothing is left out.
    ///
    /// # Errors
    /// The name of the first that holds a NUL byte.
    pub(super) fn exact(pairs: &[(String, String)]) -> Result<JobEnvironment, String> {
        let line = |pair| line(pair).ok_or_else(|| pair.0.clone());
        Ok(JobEnvironment { lines: pairs.iter().map(line).collect::<Result<_, _>>()? }.without_repeats())
    }

    /// The value of a name, if it is there and text.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let lines = self.lines.iter().filter_map(|line| line.to_str().ok());
        lines.filter_map(|line| line.split_once('=')).find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    /// All of it, with `own` in place of what has the same names.
    pub(super) fn with<'a>(&'a self, own: &'a JobEnvironment) -> Vec<&'a CStr> {
        let is_own = |line: &CString| own.lines.iter().any(|other| name(other) == name(line));
        let shared = self.lines.iter().filter(|line| !is_own(line));
        shared.chain(&own.lines).map(CString::as_c_str).collect()
    }

    fn without_repeats(mut self) -> JobEnvironment {
        let mut seen = std::collections::BTreeSet::new();
        self.lines.reverse();
        self.lines.retain(|line| seen.insert(name(line).to_owned()));
        self.lines.reverse();
        self
    }
}

fn line((name, value): &(String, String)) -> Option<CString> {
    CString::new(format!("{name}={value}")).ok()
}

fn name(line: &CString) -> &[u8] {
    line.as_bytes().split(|byte| *byte == b'=').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_a_job_brings_takes_the_place_of_what_all_have() {
        let all =
            JobEnvironment::new(&pairs(&[("A", "1"), ("PATH", "/bin"), ("A", "2"), ("AB", "x=y"), ("BAD", "\0")]));
        let own = JobEnvironment::exact(&pairs(&[("PATH", ""), ("BAND_JOB", "1.1"), ("PATH", "/opt")])).unwrap();
        let lines: Vec<&str> = all.with(&own).into_iter().map(|line| line.to_str().unwrap()).collect();
        assert_eq!(lines, ["A=2", "AB=x=y", "BAND_JOB=1.1", "PATH=/opt"]);
        assert_eq!((all.get("AB"), all.get("PATH"), all.get("B")), (Some("x=y"), Some("/bin"), None));
        assert_eq!(JobEnvironment::exact(&pairs(&[("OK", ""), ("BAD", "a\0b")])).unwrap_err(), "BAD");
    }
}
