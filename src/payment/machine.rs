//! The machine of one charge: decides, and does nothing.
//!
//! ```text
//!                    ┌────────────────────────── cancel key ───────────────┐
//! AwaitCode → Recording → Charging ──Paid──────────────→ Settled(Paid)     │
//!                 │          │ Declined ──────────────→ Settled(NotCharged)│
//!                 │          │ NotSent (never sent) ──→ Settled(NotCharged)│
//!                 │          └ Pending, Unknown, MaybeSent                 │
//!                 └→ Presenting    ↓                                       │
//!                     │        Confirming ──budget spent──→ Reversing ←────┘
//!                     │            │ Paid                   query → cancel → query
//!                     │            ↓                        Paid wins
//!                     │        Settled                      ↓
//!                     └──QR's life over──→ Reversing     Settled(Reversed) | Parked(Unresolved)
//!
//! Parked: journalled, shown, the terminal is free; goes on reversing with a capped backoff until
//! Settled, and daily from ESCALATE_ROUNDS on. A restored charge begins there.
//! Halted: the journal failed at any of these (I10).
//! ```
//!
//! A void, the return of a payment, is a charge in Parked from its start, whose reversal ends in
//! Settled(Reversed) or, refused, in Settled(Paid) (`machine/void.rs`).
//!
//! How it holds what must hold:
//! - I1, I3: `Store` comes before the `Ask` or the `Finish` that depends on it, and those follow
//!   only `Stored(Ok)`. While an entry is being written nothing else happens; events wait.
//! - I3: once a cancel was sent, "paid" counts only if it was asked for when that cancel, and every
//!   one before it, could no longer undo a payment (`outlives_cancels`).
//! - I4, I5: `conclude` ends a charge by an answer, wherever it stands; what needs two answers, and
//!   "does not exist" among that, only `after_answered` ends, after a cancel, by a query asked
//!   later than any request can be in flight.
//! - I6: after `Settled` a contradiction is confirmed by a query of its own, then raised.
//! - I7: every open state has a deadline in [`Charge::poll_timeout`], and so has every ask.
//! - I8: pay and precreate are asked once for each machine, never again.
//! - I14: time is a [`Moment`], monotonic, and an argument.

mod answers;
mod audit;
mod reversal;
mod standing;
mod timers;
mod transitions;
mod void;

pub use audit::contradiction;

use super::audit::Audit;
use super::event::{AskError, Event, StoreError};
use super::outcome::Returned;
use super::poll::Poll;
use super::reason::DoubtKind;
use super::record::{Direction, Found, OpenCharge};
use super::timer::Moment;
use super::{
    Channel, Decline, Doubt, Effect, Outcome, Payment, PaymentCode, Policy, Record, Request, Sale,
    Signal, Verdict, Why,
};
use crate::id::AskId;
use reversal::Reversal;
use std::collections::VecDeque;
use std::time::Duration;
use void::Voiding;

/// The machine of one charge.
#[derive(Clone, Debug)]
pub struct Charge {
    policy: Policy,
    sale: Sale,
    state: State,
    /// What was asked and not answered yet: the charge, a cancel, and a few queries.
    asked: Vec<Asked>,
    next_ask: u32,
    /// What follows once the entry that is being written is durable.
    storing: Option<After>,
    /// Events that came while an entry was being written.
    waiting: VecDeque<Event>,
    effects: VecDeque<Effect>,
    /// How many cancels were intended.
    cancels: u32,
    /// Why it is not known, as of the last answer.
    doubt: Doubt,
    /// What the gateway said in an answer to the charge that did not end it.
    charge_said: Option<String>,
    /// Until when "does not exist" proves nothing (I5).
    doubtful_until: Moment,
    /// The journal has the order: something may have been sent for it.
    opened: bool,
    /// The gateway has shown that it has the order, so the charge is no longer on its way.
    arrived: bool,
    /// Until when a parked charge is only asked about and not cancelled: the customer may yet pay.
    patient_until: Option<Moment>,
    /// Until when a cancel that was not clearly answered may still undo a payment (I3).
    cancel_until: Moment,
    /// The payment is certain, and all of it is to be returned.
    voiding: Option<Voiding>,
}

