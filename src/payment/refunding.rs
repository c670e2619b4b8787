//! The machine of one refund: decides, and does nothing.
//!
//! ```text
//! Recording → Applying ──Refunded──────────────→ Settled(Refunded)
//!                 │ ↑    Refused ──────────────→ Settled(Refused)
//!                 │ │    NotSent (never sent) ─→ Settled(Refused)
//!                 │ │
//!                 │ └── twice NotFound, or no answer that decides, the second asked later than
//!                 │     any request can be in flight: the same number once more
//!                 │     InProgress, Unknown, MaybeSent
//!                 └→ Confirming ──budget spent──→ Parked(Refunding | Unresolved)
//!                        │ Refunded, Refused          │ Refunded, Refused, NotFound twice
//!                        └────────→ Settled ←─────────┘
//!
//! Parked: journalled, shown, the terminal is free; goes on asking with a capped backoff until
//! Settled, and daily from ESCALATE_ROUNDS on; applies once more only where queries cannot decide.
//! A restored refund begins there.
//! Halted: the journal failed at any of these (I10).
//! ```
//!
//! How it holds what must hold:
//! - I1, I3: `Store` comes before the `Ask` or the `Finish` that depends on it, and those follow
//!   only `Stored(Ok)`. While an entry is being written nothing else happens; events wait.
//! - I2: whatever is asked carries the one number that the intent has; asking again with it never
//!   gives money back twice.
//! - I4: a refusal of the only apply that can have been sent is final, and so is one that a query
//!   tells; one of a later apply may be the echo of the first, and a query decides.
//! - I5: "not found" ends nothing before two queries have said so, the second asked later than any
//!   request can be in flight.
//! - I6: after `Settled` a contradiction is confirmed by a query of its own, then raised.
//! - I7: every open state has a deadline in [`Refunding::poll_timeout`], and so has every ask.
//! - I12: the journal refuses an intent above what is left; "refunding" is not "refunded".
//! - I14: time is a [`Moment`], monotonic, and an argument.

mod answers;
mod audit;
mod event;
mod standing;
mod timers;
mod transitions;

pub use audit::refund_contradiction;
pub use event::{RefundEffect, RefundEvent, RefundStage, RefundView};

use super::audit::Audit;
use super::event::StoreError;
use super::poll::Poll;
use super::record::{OpenRefund, RefundFound};
use super::timer::Moment;
use super::{
    Decline, Doubt, DoubtKind, Policy, Record, Refund, RefundOutcome, RefundRequest, Signal, Why,
};
use crate::id::AskId;
use std::collections::VecDeque;
use std::time::Duration;

/// How often one process applies for a refund, with the one number.
const APPLIES_MAX: u32 = 2;

/// After so many queries that decide nothing, asked when nothing can be in flight any more, it is
/// applied for once more.
const UNDECIDED_MAX: u32 = 2;

/// How much longer than the executor the machine waits for an answer, should the executor fail to
/// report that there is none.
const ASK_GRACE: Duration = Duration::from_secs(2);

/// The machine of one refund.
#[derive(Clone, Debug)]
pub struct Refunding {
    policy: Policy,
    refund: Refund,
    state: State,
    /// What was asked and not answered yet: an apply, and a few queries.
    asked: Vec<Asked>,
    next_ask: u32,
    /// What follows once the entry that is being written is durable.
    storing: Option<After>,
    /// Events that came while an entry was being written.
    waiting: VecDeque<RefundEvent>,
    effects: VecDeque<RefundEffect>,
    /// How many applies this process has sent.
    applies: u32,
    /// Another process may have sent one.
    restored: bool,
    /// Why it is not known, as of the last answer; nothing if the gateway says that it goes on.
    doubt: Option<Doubt>,
    /// This process has heard the gateway say that it goes on.
    heard_going_on: bool,
    /// Until when "not found" proves nothing (I5).
    doubtful_until: Moment,
    /// A query found nothing of it, and nothing was heard of it since: the first of two (I5).
    missing: bool,
    /// Queries in a row that decided nothing, though nothing can be in flight any more.
    undecided: u32,
    /// What a later apply was refused with: why, should it be proven that nothing went back.
    refusal: Option<Decline>,
}

#[derive(Clone, Debug)]
enum State {
    Recording { since: Moment },
    Applying { since: Moment, until: Moment, poll: Poll },
    Confirming { since: Moment, until: Moment, poll: Poll },
    Parked { poll: Poll, rounds: u32 },
    Settled { outcome: RefundOutcome, audit: Audit, found: Option<RefundFound> },
    Halted { outcome: RefundOutcome },
}

/// What follows a durable entry.
#[derive(Clone, Debug)]
enum After {
    Apply,
    Park,
    Settle(RefundOutcome),
    Raise(RefundFound),
}

#[derive(Clone, Debug)]
struct Asked {
    id: AskId,
    kind: AskKind,
    at: Moment,
    deadline: Moment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AskKind {
    Apply,
    Query,
}

impl Refunding {
    /// A new refund: records it and applies for it. Whether it is within what is left of the
    /// payment is checked before, and by the journal as it records the intent (I12).
    pub fn begin(now: Moment, refund: Refund, policy: Policy) -> Refunding {
        let record = Record::RefundIntent { refund: refund.clone() };
        let mut refunding = Refunding::new(now, refund, policy, State::Recording { since: now });
        refunding.show();
        refunding.store(record, After::Apply);
        refunding
    }

