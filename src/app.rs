//! The only room that acts.
//!
//! ```text
//! cli ── errand ──┐
//! terminal ───────┼── charges ── exec ── { journal, gateway, http, clock }
//! demo ─ panel ───┘      till, present, words, books, takings: pure
//! ```

pub mod books;
pub mod charges;
pub mod cli;
pub mod clock;
pub mod config;
#[cfg(feature = "demo")]
pub mod demo;
pub mod devices;
pub mod dimmer;
pub mod errand;
pub mod exec;
pub mod http;
pub mod key_files;
pub mod notify;
#[cfg(feature = "panel")]
pub mod panel;
pub mod present;
pub mod receipts;
pub mod reconcile;
pub mod report;
pub mod run;
pub mod shift;
pub mod sockets;
pub mod takings;
pub mod terminal;
pub mod till;
pub mod watchdog;
pub mod words;
