//! Words that must not stand in some rooms, and sizes.

use super::source::{names, none, room};

/// What a device must not know of (architecture, "hal ✗ any payment word").
const PAYMENT_WORDS: [&str; 7] =
    ["amount", "order", "charge", "payment", "refund", "sale", "merchant"];

/// A file is read in a sitting (style 15: about 400 lines).
const LINES_MAX: usize = 450;

/// What fits beside another file (style 15).
const COLUMNS_MAX: usize = 100;

#[test]
fn money_never_meets_a_float() {
    let mut found = Vec::new();
    for name in ["src/money", "src/payment", "src/gateway", "src/journal"] {
        for source in room(name) {
            for line in source.code() {
                if names(line.code).any(|name| name == "f32" || name == "f64") {
                    found.push(format!("{}:{}: {}", source.path, line.number, line.code.trim()));
                }
            }
        }
    }
    none(
        &found,
        "A float near money loses fen without a word. Parse decimals as text (`Fen::parse_yuan`), \
         and count in fen:",
    );
}

#[test]
fn devices_know_nothing_of_payments() {
    let mut found = Vec::new();
    for source in room("hal/src") {
        for line in source.code() {
            for name in names(line.code) {
                let words = words_of(name);
                if let Some(word) = PAYMENT_WORDS.iter().find(|word| is_among(word, &words)) {
                    found.push(format!("{}:{}: {word} in {name}", source.path, line.number));
                }
            }
        }
    }
    none(
        &found,
        "hal is about devices only, so that a driver can be tested, and replaced, without a \
         payment. Name it in the device's own words, or move it to src/app:",
    );
}

/// `OrderId`, `order_id` and `ORDER_ID` are the words "order" and "id".
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if c == '_' || (c.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        was_lower = c.is_lowercase() || c.is_ascii_digit();
        if c != '_' {
            words.last_mut().expect("one at least").extend(c.to_lowercase());
        }
    }
    words
}

fn is_among(word: &str, words: &[String]) -> bool {
    words.iter().any(|other| other == word || other.strip_suffix('s') == Some(word))
}

#[test]
fn every_string_of_the_table_is_said_somewhere() {
    const TABLE: &str = "ui/src/locale/table.rs";
    let rooms: Vec<_> = room("src").into_iter().chain(room("ui/src")).collect();
    let table = rooms.iter().find(|source| source.path == TABLE).expect("the table of strings");
    let strings =
        table.code().filter_map(|line| line.code.strip_prefix("    ")?.split_once(": \""));
    let strings: Vec<&str> = strings.map(|(name, _)| name).collect();
    assert!(strings.len() > 100, "the table is not written as it was: {strings:?}");
    let mut said = std::collections::HashSet::new();
    for source in rooms.iter().filter(|source| !source.path.ends_with("tests.rs")) {
        for line in source.code() {
            said.extend(line.code.split("Text::").skip(1).filter_map(|after| names(after).next()));
        }
    }
    let unsaid: Vec<String> = strings
        .into_iter()
        .filter(|name| !said.contains(name))
        .map(|name| format!("{TABLE}: {name}"))
        .collect();
    none(&unsaid, "A string that nothing says is no part of the product. Say it, or take it out:");
}

#[test]
fn a_file_is_read_in_a_sitting() {
    let mut found = Vec::new();
    for name in ["src", "hal/src", "ui/src", "tests"] {
        for source in room(name) {
            let lines = source.text.lines().count();
            if lines > LINES_MAX {
                found.push(format!("{}: {lines} lines", source.path));
            }
        }
    }
    none(
        &found,
        "Files of more than 450 lines are not read to the end. Split them by what a reader looks \
         for:",
    );
}

/// The formatter breaks code, and leaves comments as they are. Addresses and tables cannot be
/// broken.
#[test]
fn comments_are_as_wide_as_code() {
    let mut found = Vec::new();
    for name in ["src", "hal/src", "ui/src", "tests", "benches"] {
        for source in room(name) {
            for (at, line) in source.text.lines().enumerate() {
                let comment = line.trim_start().starts_with("//");
                let whole = line.contains("://") || line.contains('|');
                if comment && !whole && line.chars().count() > COLUMNS_MAX {
                    found.push(format!("{}:{}", source.path, at + 1));
                }
            }
        }
    }
    none(&found, "Comments of more than 100 columns are cut off beside code. Break these lines:");
}

#[test]
fn a_room_is_named_by_its_file() {
    let mut found = Vec::new();
    for name in ["src", "hal/src", "ui/src", "tests/simulator/src"] {
        let sources = room(name).into_iter();
        found.extend(sources.map(|s| s.path).filter(|path| path.ends_with("/mod.rs")));
    }
    none(&found, "Ten files called mod.rs cannot be told apart; use name.rs beside name/:");
}

#[test]
fn the_words_test_sees_what_it_should() {
    assert_eq!(words_of("OrderId"), ["order", "id"]);
    assert_eq!(words_of("MERCHANT_NO"), ["merchant", "no"]);
    assert!(is_among("order", &words_of("byte_orders")));
    assert!(!is_among("order", &words_of("border")) && !is_among("sale", &words_of("resale")));
}
