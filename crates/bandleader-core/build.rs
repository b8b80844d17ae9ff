//! Names this state of the crate's sources. A snapshot of a run (`run/snapshot.rs`) is only as good as the fold that made it, so
//! that each change of the fold, or of a type in it, must make it worthless: nobody has to remember to raise a number.

#![expect(clippy::disallowed_methods, reason = "a build may read the sources that it builds")]

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::{fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed=Cargo.toml");
    let mut files = BTreeMap::from([(PathBuf::from("Cargo.toml"), fs::read("Cargo.toml")?)]);
    collect(Path::new("src"), &mut files)?;
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    println!("cargo::rustc-env=BANDLEADER_CORE_SOURCES={:016x}", hasher.finish());
    Ok(())
}

fn collect(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.insert(path.clone(), fs::read(&path)?);
        }
    }
    Ok(())
}
