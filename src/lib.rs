//! `cashier`: the firmware of a cashier's QR-payment terminal.
//!
//! The rooms, and the arrows between them that `tests/tidy.rs` checks:
//!
//! ```text
//! main → app → { gateway, payment, journal, ui, hal }
//! gateway → payment → base (money, id, secret)      journal → payment → base
//! ui ✗ hal      payment ✗ everything but base       hal ✗ any payment word
//! ```
//!
//! Reading order: [`money`], [`id`] and [`secret`] are the base. [`payment`] is the machine that
//! decides, without doing anything itself. [`gateway`] turns its requests into bytes and bytes into
//! verdicts. [`journal`] makes what it decides durable. [`app`] is the only room that acts.

pub mod app;
pub mod gateway;
pub mod id;
pub mod journal;
pub mod money;
pub mod payment;
pub mod secret;
