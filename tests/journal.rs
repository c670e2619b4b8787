//! The journal from outside: its rules, its files, damage, power cuts, other processes. Tests cite
//! the invariant they would fail without (`design/invariants.md`).

#[path = "journal/common.rs"]
mod common;
#[path = "journal/cuts.rs"]
mod cuts;
#[path = "journal/damage.rs"]
mod damage;
#[path = "journal/files.rs"]
mod files;
#[path = "journal/processes.rs"]
mod processes;
#[path = "journal/properties.rs"]
mod properties;
#[path = "journal/refunds.rs"]
mod refunds;
#[path = "journal/rules.rs"]
mod rules;
#[path = "journal/voids.rs"]
mod voids;
