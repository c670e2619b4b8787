//! The only room that acts.

pub mod clock;
pub mod http;
