//! Reads the house's own source.

use std::fs;
use std::path::{Path, PathBuf};

/// One file of Rust source.
pub struct Source {
    /// Relative to the root of the repository, with `/`.
    pub path: String,
    pub text: String,
}

/// A line of source, without its comment.
pub struct Line<'a> {
    pub number: usize,
    pub code: &'a str,
}

impl Source {
    /// The lines, without line comments. A `//` in a string ends its line too, which only makes
    /// the checks see less of that line.
    pub fn code(&self) -> impl Iterator<Item = Line<'_>> {
        self.text.lines().enumerate().map(|(index, line)| {
            let code = line.split_once("//").map_or(line, |(code, _)| code);
            Line { number: index + 1, code }
        })
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files of a room: `src/journal` means `src/journal.rs` and all below `src/journal/`.
pub fn room(room: &str) -> Vec<Source> {
    let mut sources = Vec::new();
    let file = root().join(format!("{room}.rs"));
    if file.is_file() {
        sources.push(read(&file));
    }
    below(&root().join(room), &mut sources);
    assert!(!sources.is_empty(), "there is no room {room}: was it renamed? Name it anew here");
    sources
}

fn below(folder: &Path, sources: &mut Vec<Source>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths = entries.map(|entry| entry.expect("a readable folder").path());
    let mut paths = paths.by_ref().collect::<Vec<_>>();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            below(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(read(&path));
        }
    }
}

fn read(path: &Path) -> Source {
    let text = fs::read_to_string(path).expect("readable UTF-8 source");
    let path = path.strip_prefix(root()).expect("below the root");
    Source { path: path.to_string_lossy().replace('\\', "/"), text }
}

/// The names in a line of code: letters, digits and `_`.
pub fn names(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|name| !name.is_empty())
}

/// Fails with all that was found at once.
pub fn none(found: &[String], why: &str) {
    assert!(found.is_empty(), "{why}\n  {}\n", found.join("\n  "));
}

mod tests {
    use super::*;

    #[test]
    fn a_comment_is_no_code() {
        let text = "let a = 1; // f64\n//! f64\n".to_owned();
        let source = Source { path: "x.rs".into(), text };
        assert!(source.code().all(|line| !names(line.code).any(|name| name == "f64")));
    }
}
