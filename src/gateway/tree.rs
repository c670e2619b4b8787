//! An answer as a tree, the same for JSON and XML, so that one map reads both.
//!
//! Numbers stay the text that they were: money never passes through a float. A name that occurs
//! twice where one value belongs is refused by the readers, because the two could contradict each
//! other and a reader that takes the last would be told what to believe (I15).

use std::collections::BTreeMap;

/// How deep an answer may nest. The documents' deepest sample has five levels.
pub(super) const DEPTH_MAX: usize = 16;

/// Why a body is no tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// No UTF-8.
    #[error("the answer is not UTF-8")]
    Encoding,
    /// Neither JSON nor XML, or cut short.
    #[error("the answer is not well-formed")]
    Malformed,
    /// Deeper than any answer.
    #[error("the answer nests too deeply")]
    TooDeep,
    /// The same name twice.
    #[error("the answer has a name twice")]
    Duplicate,
    /// A document type or an entity of its own.
    #[error("the answer declares a document type or an entity")]
    Declaration,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tree {
    /// `null`, or an element with nothing in it.
    Nothing,
    /// A text, a number or a boolean, as it was written.
    Text(String),
    /// Values in a row.
    List(Vec<Tree>),
    /// Values by name.
    Object(BTreeMap<String, Tree>),
}

impl Tree {
    /// The value of that name; nothing if it is missing, or this has no names.
    pub fn get(&self, name: &str) -> Option<&Tree> {
        match self {
            Tree::Object(fields) => fields.get(name),
            Tree::Nothing | Tree::Text(_) | Tree::List(_) => None,
        }
    }

    /// The object of that name; one in a list of one is taken for it.
    pub fn object(&self, name: &str) -> Option<&Tree> {
        match self.get(name)? {
            object @ Tree::Object(_) => Some(object),
            Tree::List(items) => match items.as_slice() {
                [object @ Tree::Object(_)] => Some(object),
                _ => None,
            },
            Tree::Nothing | Tree::Text(_) => None,
        }
    }

    /// The text of that name: a missing, null or empty one is [`Field::Absent`].
    pub fn field(&self, name: &str) -> Field<'_> {
        match self.get(name) {
            None | Some(Tree::Nothing) => Field::Absent,
            Some(Tree::Text(text)) if text.trim().is_empty() => Field::Absent,
            Some(Tree::Text(text)) => Field::Text(text),
            Some(Tree::List(_) | Tree::Object(_)) => Field::WrongType,
        }
    }

    /// The text of that name, for what is only shown or kept.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.field(name) {
            Field::Text(text) => Some(text),
            Field::Absent | Field::WrongType => None,
        }
    }
}

/// A field of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field<'a> {
    /// Missing, null or empty.
    Absent,
    /// There.
    Text(&'a str),
    /// An object or a list where a text belongs.
    WrongType,
}
