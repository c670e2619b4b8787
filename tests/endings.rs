//! The whole program as a person uses it: keys and scans in, the screen and its QR out, for each
//! gateway and each ending of a sale. After each the journal, the gateway's books and the screen
//! agree, nothing was charged twice, and nothing secret got out.
#![cfg(feature = "panel")]

#[path = "common/mod.rs"]
mod common;
#[path = "endings/counter.rs"]
mod counter;
#[path = "endings/hostile.rs"]
mod hostile;
#[path = "endings/outage.rs"]
mod outage;
#[path = "endings/presenting.rs"]
mod presenting;
#[path = "endings/scanning.rs"]
mod scanning;
