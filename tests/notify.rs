//! Notifications, through the whole program: a shown QR turns paid at once, and nothing that is
//! forged, repeated, early, late or slow does any harm (I13, I15).
#![cfg(feature = "panel")]

#[path = "common/mod.rs"]
mod common;
#[path = "notify/late.rs"]
mod late;
#[path = "notify/limits.rs"]
mod limits;
#[path = "notify/postbox.rs"]
mod postbox;
#[path = "notify/prompt.rs"]
mod prompt;
#[path = "notify/refused.rs"]
mod refused;
#[path = "notify/stage.rs"]
mod stage;
