//! Reaches out to the gateway before there is anything to ask: a connection opened ahead, and the
//! time, where the device's own clock cannot be right (I14).

use super::{Exec, outgoing};
use crate::app::http::Outgoing;
use crate::gateway::Stamp;
use crate::payment::{Request, Sale};
use std::time::Duration;

/// 2025-01-01: this firmware is younger, so a clock before that is wrong.
const PLAUSIBLE_UNIX_MS: u64 = 1_735_689_600_000;

const GREETING_TIMEOUT: Duration = Duration::from_secs(5);

/// What came of reaching out to the gateway.
pub(super) struct Primed {
    pub(super) reached: bool,
    /// The gateway's clock, and how long its answer took.
    pub(super) date: Option<(u64, Duration)>,
}

impl Exec {
    /// Opens a connection while the cashier is still busy, so that the charge costs one round trip.
    pub fn prime(&mut self) {
        if !self.primes.is_empty() {
            return;
        }
        let http = self.http.clone();
        match self.greeting() {
            None => self
                .primes
                .spawn(async move { Primed { reached: http.prime().await.is_ok(), date: None } }),
            Some(greeting) => self.primes.spawn(async move {
                let answer = http.send(greeting, GREETING_TIMEOUT).await.ok();
                let date = answer.as_ref().and_then(|answer| {
                    answer.date_unix_seconds.map(|date| (date, answer.round_trip))
                });
                Primed { reached: answer.is_some(), date }
            }),
        };
    }

    /// A device without a battery starts in 1970 and would sign with that (I14). While its clock
    /// cannot be right and no answer has told the time, it asks about an order that does not exist.
    fn greeting(&self) -> Option<Outgoing> {
        let now = self.clock.now();
        let wall = self.clock.unix_ms();
        if wall >= PLAUSIBLE_UNIX_MS || self.skew.ahead_of_wall_ms(now, wall).is_some() {
            return None;
        }
        let order = crate::app::terminal::new_order(wall).ok()?;
        let amount = crate::money::Fen::new(1);
        let sale = Sale { order, amount, operator: String::new(), subject: String::new() };
        let stamp = Stamp { unix_seconds: wall / 1000 };
        self.gateway.encode(&Request::Query { sale }, stamp).ok().map(outgoing)
    }

    /// Learns the time from the gateway, where the device's own clock cannot be right.
    pub async fn learn_the_time(&mut self) {
        if self.greeting().is_some() {
            self.prime();
            self.heard().await;
        }
    }
}
