//! The annotated configuration that the package installs (`deploy/config/cashier.toml`): the parser
//! takes it, takes every setting that it shows, and knows none that it does not show.

use cashier::app::config::{Config, ConfigError};
use std::path::{Path, PathBuf};

const ANNOTATED: &str = include_str!("../../deploy/config/cashier.toml");

/// What names a file of the device, and so is another one here.
const KEY_FILE: &str = "key_file = \"/var/lib/cashier/key\"";

/// Settings that do not go with others that the file shows, or need a file of the device.
const EXCLUDED: [&str; 3] = ["key = \"…\"", "ca_file = ", "iv = "];

/// A folder with a key in it, and the path of a configuration beside it.
fn stage() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    crate::common::write_private(&folder.path().join("key"), "0123456789abcdef01234567\n");
    let path = folder.path().join("cashier.toml");
    (folder, path)
}

fn with_a_key(text: &str) -> String {
    assert!(text.contains(KEY_FILE), "where is the key?");
    text.replace(KEY_FILE, "key_file = \"key\"")
}

/// A setting that is not in use: its `#` stands right before a name or a bracket.
fn shown(line: &str) -> Option<&str> {
    let rest = line.strip_prefix('#')?;
    rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[' || c == '"').then_some(rest)
}

/// The file with all that it shows in use; a setting that is shown goes before the one in use.
fn all_in_use() -> String {
    let mut lines: Vec<&str> = Vec::new();
    let mut table = 0;
    for line in ANNOTATED.lines() {
        let Some(setting) = shown(line) else {
            if line.starts_with('[') {
                table = lines.len();
            }
            lines.push(line);
            continue;
        };
        if EXCLUDED.iter().any(|excluded| setting.starts_with(excluded)) {
            continue;
        }
        if setting.starts_with('[') {
            table = lines.len();
        } else if let Some((name, _)) = setting.split_once('=') {
            let same = |one: &str| one.split_once('=').is_some_and(|(other, _)| other == name);
            let rest = lines.split_off(table);
            lines.extend(rest.into_iter().filter(|one| !same(one)));
        }
        lines.push(setting);
    }
    lines.join("\n")
}

#[test]
fn the_annotated_configuration_is_taken_as_it_stands() {
    let (_folder, path) = stage();
    let config = Config::parse(&path, &with_a_key(ANNOTATED));
    let config = config.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(config.journal, Path::new("/var/lib/cashier/journal.db"));
    assert!(!config.plaintext && config.panel.is_none() && config.notify_listen.is_none());
}

#[test]
fn the_annotated_configuration_is_taken_with_all_that_it_shows() {
    let (_folder, path) = stage();
    let config = Config::parse(&path, &with_a_key(&all_in_use()));
    let config = config.unwrap_or_else(|error| panic!("{error}"));
    assert!(config.panel.is_some() && config.notify_listen.is_some());
    assert_eq!(config.policy, cashier::payment::Policy::default(), "it shows the defaults");
}

/// The keys that the parser knows in a table, as it tells them when it finds another.
fn known(table: &str) -> Option<Vec<String>> {
    let (_folder, path) = stage();
    // A table of which there may be several is written in two brackets.
    let headers = [format!("[{table}]\n"), format!("[[{table}]]\n"), String::new()];
    let headers = if table.is_empty() { &headers[2..] } else { &headers[..2] };
    headers.iter().find_map(|header| {
        let Err(error) = Config::parse(&path, &format!("{header}zzz = 1\n")) else { return None };
        let ConfigError::Wrong { problem, .. } = error else { panic!("{error}") };
        let list = problem.strip_prefix("unknown field `zzz`, expected ")?;
        let list = list.split("; did you mean").next()?.split(", at `").next()?;
        Some(list.split('`').skip(1).step_by(2).map(str::to_owned).collect())
    })
}

/// Whether a table of the annotated file shows this key, in use or not.
fn shows(table: &str, key: &str) -> bool {
    let mut inside = table.is_empty();
    ANNOTATED.lines().any(|line| {
        let line = shown(line).unwrap_or(line);
        if line.starts_with('[') {
            let name = line.trim_matches(|c| c == '[' || c == ']');
            inside = name == table;
            let child = if table.is_empty() { key.to_owned() } else { format!("{table}.{key}") };
            return name == child;
        }
        inside && line.split_once('=').is_some_and(|(name, _)| name.trim() == key)
    })
}

#[test]
fn the_annotated_configuration_shows_every_key() {
    let mut tables = vec![String::new()];
    let mut missing = Vec::new();
    let mut keys = 0;
    while let Some(table) = tables.pop() {
        let Some(known) = known(&table) else { continue };
        for key in known {
            keys += 1;
            if !shows(&table, &key) {
                missing.push(format!("[{table}] {key}"));
            }
            // What is no table is not taken apart: the parser says so in other words.
            tables.push(if table.is_empty() { key } else { format!("{table}.{key}") });
        }
    }
    assert!(keys > 60, "the parser tells its keys: {keys}");
    assert!(missing.is_empty(), "deploy/config/cashier.toml lacks {missing:#?}");
}
