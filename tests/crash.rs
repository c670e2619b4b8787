//! The process is killed at each step of a sale, as a power cut would, and another one picks up
//! what is open (I7, I9). A gate before the gateway holds each call until the test lets it on, so
//! where the program was when it was killed is certain.
#![cfg(feature = "panel")]

#[path = "common/mod.rs"]
mod common;
#[path = "crash/killed.rs"]
mod killed;
#[path = "crash/process.rs"]
mod process;
#[path = "crash/stopped.rs"]
mod stopped;
#[path = "crash/supervised.rs"]
mod supervised;
