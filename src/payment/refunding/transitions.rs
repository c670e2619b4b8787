//! One `transition_to_*` for each destination, and the entries that have to be durable first.

use super::{
    After, AskKind, Audit, Moment, Poll, Record, RefundEffect, RefundOutcome, Refunding, Signal,
    State,
};
use std::time::Duration;

impl Refunding {
    /// The intent is durable: apply, with the number that it has (I1, I2).
    pub(super) fn transition_to_applying(&mut self, now: Moment) {
        let since = self.since().unwrap_or(now);
        let until = now + self.policy.charge_timeout;
        let poll = Poll::starting(now, self.policy.charge_doubt, &self.policy);
        self.state = State::Applying { since, until, poll };
        self.apply(now);
        self.show();
    }

    /// With the one number that it has; what "not found" proves begins anew.
    pub(super) fn apply(&mut self, now: Moment) {
        self.applies = self.applies.saturating_add(1);
        self.missing = false;
        self.undecided = 0;
        self.doubtful_until = self.doubtful_until.max(now + self.policy.in_flight_max);
        self.ask(now, AskKind::Apply);
    }

    pub(super) fn transition_to_confirming(&mut self, now: Moment, first: Duration) {
        let since = self.since().unwrap_or(now);
        let until = now + self.policy.confirm_budget;
        let poll = Poll::starting(now, first, &self.policy);
        self.state = State::Confirming { since, until, poll };
        self.show();
        self.handle_timeout(now);
    }

    pub(super) fn park(&mut self) {
        let record = Record::RefundParked {
            order: self.refund.sale.order.clone(),
            id: self.refund.id.clone(),
            doubt: self.doubt.clone(),
        };
        self.store(record, After::Park);
    }

    pub(super) fn transition_to_parked(&mut self, now: Moment) {
        let poll = Poll::starting(now, self.policy.poll_max, &self.policy);
        let poll = poll.capped_at(self.policy.resolve_max);
        self.state = State::Parked { poll, rounds: 0 };
        self.effects.push_back(RefundEffect::Signal(Signal::Unresolved));
        self.show();
        self.effects.push_back(RefundEffect::Finish(self.open_outcome()));
    }

    pub(super) fn settle(&mut self, outcome: RefundOutcome) {
        let record = Record::RefundSettled {
            order: self.refund.sale.order.clone(),
            id: self.refund.id.clone(),
            outcome: outcome.clone(),
        };
        self.store(record, After::Settle(outcome));
    }

    pub(super) fn transition_to_settled(&mut self, outcome: RefundOutcome) {
        // A parked refund that ends is not what is in front of the cashier.
        let signal = match &outcome {
            _ if self.is_parked() => Signal::Alarm,
            RefundOutcome::Refunded { .. } => Signal::Refunded,
            RefundOutcome::Refused(_) => Signal::NotCharged,
            RefundOutcome::Refunding | RefundOutcome::Unresolved(_) => Signal::Unresolved,
        };
        self.effects.push_back(RefundEffect::Signal(signal));
        self.state = State::Settled { outcome: outcome.clone(), audit: Audit::Quiet, found: None };
        self.show();
        self.effects.push_back(RefundEffect::Finish(outcome));
    }

    pub(super) fn halt(&mut self, outcome: RefundOutcome) {
        let signal = if outcome.is_final() { Signal::NotCharged } else { Signal::Unresolved };
        self.state = State::Halted { outcome: outcome.clone() };
        self.effects.push_back(RefundEffect::Signal(signal));
        self.show();
        self.effects.push_back(RefundEffect::Finish(outcome));
    }

    /// Since when the cashier waits.
    fn since(&self) -> Option<Moment> {
        match &self.state {
            State::Recording { since }
            | State::Applying { since, .. }
            | State::Confirming { since, .. } => Some(*since),
            State::Parked { .. } | State::Settled { .. } | State::Halted { .. } => None,
        }
    }
}
