//! The remaining operations of the documents, as a script uses them: `cashier gateway OPERATION`,
//! `query --by`, `cancel --apply`, and what a sale carries beyond what it needs.

#[path = "operations/cancelling.rs"]
mod cancelling;
#[path = "operations/carrying.rs"]
mod carrying;
#[path = "common/mod.rs"]
mod common;
#[path = "operations/keys.rs"]
mod keys;
#[path = "operations/lists.rs"]
mod lists;
#[path = "operations/orders.rs"]
mod orders;
#[path = "operations/refusals.rs"]
mod refusals;