#[derive(Clone, Debug)]
enum State {
    AwaitCode { until: Moment },
    Recording { since: Moment, channel: Channel, presenting: bool },
    Charging { since: Moment, until: Moment, channel: Channel, poll: Poll },
    Presenting { qr: Option<String>, channel: Channel, until: Moment, poll: Poll },
    Confirming { until: Moment, poll: Poll },
    Reversing { since: Moment, until: Moment, reversal: Reversal },
    Parked { reversal: Reversal, rounds: u32 },
    Settled { outcome: Outcome, audit: Audit, found: Option<Found> },
    Halted { outcome: Outcome },
}

/// What follows a durable entry.
#[derive(Clone, Debug)]
enum After {
    SendCharge(Request),
    SendCancel,
    Park,
    Settle(Outcome),
    Raise(Found),
}

#[derive(Clone, Debug)]
struct Asked {
    id: AskId,
    kind: AskKind,
    at: Moment,
    deadline: Moment,
    /// A cancel was carried out since, or may have been: this may tell how things stood before it.
    overtaken: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AskKind {
    Charge,
    Query,
    Cancel,
}

/// How much longer than the executor the machine waits for an answer, should the executor fail to
/// report that there is none.
const ASK_GRACE: Duration = Duration::from_secs(2);

impl Charge {
    /// A sale that scans the customer: waits for the code.
    pub fn await_code(now: Moment, sale: Sale, policy: Policy) -> Charge {
        let until = now + policy.await_code;
        let mut charge = Charge::new(now, sale, policy, State::AwaitCode { until });
        charge.show();
        charge
    }

    /// A sale that the customer scans: records it and asks for the QR.
    pub fn present(now: Moment, sale: Sale, channel: Channel, policy: Policy) -> Charge {
        let direction = Direction::Present { channel: channel.clone() };
        Charge::show_qr(now, sale, channel, direction, policy)
    }

    /// As [`Charge::present`], for a QR that nobody waits beside: restored, it is left to be paid
    /// for as long as it lives.
    pub fn hand_out(now: Moment, sale: Sale, channel: Channel, policy: Policy) -> Charge {
        let direction = Direction::HandOut { channel: channel.clone() };
        Charge::show_qr(now, sale, channel, direction, policy)
    }

    fn show_qr(
        now: Moment,
        sale: Sale,
        channel: Channel,
        direction: Direction,
        policy: Policy,
    ) -> Charge {
        let request = Request::Precreate {
            sale: sale.clone(),
            channel: channel.clone(),
            life: policy.present_budget,
        };
        let state = State::Recording { since: now, channel, presenting: true };
        let mut charge = Charge::new(now, sale, policy, state);
        charge.open(direction, request);
        charge
    }

    /// A charge that was open when the process ended: parked, and resolved from there. One that is
    /// paid is a void that had been intended, and goes on as that.
    pub fn restore(now: Moment, open: OpenCharge, policy: Policy) -> Charge {
        // How long ago it was sent cannot be known (I14), so the doubt starts anew.
        let payable = match open.direction {
            Direction::Scan { .. } => Duration::ZERO,
            Direction::Present { .. } | Direction::HandOut { .. } => policy.payable(),
        };
        let (doubtful_until, why) = match open.paid {
            // That the order exists is certain.
            Some(_) => (now, Why::CancelledByCashier),
            None => (now + policy.in_flight_max + payable, Why::CancelledOnTimeout),
        };
        let why = Decline::ours(why);
        let reversal = Reversal::paused(why, now, policy.poll_first, policy.resolve_max);
        let state = State::Parked { reversal, rounds: 0 };
        let mut charge = Charge::new(now, open.sale, policy, state);
        charge.opened = true;
        charge.cancels = open.cancels;
        charge.voiding = open.paid.map(Voiding::intended);
        // What a charge was parked with says nothing of the return of its payment.
        let parked = open.parked.filter(|_| charge.voiding.is_none());
        charge.doubt = parked.unwrap_or(Doubt::of(DoubtKind::Interrupted));
        charge.doubtful_until = doubtful_until;
        if open.cancels > 0 {
            charge.cancel_until = now + charge.policy.in_flight_max;
        } else if let Direction::HandOut { .. } = open.direction {
            charge.patient_until = Some(now + charge.policy.present_budget);
        }
        charge
    }

