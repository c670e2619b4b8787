//! The machine of one charge.

/// The machine of one charge.
pub struct Charge {}
