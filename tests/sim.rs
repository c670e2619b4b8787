//! The payment machine against a model of the world: gateway, network, disk, power and people, in
//! virtual time.
//!
//! `watch` holds the machine to the invariants of the design at every step. `gateway` is a ledger
//! with the manners of the documented gateways, and shares nothing with the crate under
//! `tests/simulator`. `world` runs seeded stories with faults; `explore` walks through every
//! interleaving of a small world.
//!
//! A failing seed is printed. `CASHIER_SIM_SEED=7 cargo test --test sim` runs it alone, and
//! `CASHIER_SIM_RUNS=100000` runs more of them.

mod sim {
    mod explore;
    mod gateway;
    mod watch;
    mod world;
}
