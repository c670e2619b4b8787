//! Every command, as a script uses it: one JSON object on standard output, the exit status of the
//! contract, both languages, and what is wrong with a configuration before anything starts.

#[path = "commands/annotated.rs"]
mod annotated;
#[path = "common/mod.rs"]
mod common;
#[path = "commands/configuration.rs"]
mod configuration;
#[path = "commands/orders.rs"]
mod orders;
#[path = "commands/places.rs"]
mod places;
#[path = "commands/selling.rs"]
mod selling;
#[cfg(feature = "simulator")]
#[path = "commands/simulating.rs"]
mod simulating;
#[path = "commands/trust.rs"]
mod trust;
#[path = "commands/unheard.rs"]
mod unheard;