    /// A refund that was open when the process ended: parked, and resolved from there.
    pub fn restore(now: Moment, open: OpenRefund, policy: Policy) -> Refunding {
        let poll = Poll::starting(now, Duration::ZERO, &policy).capped_at(policy.resolve_max);
        let state = State::Parked { poll, rounds: 0 };
        // How long ago it was sent cannot be known (I14), so the doubt starts anew.
        let doubtful_until = now + policy.in_flight_max;
        let mut refunding = Refunding::new(now, open.refund, policy, state);
        refunding.restored = true;
        refunding.doubtful_until = doubtful_until;
        refunding.doubt = match open.parked {
            Some(doubt) => doubt,
            None => Some(Doubt::of(DoubtKind::Interrupted)),
        };
        refunding
    }

    fn new(now: Moment, refund: Refund, policy: Policy, state: State) -> Refunding {
        Refunding {
            policy,
            refund,
            state,
            asked: Vec::new(),
            next_ask: 0,
            storing: None,
            waiting: VecDeque::new(),
            effects: VecDeque::new(),
            applies: 0,
            restored: false,
            doubt: Some(Doubt::of(DoubtKind::NoAnswer)),
            heard_going_on: false,
            doubtful_until: now,
            missing: false,
            undecided: 0,
            refusal: None,
        }
    }

    /// Takes in what happened.
    pub fn handle(&mut self, now: Moment, event: RefundEvent) {
        if let RefundEvent::Stored(result) = event {
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

    /// Keeps the queue bounded by what was asked (I15).
    fn is_worth_waiting(&self, event: &RefundEvent) -> bool {
        match event {
            RefundEvent::Stored(_) => false,
            RefundEvent::Notified => !self.waiting.contains(event),
            RefundEvent::Answered { ask, .. } => {
                let waits = |waiting: &RefundEvent| match waiting {
                    RefundEvent::Answered { ask: waiting, .. } => waiting == ask,
                    RefundEvent::Stored(_) | RefundEvent::Notified => false,
                };
                self.asked.iter().any(|asked| asked.id == *ask) && !self.waiting.iter().any(waits)
            }
        }
    }

    /// What is to be done next, in order.
    pub fn poll_effect(&mut self) -> Option<RefundEffect> {
        self.effects.pop_front()
    }

    fn dispatch(&mut self, now: Moment, event: RefundEvent) {
        match event {
            RefundEvent::Stored(_) => {}
            RefundEvent::Answered { ask, result } => self.on_answered(now, ask, result),
            RefundEvent::Notified => self.on_notified(now),
        }
    }

    fn on_stored(&mut self, now: Moment, result: Result<(), StoreError>) {
        let Some(after) = self.storing.take() else { return };
        match (after, result) {
            (After::Apply, Ok(())) => self.transition_to_applying(now),
            // Nothing was sent, so this is certain, durable or not (I1).
            (After::Apply, Err(StoreError)) => {
                self.halt(RefundOutcome::Refused(Decline::ours(Why::JournalFailed)));
            }
            (After::Park, Ok(())) => self.transition_to_parked(now),
            (After::Settle(outcome), Ok(())) => self.transition_to_settled(outcome),
            // What cannot be made durable is not shown as certain (I3, I10).
            (After::Park | After::Settle(_), Err(StoreError)) => {
                self.halt(RefundOutcome::Unresolved(Doubt::of(DoubtKind::JournalFailed)));
            }
            (After::Raise(found), Ok(()) | Err(StoreError)) => self.raise(found),
        }
    }

    fn on_notified(&mut self, now: Moment) {
        match &mut self.state {
            State::Applying { poll, .. }
            | State::Confirming { poll, .. }
            | State::Parked { poll, .. } => poll.hurry(now),
            State::Settled { .. } => self.ask_audit(now),
            State::Recording { .. } | State::Halted { .. } => {}
        }
    }

    fn store(&mut self, record: Record, after: After) {
        assert!(self.storing.is_none(), "two entries at once for refund {}", self.refund.id);
        self.storing = Some(after);
        self.effects.push_back(RefundEffect::Store(record));
    }

    fn ask(&mut self, now: Moment, kind: AskKind) -> AskId {
        let (request, timeout) = match kind {
            AskKind::Apply => {
                (RefundRequest::Apply(self.refund.clone()), self.policy.charge_timeout)
            }
            AskKind::Query => {
                (RefundRequest::Query(self.refund.clone()), self.policy.query_timeout)
            }
        };
        let ask = AskId(self.next_ask);
        self.next_ask = self.next_ask.wrapping_add(1);
        self.asked.push(Asked { id: ask, kind, at: now, deadline: now + timeout + ASK_GRACE });
        self.effects.push_back(RefundEffect::Ask { ask, request, timeout });
        ask
    }

    fn show(&mut self) {
        self.effects.push_back(RefundEffect::Show);
    }
}
