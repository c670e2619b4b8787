//! Refunds by the whole program, against a simulated gateway of each kind: partial ones, above the
//! rest, a lost answer, a refund that takes its time, a cut after the intent (I12). The gateway's
//! books and the journal's agree after each.
#![cfg(feature = "panel")]

#[path = "common/mod.rs"]
mod common;
#[path = "refunds/cut.rs"]
mod cut;
#[path = "crash/process.rs"]
mod process;
#[path = "refunds/stories.rs"]
mod stories;
