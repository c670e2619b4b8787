//! What is wrong with a configuration file: file, line, key, what was found, what was expected.

use super::mismatch;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Why a configuration cannot be used. Nothing was started.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something in it is wrong.
    #[error("{path}:{line}: {problem}")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The key, what was found, what was expected.
        problem: String,
    },
}

/// The file that an error is about.
pub(super) struct Place<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
}

/// How many characters are said of a mistake; the longest list of known names is half of that.
const PROBLEM_LEN_MAX: usize = 1000;

impl Place<'_> {
    fn wrong(&self, line: usize, mut problem: String) -> ConfigError {
        // It may repeat a line, and a line may be as long as the file.
        if let Some((end, _)) = problem.char_indices().nth(PROBLEM_LEN_MAX) {
            problem.truncate(end);
            problem.push('…');
        }
        ConfigError::Wrong { path: self.path.to_owned(), line, problem }
    }

    fn line_at(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().iter().take(offset);
        before.filter(|byte| **byte == b'\n').count() + 1
    }

    /// A value that is not what was expected.
    pub(super) fn value(
        &self,
        key: &str,
        value: &toml::Spanned<String>,
        expected: String,
    ) -> ConfigError {
        let found = value.get_ref();
        // A default has no place in the file; then the key's table has to do.
        if value.span().is_empty() {
            return self.key(key, &format!("expected {expected}"));
        }
        let line = self.line_at(value.span().start);
        self.wrong(line, format!("{key} = \"{found}\": expected {expected}"))
    }

    /// A value that is no text, and not what was expected.
    pub(super) fn value_at(
        &self,
        key: &str,
        span: std::ops::Range<usize>,
        expected: &str,
    ) -> ConfigError {
        let line = self.line_at(span.start);
        match self.text.get(span).filter(|found| !found.contains('\n')) {
            Some(found) => self.wrong(line, format!("{key} = {found}: expected {expected}")),
            None => self.wrong(line, format!("{key}: expected {expected}")),
        }
    }

    /// A key that is missing or that does not go with the others.
    pub(super) fn key(&self, key: &str, problem: &str) -> ConfigError {
        self.wrong(self.line_of_key(key), format!("{key}: {problem}"))
    }

    /// The line of a dotted key, or else of its table, or else the first.
    fn line_of_key(&self, dotted: &str) -> usize {
        let (table, key) = dotted.rsplit_once('.').unwrap_or(("", dotted));
        let mut in_table = table.is_empty();
        let mut table_line = 1;
        for (at, line) in self.text.lines().enumerate() {
            let line = line.trim();
            if line.starts_with('[') {
                let name = line.split(']').next().unwrap_or("").trim_start_matches('[').trim();
                in_table = name == table;
                if in_table {
                    table_line = at + 1;
                }
            } else if in_table && line.split('=').next().is_some_and(|name| name.trim() == key) {
                return at + 1;
            }
        }
        table_line
    }

    /// What the TOML parser or the shape of the file says.
    pub(super) fn toml(&self, error: &toml::de::Error) -> ConfigError {
        let offset = error.span().map_or(0, |span| span.start);
        let line = self.line_at(offset);
        if let Some(problem) = mismatch::in_words(self.text, error) {
            return self.wrong(line, problem);
        }
        let found = self.text.lines().nth(line - 1).unwrap_or("").trim();
        // A message about a value repeats it; only one about a key's name does not.
        let message = error.message().trim();
        let about_a_name = ["unknown field", "missing field", "duplicate key"]
            .iter()
            .any(|start| message.starts_with(start));
        let mut problem = if may_hold_a_secret(found) && !about_a_name {
            "this line cannot be read: a key is written as text in quotes".to_owned()
        } else if message.starts_with("invalid boolean") || message.starts_with("invalid float") {
            // Any bare word that begins as `true`, `false`, `nan` or `inf` do.
            format!("expected true or false, a number, or text in quotes, at `{found}`")
        } else if may_hold_a_secret(found) || found.is_empty() {
            message.to_owned()
        } else {
            format!("{message}, at `{found}`")
        };
        if let Some(nearest) = nearest_known(message) {
            let _ = write!(problem, "; did you mean `{nearest}`?");
        }
        self.wrong(line, problem)
    }
}

/// I17: a line that may set a key is not repeated in a message, wherever in it the key stands. No
/// `driver` is an `iv`, and no `keypad` a key.
pub(super) fn may_hold_a_secret(line: &str) -> bool {
    let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.any(|word| {
        word == "iv" || word.contains("token") || (word.contains("key") && word != "keypad")
    })
}

/// Reads "unknown field `x`, expected one of `a`, `b`" and finds the nearest to `x`.
fn nearest_known(message: &str) -> Option<&str> {
    let mut quoted = message.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2);
    let unknown = quoted.next()?;
    nearest(unknown, quoted)
}

/// What was probably meant by `unknown`.
pub(super) fn nearest<T: AsRef<str>>(unknown: &str, known: impl Iterator<Item = T>) -> Option<T> {
    known.min_by_key(|known| strsim::damerau_levenshtein(unknown, known.as_ref()))
}

/// "`a`, `b` or `c`".
pub(super) fn expected(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}
