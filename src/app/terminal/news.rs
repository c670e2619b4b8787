//! What the gateway tells without having been asked: its notifications (I13).

use super::Terminal;
use crate::app::notify::{Inbox, Taken, Told};
use crate::payment::Event;

impl Terminal {
    /// Durable, then acknowledged, then asked about.
    pub(super) fn told(&mut self, told: Told) {
        let Told { order, text, taken } = told;
        let became = self.charges.notified(&order, &text, &self.config.policy);
        // Whoever does not wait for the answer any more is told again by the gateway.
        let _ = taken.send(became);
        if became == Taken::Durable {
            let outward = self.charges.handle(&order, Event::Notified);
            self.outward(&order, outward);
        }
        self.stale = true;
    }
}

/// The next notification, if anything listens.
pub(super) async fn next_told(inbox: &mut Option<Inbox>) -> Option<Told> {
    match inbox {
        Some(inbox) => inbox.recv().await,
        None => std::future::pending().await,
    }
}
