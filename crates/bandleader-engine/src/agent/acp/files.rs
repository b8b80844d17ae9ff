//! Files that the agent wants read or written by us. We do not offer it, and some ask all the same.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use serde_json::{Value, json};

use super::rules::Rules;

/// The longest file that is read whole; an answer is one line of JSON.
const LONGEST: u64 = 16 << 20;

/// Reads a file, or the lines of it that are asked for.
pub(super) fn read(params: &Value, rules: &Rules) -> Result<Value, String> {
    let path = path_of(params)?;
    if !rules.may_touch(path, false) {
        return Err(format!("`{}` is not in the folder of this task", path.display()));
    }
    let mut text = String::new();
    let file = fs::File::open(path).map_err(|error| format!("`{}` cannot be read: {error}", path.display()))?;
    file.take(LONGEST)
        .read_to_string(&mut text)
        .map_err(|error| format!("`{}` cannot be read: {error}", path.display()))?;
    let number = |key: &str| params.get(key).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
    if let (None, None) = (number("line"), number("limit")) {
        return Ok(json!({"content": text}));
    }
    let skipped = number("line").unwrap_or(1).saturating_sub(1);
    let lines = text.split_inclusive('\n').skip(skipped).take(number("limit").unwrap_or(usize::MAX));
    Ok(json!({"content": lines.collect::<String>()}))
}

/// Writes a file.
pub(super) fn write(params: &Value, rules: &Rules) -> Result<Value, String> {
    let path = path_of(params)?;
    if !rules.may_touch(path, true) {
        return Err(format!("`{}` may not be written by this task", path.display()));
    }
    let content = params.get("content").and_then(Value::as_str).ok_or("there is no `content`")?;
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, content));
    written.map_err(|error| format!("`{}` cannot be written: {error}", path.display()))?;
    Ok(json!({}))
}

fn path_of(params: &Value) -> Result<&Path, String> {
    let path = params.get("path").and_then(Value::as_str).map(Path::new);
    path.filter(|path| path.is_absolute()).ok_or_else(|| "there is no absolute `path`".to_owned())
}

#[cfg(test)]
mod tests {
    use bandleader_core::plan::Permissions;

    use super::super::rules::tests::rules;
    use super::*;

    #[test]
    fn files_are_written_and_read_in_the_folder_alone() {
        let folder = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        let edit = rules(Permissions::Edit, None, &[], folder.path());
        let at = |place: &Path| place.join("new/a.txt").display().to_string();
        write(&json!({"path": at(folder.path()), "content": "1\n2\n3\n"}), &edit).unwrap();
        let lines = read(&json!({"path": at(folder.path()), "line": 2, "limit": 1}), &edit);
        assert_eq!(lines, Ok(json!({"content": "2\n"})));
        assert!(write(&json!({"path": at(outside.path()), "content": ""}), &edit).is_err());
        std::os::unix::fs::symlink(outside.path(), folder.path().join("way")).unwrap();
        assert!(write(&json!({"path": at(&folder.path().join("way")), "content": ""}), &edit).is_err());
        let reading = rules(Permissions::ReadOnly, None, &[], folder.path());
        assert!(write(&json!({"path": at(folder.path()), "content": ""}), &reading).is_err());
        assert!(read(&json!({"path": at(folder.path())}), &reading).is_ok());
        for odd in [json!({}), json!({"path": "relative", "content": ""}), json!({"path": 7}), json!(null)] {
            assert!(write(&odd, &edit).is_err() && read(&odd, &edit).is_err(), "{odd}");
        }
    }
}
