//! Reads JSON into a [`Tree`], and writes the flat objects that the gateways take.
//!
//! `serde_json` checks the grammar; `RawValue` keeps each value's text, so that `0.01` and a number
//! of twenty digits come out as they were written. Each level is scanned once more than the one
//! around it, which [`DEPTH_MAX`] bounds.

use super::tree::{DEPTH_MAX, Tree, TreeError};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;

/// Reads a whole body.
pub(super) fn read(text: &str) -> Result<Tree, TreeError> {
    let raw: &RawValue = serde_json::from_str(text).map_err(|_| TreeError::Malformed)?;
    value(raw.get(), DEPTH_MAX)
}

fn value(raw: &str, depth: usize) -> Result<Tree, TreeError> {
    let Some(inner) = depth.checked_sub(1) else { return Err(TreeError::TooDeep) };
    match raw.as_bytes().first() {
        Some(b'{') => object(raw, inner),
        Some(b'[') => {
            let items: Vec<&RawValue> =
                serde_json::from_str(raw).map_err(|_| TreeError::Malformed)?;
            items
                .iter()
                .map(|item| value(item.get(), inner))
                .collect::<Result<_, _>>()
                .map(Tree::List)
        }
        Some(b'"') => serde_json::from_str(raw).map(Tree::Text).map_err(|_| TreeError::Malformed),
        Some(b'n') => Ok(Tree::Nothing),
        Some(_) => Ok(Tree::Text(raw.to_owned())),
        None => Err(TreeError::Malformed),
    }
}

fn object(raw: &str, inner: usize) -> Result<Tree, TreeError> {
    let mut reader = serde_json::Deserializer::from_str(raw);
    let pairs = reader.deserialize_map(Pairs).map_err(|_| TreeError::Malformed)?;
    let mut fields = BTreeMap::new();
    for (name, item) in pairs {
        if fields.insert(name, value(item.get(), inner)?).is_some() {
            return Err(TreeError::Duplicate);
        }
    }
    Ok(Tree::Object(fields))
}

/// Takes an object's pairs as they stand, twins included.
struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(pairs)
    }
}

/// Writes an object of texts, in the order given. All values are strings: Upay v2 §3-1 says so,
/// and SOSOPAY's samples write its Integers so.
pub(super) fn write(fields: &[(&str, &str)]) -> Vec<u8> {
    let fields: Vec<(&str, String)> =
        fields.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
    object_of(&fields).into_bytes()
}

/// A value to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// A text.
    Text(String),
    /// A number, where a sample writes one.
    Number(u32),
    /// Objects of texts in a row.
    Objects(Vec<Vec<(&'static str, String)>>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

/// Writes an object, in the order given.
pub(super) fn write_values(fields: &[(&str, Value)]) -> Vec<u8> {
    let mut body = String::from("{");
    for (name, value) in fields {
        if body.len() > 1 {
            body.push(',');
        }
        push_text(&mut body, name);
        body.push(':');
        match value {
            Value::Text(text) => push_text(&mut body, text),
            Value::Number(number) => body.push_str(&number.to_string()),
            Value::Objects(objects) => {
                let objects: Vec<String> = objects.iter().map(|fields| object_of(fields)).collect();
                body.push_str(&format!("[{}]", objects.join(",")));
            }
        }
    }
    body.push('}');
    body.into_bytes()
}

/// Writes an object of texts into another's text.
pub(super) fn object_of(fields: &[(&str, String)]) -> String {
    let mut body = String::from("{");
    for (name, text) in fields {
        if body.len() > 1 {
            body.push(',');
        }
        push_text(&mut body, name);
        body.push(':');
        push_text(&mut body, text);
    }
    body.push('}');
    body
}

fn push_text(body: &mut String, text: &str) {
    body.push_str(&serde_json::Value::from(text).to_string());
}

#[cfg(test)]
mod tests {
    use super::super::tree::Field;
    use super::*;

    #[test]
    fn numbers_keep_their_text() {
        let tree = read(r#"{"a":0.010,"b":20150324001069125999,"c":1e3,"d":-0,"e":true}"#);
        let tree = tree.expect("well-formed");
        for (name, text) in [
            ("a", "0.010"),
            ("b", "20150324001069125999"),
            ("c", "1e3"),
            ("d", "-0"),
            ("e", "true"),
        ] {
            assert_eq!(tree.field(name), Field::Text(text));
        }
    }

    #[test]
    fn i15_a_name_that_occurs_twice_is_refused_however_it_is_written() {
        for twice in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"x":{"a":1,"a":null}}"#,
            r#"{"x":[{"a":1,"a":1}]}"#,
        ] {
            assert_eq!(read(twice), Err(TreeError::Duplicate), "{twice}");
        }
    }

    #[test]
    fn i15_depth_is_bounded() {
        let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(&nested(DEPTH_MAX - 1)).is_ok());
        assert_eq!(read(&nested(DEPTH_MAX)), Err(TreeError::TooDeep));
        assert!(read(&nested(100_000)).is_err());
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in ["", "{", "{\"a\":1,}", "{\"a\":01}", "{\"a\":\"\u{0}\"}", "{} {}", "nul"] {
            assert_eq!(read(text), Err(TreeError::Malformed), "{text}");
        }
    }

    #[test]
    fn texts_are_escaped() {
        let body = write(&[("a", "q\"\\\u{1}"), ("b", "达")]);
        assert_eq!(body, r#"{"a":"q\"\\\u0001","b":"达"}"#.as_bytes());
    }
}
