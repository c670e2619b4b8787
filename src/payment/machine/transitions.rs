//! One `transition_to_*` for each destination, and the entries that have to be durable first.

use super::{
    After, AskKind, Audit, Charge, Decline, Effect, Moment, Outcome, Poll, Record, Request,
    Reversal, Signal, State, Why,
};

use std::time::Duration;

impl Charge {
    pub(super) fn transition_to_charging(&mut self, now: Moment, request: Request) {
        let State::Recording { since, channel, presenting } = &self.state else { return };
        let (since, channel, presenting) = (*since, channel.clone(), *presenting);
        let (timeout, first_poll) = if presenting {
            (self.precreate_timeout(), self.precreate_timeout())
        } else {
            (self.policy.charge_timeout, self.policy.charge_doubt)
        };
        let until = now + timeout;
        let poll = Poll::starting(now, first_poll, &self.policy);
        self.doubtful_until = now + self.policy.in_flight_max;
        self.state = if presenting {
            State::Presenting { qr: None, channel, until, poll }
        } else {
            State::Charging { since, until, channel, poll }
        };
        self.ask(now, AskKind::Charge, request, timeout);
        self.show();
    }

    pub(super) fn transition_to_confirming(&mut self, now: Moment, first: Duration) {
        let until = now + self.policy.confirm_budget;
        let poll = Poll::starting(now, first, &self.policy);
        self.state = State::Confirming { until, poll };
        self.show();
        self.handle_timeout(now);
    }

    pub(super) fn transition_to_reversing(&mut self, now: Moment, why: Decline) {
        let until = now + self.policy.reverse_budget;
        let reversal = Reversal::paused(why, now, self.policy.poll_first, self.policy.poll_max);
        self.state = State::Reversing { since: now, until, reversal };
        self.show();
        self.handle_timeout(now);
    }

    pub(super) fn park(&mut self) {
        let record = Record::Parked { order: self.sale.order.clone(), doubt: self.doubt.clone() };
        self.store(record, After::Park);
    }

    pub(super) fn transition_to_parked(&mut self, now: Moment) {
        let reversal = match &self.state {
            State::Reversing { reversal, .. } => {
                reversal.clone().capped_at(self.policy.resolve_max)
            }
            State::AwaitCode { .. }
            | State::Recording { .. }
            | State::Charging { .. }
            | State::Presenting { .. }
            | State::Confirming { .. }
            | State::Parked { .. }
            | State::Settled { .. }
            | State::Halted { .. } => {
                let why = Decline::ours(Why::CancelledOnTimeout);
                let first = now + self.policy.poll_max;
                Reversal::paused(why, first, self.policy.poll_max, self.policy.resolve_max)
            }
        };
        self.state = State::Parked { reversal, rounds: 0 };
        self.effects.push_back(Effect::Signal(Signal::Unresolved));
        self.show();
        self.effects.push_back(Effect::Finish(Outcome::Unresolved(self.doubt.clone())));
    }

    pub(super) fn settle(&mut self, outcome: Outcome) {
        let record = Record::Settled { order: self.sale.order.clone(), outcome: outcome.clone() };
        self.store(record, After::Settle(outcome));
    }

    pub(super) fn transition_to_settled(&mut self, outcome: Outcome) {
        // A parked charge that ends is not the sale in front of the cashier: it must not sound or
        // print like one.
        let signal = match &outcome {
            _ if self.is_parked() => Signal::Alarm,
            Outcome::Paid(_) => Signal::Paid,
            Outcome::NotCharged(_) | Outcome::Reversed(_) => Signal::NotCharged,
            Outcome::Unresolved(_) => Signal::Unresolved,
        };
        self.effects.push_back(Effect::Signal(signal));
        if let (Outcome::Paid(payment), false) = (&outcome, self.is_parked()) {
            self.effects.push_back(Effect::Print(payment.clone()));
        }
        self.state = State::Settled { outcome: outcome.clone(), audit: Audit::Quiet, found: None };
        self.show();
        self.effects.push_back(Effect::Finish(outcome));
    }

    pub(super) fn halt(&mut self, outcome: Outcome) {
        let signal = match &outcome {
            Outcome::Unresolved(_) => Signal::Unresolved,
            Outcome::Paid(_) | Outcome::NotCharged(_) | Outcome::Reversed(_) => Signal::NotCharged,
        };
        self.state = State::Halted { outcome: outcome.clone() };
        self.effects.push_back(Effect::Signal(signal));
        self.show();
        self.effects.push_back(Effect::Finish(outcome));
    }
}