    /// The same, but until `until` it only asks and does not cancel; for whoever only wants to
    /// know. A cancel key ends the patience.
    pub fn only_asking(mut self, until: Moment) -> Charge {
        self.patient_until = Some(until);
        self
    }

    /// A charge that ended before this process started, to be asked about again when the gateway
    /// says that something happened to it (I6, I13).
    pub fn ended(now: Moment, sale: Sale, outcome: Outcome, policy: Policy) -> Charge {
        let state = State::Settled { outcome, audit: Audit::Quiet, found: None };
        let mut charge = Charge::new(now, sale, policy, state);
        charge.opened = true;
        charge
    }

    fn new(now: Moment, sale: Sale, policy: Policy, state: State) -> Charge {
        Charge {
            policy,
            sale,
            state,
            asked: Vec::new(),
            next_ask: 0,
            storing: None,
            waiting: VecDeque::new(),
            effects: VecDeque::new(),
            cancels: 0,
            doubt: Doubt::of(DoubtKind::NoAnswer),
            charge_said: None,
            doubtful_until: now,
            opened: false,
            arrived: false,
            patient_until: None,
            cancel_until: now,
            voiding: None,
        }
    }

    /// Takes in what happened.
    pub fn handle(&mut self, now: Moment, event: Event) {
        if let Event::Stored(result) = event {
            self.on_stored(now, result);
            while self.storing.is_none() {
                let Some(event) = self.waiting.pop_front() else { break };
                self.dispatch(now, event);
            }
        } else if self.storing.is_some() {
            if self.is_worth_waiting(&event) {
                self.waiting.push_back(event);
            }
        } else {
            self.dispatch(now, event);
        }
    }

    /// Keeps the queue bounded by what was asked (I15). A key held down or a notification sent 31
    /// times needs no second place in it, and a scan none: the code was taken already (I16).
    fn is_worth_waiting(&self, event: &Event) -> bool {
        match event {
            Event::Scanned(_) | Event::Stored(_) => false,
            Event::Notified | Event::CancelPressed => !self.waiting.contains(event),
            Event::Answered { ask, .. } => {
                let waits = |waiting: &Event| match waiting {
                    Event::Answered { ask: waiting, .. } => waiting == ask,
                    Event::Scanned(_)
                    | Event::Stored(_)
                    | Event::Notified
                    | Event::CancelPressed => false,
                };
                self.asked.iter().any(|asked| asked.id == *ask) && !self.waiting.iter().any(waits)
            }
        }
    }

    /// What is to be done next, in order.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    fn dispatch(&mut self, now: Moment, event: Event) {
        match event {
            Event::Scanned(code) => self.on_scanned(now, code),
            Event::Stored(_) => {}
            Event::Answered { ask, result } => self.on_answered(now, ask, result),
            Event::Notified => self.on_notified(now),
            Event::CancelPressed => self.on_cancel_pressed(now),
        }
    }

    fn on_scanned(&mut self, now: Moment, code: PaymentCode) {
        if !matches!(self.state, State::AwaitCode { .. }) {
            return; // I16: one scan, one attempt.
        }
        let channel = code.channel().clone();
        let direction =
            Direction::Scan { kind: code.kind(), masked: code.masked(), channel: channel.clone() };
        self.state = State::Recording { since: now, channel, presenting: false };
        self.effects.push_back(Effect::Signal(Signal::Accepted));
        self.show();
        self.open(direction, Request::Pay { sale: self.sale.clone(), code });
    }

