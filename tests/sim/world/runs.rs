//! Many seeds, and what they came to.

use super::{World, from_env, refused_to_return};
use cashier::payment::Outcome;
use std::collections::BTreeMap;

/// Seeds that a test run tries; `CASHIER_SIM_RUNS` asks for more.
const RUNS: u64 = 20_000;

#[test]
fn whatever_fails_the_books_agree_in_the_end() {
    if let Some(seed) = from_env("CASHIER_SIM_SEED") {
        return World::new(seed, true).run();
    }
    let runs = from_env("CASHIER_SIM_RUNS").unwrap_or(RUNS);
    let mut endings: BTreeMap<String, u64> = BTreeMap::new();
    for seed in 0..runs {
        let mut world = World::new(seed, false);
        world.run();
        let ending = match world.watch.settled() {
            Some(Outcome::Paid(_)) => "paid".to_owned(),
            Some(Outcome::NotCharged(why)) => format!("not charged: {}", why.why.name()),
            Some(Outcome::Reversed(why)) => format!("reversed: {}", why.why.name()),
            Some(Outcome::Unresolved(_)) | None => "never sent".to_owned(),
        };
        *endings.entry(ending).or_default() += 1;
        *endings.entry("parked or restored".to_owned()).or_default() += u64::from(world.was_parked);
        let refused = refused_to_return(&world.watch);
        *endings.entry("voided".to_owned()).or_default() += u64::from(world.watch.is_voided());
        *endings.entry("void refused".to_owned()).or_default() += u64::from(refused);
        *endings.entry("power cut".to_owned()).or_default() +=
            u64::from(world.fate.process > world.voids);
    }
    println!("{runs} runs: {endings:#?}");
    if runs >= RUNS {
        for ending in [
            "paid",
            "not charged: payment_declined",
            "not charged: never_sent",
            "not charged: never_arrived",
            "not charged: cancelled_by_cashier",
            "reversed: cancelled_by_cashier",
            "reversed: cancelled_on_timeout",
            "reversed: qr_expired",
            "never sent",
            "parked or restored",
            "voided",
            "void refused",
            "power cut",
        ] {
            let met = endings.get(ending).is_some_and(|count| *count > 0);
            assert!(met, "no run came to {ending:?}: {endings:#?}");
        }
    }
}
