//! The arrows of `src/lib.rs`, which modules, unlike crates, cannot enforce.

use super::source::{names, none, room};

/// Every room of the library, and the rooms that it may use.
const ARROWS: [(&str, &[&str]); 7] = [
    ("money", &[]),
    ("id", &[]),
    ("secret", &[]),
    ("payment", &["money", "id", "secret"]),
    ("gateway", &["payment", "money", "id", "secret"]),
    ("journal", &["payment", "money", "id", "secret"]),
    ("app", &["gateway", "payment", "journal", "money", "id", "secret"]),
];

/// The crates of the house, and the rooms that may use each.
const CRATES: [(&str, &[&str]); 3] = [("hal", &["app"]), ("ui", &["app"]), ("simulator", &["app"])];

#[test]
fn rooms_use_only_what_the_arrows_allow() {
    let mut found = Vec::new();
    for (name, allowed) in ARROWS {
        for source in room(&format!("src/{name}")) {
            for used in used_rooms(&source.text) {
                let known = ARROWS.iter().any(|(room, _)| *room == used);
                if known && used != name && !allowed.contains(&used.as_str()) {
                    found.push(format!("{}: uses crate::{used}", source.path));
                }
            }
        }
    }
    none(
        &found,
        "Against the arrows of src/lib.rs: a room that decides must not know those that act, so \
         that it can be tested alone. Move what is shared down to the room that both may use, or \
         pass it as an argument:",
    );
}

#[test]
fn only_the_app_uses_the_devices_and_the_screens() {
    let mut found = Vec::new();
    for (used, users) in CRATES {
        for (name, _) in ARROWS.iter().filter(|(name, _)| !users.contains(name)) {
            for source in room(&format!("src/{name}")) {
                for line in source.code() {
                    if uses_crate(line.code, used) {
                        found.push(format!("{}:{}: uses {used}", source.path, line.number));
                    }
                }
            }
        }
    }
    none(&found, "Only src/app acts, so only it may use the devices, screens and simulator:");
}

#[test]
fn screens_and_devices_do_not_know_each_other() {
    let mut found = Vec::new();
    for (folder, other) in [("ui/src", "hal"), ("hal/src", "ui")] {
        for source in room(folder) {
            for line in source.code() {
                if uses_crate(line.code, other) {
                    found.push(format!("{}:{}: uses {other}", source.path, line.number));
                }
            }
        }
    }
    none(&found, "ui and hal meet only in src/app; pass a DrawTarget or a value instead:");
}

#[test]
fn every_room_of_the_library_has_its_arrows() {
    let library = room("src/lib").remove(0);
    let rooms = library.code().filter_map(|line| {
        line.code.trim().strip_prefix("pub mod ")?.strip_suffix(';').map(str::to_owned)
    });
    let unknown = rooms.filter(|name| ARROWS.iter().all(|(room, _)| room != name));
    none(
        &unknown.collect::<Vec<_>>(),
        "A room that no arrow names: add it to the map in src/lib.rs and to ARROWS here:",
    );
}

/// The rooms in `crate::room`, `crate::{room, …}` and `cashier::room`, comments left out.
fn used_rooms(text: &str) -> Vec<String> {
    let code = text.lines().map(|line| line.split_once("//").map_or(line, |(code, _)| code));
    let code = code.collect::<Vec<_>>().join(" ");
    let mut rooms = Vec::new();
    for (at, path) in code.match_indices("crate::") {
        let rest = &code[at + path.len()..];
        match rest.strip_prefix('{') {
            Some(list) => rooms.extend(heads(list)),
            None => rooms.extend(names(rest).next().map(str::to_owned)),
        }
    }
    rooms
}

/// The first name of each path in `a::b, c::{d, e}, f}`.
fn heads(list: &str) -> Vec<String> {
    let (mut depth, mut head, mut heads) = (0, String::new(), Vec::new());
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(std::mem::take(&mut head)),
            c => head.push(c),
        }
    }
    heads.push(head);
    heads.iter().filter_map(|head| names(head).next().map(str::to_owned)).collect()
}

/// `use name…` or `name::…`, but not `crate::name::…` or `other_name::…`.
fn uses_crate(code: &str, name: &str) -> bool {
    let path = format!("{name}::");
    let at_start = |at: usize| {
        let before = code[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':')
    };
    let in_path = code.match_indices(&path).any(|(at, _)| at_start(at));
    in_path || code.trim() == format!("use {name};")
}

#[test]
fn the_arrows_test_sees_what_it_should() {
    let text = "use crate::{id::X, app::{A, B}, money};\nlet x = crate::journal::y(); // crate::ui";
    assert_eq!(used_rooms(text), ["id", "app", "money", "journal"]);
    assert!(uses_crate("use hal::Scanner;", "hal") && uses_crate("x(hal::new())", "hal"));
    assert!(!uses_crate("crate::hal::x; marshal::y; self::ui::z", "hal"));
}
