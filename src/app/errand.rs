//! One errand of the command line: charges without a till, driven to an end.

use crate::app::charges::Charges;
use crate::app::exec::{Heard, Outward};
use crate::id::OrderId;
use crate::payment::outcome::Outcome;
use crate::payment::{Event, Moment, RefundOutcome, RefundView, Refunding, View};
use std::future::Future;
use std::time::Duration;

/// Why an errand came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// A charge shows something new.
    Shown(View),
    /// A charge ended, or was parked.
    Ended(View, Outcome),
    /// A refund ended, or was parked.
    RefundEnded(RefundView, RefundOutcome),
    /// An answer came, or was noticed to be missing.
    Heard,
    /// Told to stop.
    Stopped,
    /// The time given is over.
    Late,
    /// Nothing is alive that could do anything.
    Idle,
}

/// Charges and what is to be said of them.
pub struct Errand {
    charges: Charges,
    turns: std::collections::VecDeque<Turn>,
}

impl Errand {
    /// On these charges.
    pub fn new(charges: Charges) -> Errand {
        Errand { charges, turns: std::collections::VecDeque::new() }
    }

    /// The charges.
    pub fn charges(&self) -> &Charges {
        &self.charges
    }

    /// The charges, to act with.
    pub fn charges_mut(&mut self) -> &mut Charges {
        &mut self.charges
    }

    /// Takes up a charge.
    pub fn begin(&mut self, charge: crate::payment::Charge) {
        let outward = self.charges.begin(charge);
        self.keep(outward);
    }

    /// Takes up a refund.
    pub fn begin_refund(&mut self, refunding: Refunding) {
        let outward = self.charges.begin_refund(refunding);
        self.keep(outward);
    }

    /// Something happened to a charge.
    pub fn handle(&mut self, order: &OrderId, event: Event) {
        let outward = self.charges.handle(order, event);
        self.keep(outward);
    }

    fn keep(&mut self, outward: Vec<Outward>) {
        for one in outward {
            match one {
                Outward::Show(view) => self.turns.push_back(Turn::Shown(view)),
                Outward::Finish { outcome, view } => {
                    self.turns.push_back(Turn::Ended(view, outcome));
                }
                Outward::FinishRefund { outcome, view } => {
                    self.turns.push_back(Turn::RefundEnded(view, outcome));
                }
                Outward::Signal(_) | Outward::Print(_) | Outward::ShowRefund(_) => {}
            }
        }
    }

    /// Goes on until there is something to say, `stop` comes, or `until` is reached.
    pub async fn turn(&mut self, until: Option<Moment>, stop: impl Future<Output = ()>) -> Turn {
        let mut stop = std::pin::pin!(stop);
        loop {
            while let Some((_, outward)) = self.charges.fire_due() {
                self.keep(outward);
            }
            self.charges.write_notes();
            if let Some(turn) = self.turns.pop_front() {
                return turn;
            }
            let clock = self.charges.exec().clock().clone();
            if until.is_some_and(|until| clock.now() >= until) {
                return Turn::Late;
            }
            let wake = self.charges.next_timeout().into_iter().chain(until).min();
            if wake.is_none() && !self.charges.exec().is_asking() {
                return Turn::Idle;
            }
            // Without a wake-up only an answer or the stop can come; a day is as good as never.
            let wake = wake.unwrap_or(clock.now() + Duration::from_secs(86_400));
            tokio::select! {
                biased;
                heard = self.charges.exec_mut().heard() => {
                    if let Heard::Answer(answer) = heard {
                        let (_, outward) = self.charges.answered(*answer);
                        self.keep(outward);
                    }
                    self.turns.push_back(Turn::Heard);
                }
                () = tokio::time::sleep_until(clock.instant(wake)) => {}
                () = &mut stop => return Turn::Stopped,
            }
        }
    }

    /// Gives the charges that were taken up a first round, for as long as that takes but no longer
    /// than `limit`: whoever sells next finds them further on.
    pub async fn first_round(&mut self, limit: Duration, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        let until = self.charges.exec().clock().now() + limit;
        while self.charges.is_resolving() {
            match self.turn(Some(until), &mut stop).await {
                Turn::Shown(_) | Turn::Ended(..) | Turn::RefundEnded(..) | Turn::Heard => {}
                Turn::Stopped | Turn::Late | Turn::Idle => return,
            }
        }
    }

    /// Ends it.
    pub fn close(self) {
        self.charges.close();
    }
}
