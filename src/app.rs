//! The only room that acts.
