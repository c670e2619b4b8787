//! Tells states apart by how they go on, and not by when they began.

use super::state::{IN_FLIGHT_MS, State};
use crate::sim::gateway::Order;
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};

impl State {
    /// Two states with the same print go on in the same way. Times count from now.
    pub fn print(&self) -> u64 {
        let mut text = String::new();
        if let Some(charge) = &self.charge {
            let now_ms = self.now_ms - self.started_ms;
            relative(&format!("{charge:?}"), now_ms, &mut text);
        }
        for letter in &self.way {
            let age_ms = self.now_ms - letter.sent_ms;
            write!(text, "{:?}{:?}{age_ms}", letter.ask, letter.operation).expect("a String");
        }
        write!(text, "{:?}{:?}", self.back, self.held).expect("a String");
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let mut gateway = self.gateway;
        if let Order::Open { since_ms } = &mut gateway.order {
            *since_ms = self.now_ms - *since_ms;
        }
        gateway.hash(&mut hasher);
        (self.budget, self.qr_seen, self.watch.is_sent()).hash(&mut hasher);
        (self.watch.settled().is_some(), self.watch.cancel_intents().min(3)).hash(&mut hasher);
        (self.watch.is_voiding(), self.watch.is_voided()).hash(&mut hasher);
        hasher.finish()
    }
}

/// Rewrites the `Debug` text of a charge so that it does not tell when it began.
fn relative(charge: &str, now_ms: u64, text: &mut String) {
    let mut rest = charge.split_once("state: ").expect("a charge has a state").1;
    while let Some((before, after)) = rest.split_once("Moment(") {
        text.push_str(before);
        let (moment, after) = after.split_once(')').expect("Debug closes what it opens");
        let at_ms = moment.strip_suffix('s').and_then(|secs| secs.parse::<u64>().ok());
        let at_ms = at_ms.map_or(0, |secs| secs * 1_000);
        if !before.ends_with("since: ") {
            // Long ago is long ago: no ask lives as long.
            let long_ago_ms = now_ms.saturating_sub(3 * IN_FLIGHT_MS);
            let at_ms = i64::try_from(at_ms.max(long_ago_ms)).expect("fits");
            write!(text, "{}", at_ms - i64::try_from(now_ms).expect("fits")).expect("a String");
        }
        rest = after;
    }
    text.push_str(rest);
}
