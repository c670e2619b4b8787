//! The browser panel: its routes, its refusals, what it pushes, and whole sales through it
//! (`contract.md`, "Browser panel").
#![cfg(feature = "demo")]

#[path = "panel/bare.rs"]
mod bare;
#[path = "panel/client.rs"]
mod client;
#[path = "panel/demo.rs"]
mod demo;
#[path = "panel/pushed.rs"]
mod pushed;
#[path = "panel/refusals.rs"]
mod refusals;
#[path = "panel/routes.rs"]
mod routes;
#[path = "panel/sales.rs"]
mod sales;
