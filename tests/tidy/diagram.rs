//! The machine's diagram and its states stay together: a diagram that drifts is worse than none.

use super::source::{names, none, room};
use std::collections::BTreeSet;

const MACHINES: [&str; 2] = ["src/payment/machine", "src/payment/refunding"];

/// The variants of an enum, from its source.
fn variants(file: &str, name: &str) -> BTreeSet<String> {
    let sources = room(file);
    let opening = format!("enum {name} {{");
    let body = sources.iter().find_map(|source| source.text.split_once(&opening));
    let body = body.unwrap_or_else(|| panic!("{file} has no `enum {name}`: name it anew here")).1;
    let (mut depth, mut found) = (0_i32, BTreeSet::new());
    for line in body.lines() {
        let line = line.split_once("//").map_or(line, |(code, _)| code).trim();
        if depth == 0 {
            if line.starts_with('}') {
                break;
            }
            found.extend(names(line).next().map(str::to_owned));
        }
        depth += i32::try_from(line.matches(['{', '(']).count()).expect("few");
        depth -= i32::try_from(line.matches(['}', ')']).count()).expect("few");
    }
    found
}

/// The capitalized names in the first drawing of the machine's header.
fn drawn(machine: &str) -> BTreeSet<String> {
    let header = room(machine).remove(0).text;
    let drawing = header.split("```").nth(1).expect("the header of the machine has a drawing");
    let is_name = |name: &&str| {
        let mut chars = name.chars();
        chars.next().is_some_and(char::is_uppercase) && chars.any(char::is_lowercase)
    };
    names(drawing).filter(is_name).map(str::to_owned).collect()
}

#[test]
fn every_state_stands_in_the_diagram_and_nothing_else_does() {
    for machine in MACHINES {
        is_drawn(machine);
    }
}

fn is_drawn(machine: &str) {
    let states = variants(machine, "State");
    assert!(states.len() > 5, "the states were not found: {states:?}");
    let drawn = drawn(machine);
    let missing = states.difference(&drawn).cloned().collect::<Vec<_>>();
    none(
        &missing,
        "States that the diagram above the machine does not show; draw how they are reached:",
    );
    // What the arrows say is in the words of answers and outcomes.
    let mut words = variants("src/payment/verdict", "Verdict");
    words.extend(variants("src/payment/event", "AskError"));
    words.extend(variants("src/payment/outcome", "Outcome"));
    words.extend(variants("src/payment/refund", "RefundVerdict"));
    words.extend(variants("src/payment/refund", "RefundOutcome"));
    let known = words.union(&states).cloned().collect();
    let strange = drawn.difference(&known).cloned().collect::<Vec<_>>();
    none(
        &strange,
        "The diagram shows what is neither a state nor an answer nor an outcome; rename or remove:",
    );
}

#[test]
fn every_state_has_one_way_in_by_its_name() {
    // AwaitCode and Recording are where a machine starts; Halted is reached by `halt`.
    let starts = ["AwaitCode", "Recording", "Halted", "Presenting"];
    for machine in MACHINES {
        let text = room(machine).into_iter().map(|source| source.text).collect::<String>();
        let missing = variants(machine, "State").into_iter().filter(|state| {
            let way_in = format!("fn transition_to_{}(", state.to_lowercase());
            !starts.contains(&state.as_str()) && text.matches(&way_in).count() != 1
        });
        none(
            &missing.collect::<Vec<_>>(),
            "A state is entered in one place, so that what goes with it cannot be forgotten; write \
             one `transition_to_*` for:",
        );
    }
}
