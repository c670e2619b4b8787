//! The machine of one refund: rows with exact effects, any sequence of events, and seeded stories
//! of terminal × gateway × network × disk × power, with the journal's own rules in between.
//!
//! A failing seed is printed. `CASHIER_SIM_SEED=7 cargo test --test refunding` runs it alone, and
//! `CASHIER_SIM_RUNS=100000` runs more of them.

mod refunding {
    mod gateway;
    mod resolving;
    mod rows;
    pub mod story;
    mod world;
}
