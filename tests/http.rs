//! The HTTP client against servers that do as each story says: raw sockets, plain and TLS.
//!
//! Real sockets and real time: nothing here waits for time to pass except where a timeout or a drip
//! is the story; every other wait ends with an event.

#[path = "http/ahead.rs"]
mod ahead;
#[path = "http/answers.rs"]
mod answers;
#[path = "http/fragments.rs"]
mod fragments;
#[path = "http/sent.rs"]
mod sent;
#[path = "http/servers.rs"]
mod servers;
#[path = "http/trust.rs"]
mod trust;
