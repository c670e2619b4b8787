//! A value of the wrong kind, in words: serde speaks of `u64` and of `struct PolicyFile`, a person
//! wants to hear of a whole number of milliseconds.
//!
//! Pure. The key is looked up in the file by the place of the value that serde complains of. A
//! value that may be secret is not repeated (I17).

use super::error::may_hold_a_secret;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A longer value is not repeated.
const FOUND_LEN_MAX: usize = 60;

/// "`policy.poll_max_ms = "fast"`: expected …", if that is what the error is about.
pub(super) fn in_words(text: &str, error: &toml::de::Error) -> Option<String> {
    let message = error.message();
    let is_mismatch = message.starts_with("invalid ");
    let (_, expected) = message.rsplit_once(", expected ").filter(|_| is_mismatch)?;
    let table = DeTable::parse(text).ok()?;
    let (key, value) = value_at(table.get_ref(), &error.span()?)?;
    if is_a_list_of_tables(value) {
        // Read as the fields of the one table that was meant, so what serde expected is a field's.
        return Some(format!("{key}: expected {}", a_table(&key)));
    }
    let is_too_big =
        value.get_ref().as_integer().is_some_and(|it| it.as_str().parse::<u64>().is_ok());
    let expected = expected_in_words(&key, expected.trim(), is_too_big);
    Some(match found(text, value) {
        Some(found) => format!("{key} = {found}: expected {expected}"),
        None => format!("{key}: expected {expected}"),
    })
}

/// The innermost value around a place, and its key with dots.
fn value_at<'a>(
    table: &'a DeTable<'_>,
    at: &Range<usize>,
) -> Option<(String, &'a Spanned<DeValue<'a>>)> {
    table.iter().find_map(|(name, value)| {
        let name = name.get_ref();
        let inside = match value.get_ref() {
            DeValue::Table(inner) => value_at(inner, at),
            DeValue::Array(items) => items.iter().find_map(|item| match item.get_ref() {
                DeValue::Table(inner) => value_at(inner, at),
                _ => None,
            }),
            _ => None,
        };
        match inside {
            Some((rest, found)) => Some((format!("{name}.{rest}"), found)),
            None => {
                let span = value.span();
                let is_here = span.start <= at.start && at.end <= span.end;
                is_here.then(|| (name.to_string(), value))
            }
        }
    })
}

/// The value as the file has it, if it is short and can be shown.
fn found<'a>(text: &'a str, value: &Spanned<DeValue<'_>>) -> Option<&'a str> {
    let span = value.span();
    let found = text.get(span.clone())?;
    let line_start = text.get(..span.start)?.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(line_start..)?.lines().next()?;
    let is_short = found.len() <= FOUND_LEN_MAX && !found.contains('\n');
    // A table's place in the file is its heading.
    let is_shown = is_short && !value.get_ref().is_table() && !may_hold_a_secret(line);
    is_shown.then_some(found)
}

/// Tables under a heading in double brackets: a mistake anywhere in one that is expected there is
/// told of a value inside it.
fn is_a_list_of_tables(value: &Spanned<DeValue<'_>>) -> bool {
    let items = value.get_ref().as_array();
    items.is_some_and(|items| items.iter().any(|item| item.get_ref().is_table()))
}

fn a_table(key: &str) -> String {
    format!("a table of keys, under the heading [{key}]")
}

/// What serde and toml call a kind of value, in words. `is_too_big`: a whole number was found, and
/// not one below zero.
fn expected_in_words(key: &str, expected: &str, is_too_big: bool) -> String {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" if key.ends_with("_ms") => {
            "a whole number of milliseconds, 1 or more".to_owned()
        }
        "u8" => format!("a whole number from 0 to {}", u8::MAX),
        "u16" => format!("a whole number from 0 to {}", u16::MAX),
        "u32" if is_too_big => format!("a whole number, at most {}", u32::MAX),
        "u32" | "u64" | "u128" | "usize" => "a whole number, 0 or more".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => "a whole number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a string" | "path string" | "a borrowed string" => "text in quotes".to_owned(),
        "a sequence" if !key.contains('.') => {
            format!("a table under a heading in double brackets, [[{key}]]")
        }
        "a sequence" => "a list in square brackets".to_owned(),
        _ => match expected.strip_prefix("a tuple of size ") {
            Some(size) => format!("a list of {size} values in square brackets"),
            None if expected.starts_with("struct ") || expected == "a map" => a_table(key),
            None => expected.to_owned(),
        },
    }
}