    fn open(&mut self, direction: Direction, request: Request) {
        let record = Record::Opened { sale: self.sale.clone(), direction };
        self.store(record, After::SendCharge(request));
    }

    fn on_stored(&mut self, now: Moment, result: Result<(), StoreError>) {
        let Some(after) = self.storing.take() else { return };
        self.opened |= result.is_ok();
        match (after, result) {
            // Cancelled while it was being recorded: what was never sent needs no reversal.
            (After::SendCharge(_), Ok(())) if self.waiting.contains(&Event::CancelPressed) => {
                self.settle(Outcome::NotCharged(Decline::ours(Why::CancelledByCashier)));
            }
            (After::SendCharge(request), Ok(())) => self.transition_to_charging(now, request),
            // Nothing was sent, so this is certain, durable or not (I1).
            (After::SendCharge(_), Err(StoreError)) => {
                self.halt(Outcome::NotCharged(Decline::ours(Why::JournalFailed)));
            }
            (After::SendCancel, Ok(())) => self.send_cancel(now),
            (After::Park, Ok(())) => self.transition_to_parked(now),
            (After::Settle(outcome), Ok(())) => self.transition_to_settled(outcome),
            // What cannot be made durable is not shown as certain (I3, I10).
            (After::SendCancel | After::Park | After::Settle(_), Err(StoreError)) => {
                self.halt(Outcome::Unresolved(Doubt::of(DoubtKind::JournalFailed)));
            }
            (After::Raise(found), Ok(()) | Err(StoreError)) => self.raise(found),
        }
    }

    fn on_notified(&mut self, now: Moment) {
        match &mut self.state {
            State::Charging { poll, .. }
            | State::Presenting { poll, .. }
            | State::Confirming { poll, .. } => poll.hurry(now),
            State::Reversing { reversal, .. } | State::Parked { reversal, .. } => {
                reversal.hurry(now);
            }
            State::Settled { .. } if self.opened => self.ask_audit(now),
            State::Settled { .. }
            | State::AwaitCode { .. }
            | State::Recording { .. }
            | State::Halted { .. } => {}
        }
    }

    fn on_cancel_pressed(&mut self, now: Moment) {
        let why = Decline::ours(Why::CancelledByCashier);
        match self.state {
            // Nothing was recorded or sent, so there is nothing to record now.
            State::AwaitCode { .. } => self.transition_to_settled(Outcome::NotCharged(why)),
            State::Charging { .. } | State::Presenting { .. } | State::Confirming { .. } => {
                self.transition_to_reversing(now, why);
            }
            State::Parked { .. } => self.end_patience(now, why),
            State::Recording { .. }
            | State::Reversing { .. }
            | State::Settled { .. }
            | State::Halted { .. } => {}
        }
    }

    fn store(&mut self, record: Record, after: After) {
        assert!(self.storing.is_none(), "two entries at once for {}", self.sale.order);
        self.storing = Some(after);
        self.effects.push_back(Effect::Store(record));
    }

    fn ask(&mut self, now: Moment, kind: AskKind, request: Request, timeout: Duration) -> AskId {
        let ask = AskId(self.next_ask);
        self.next_ask = self.next_ask.wrapping_add(1);
        let deadline = now + timeout + ASK_GRACE;
        self.asked.push(Asked { id: ask, kind, at: now, deadline, overtaken: false });
        self.effects.push_back(Effect::Ask { ask, request, timeout });
        ask
    }

    fn ask_query(&mut self, now: Moment) -> AskId {
        let request = Request::Query { sale: self.sale.clone() };
        self.ask(now, AskKind::Query, request, self.policy.query_timeout)
    }

    fn show(&mut self) {
        self.effects.push_back(Effect::Show);
    }

    /// A QR that takes longer than two queries to come keeps the customer waiting for nothing.
    fn precreate_timeout(&self) -> Duration {
        self.policy.query_timeout.saturating_mul(2)
    }
}
