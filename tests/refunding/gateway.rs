//! A gateway's books of one order's refunds, with the manners of the documented gateways. It shares
//! nothing with the crate under `tests/simulator`.

use cashier::id::RefundId;
use cashier::payment::{Decline, Doubt, DoubtKind, Refund, RefundVerdict, Why};

pub const PAID_FEN: i64 = 1250;

/// How a gateway answers.
#[derive(Clone, Copy, Debug)]
pub struct Manners {
    /// It only says that an apply was accepted (SOSOPAY); a query has to prove.
    pub only_accepts: bool,
    /// It only tells the sum of what was given back (Upay v2).
    pub tells_the_sum: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    UnderWay { until_ms: u64, fails: bool },
    Done,
    Failed,
}

#[derive(Clone, Debug)]
struct Entry {
    id: RefundId,
    fen: i64,
    state: State,
}

#[derive(Clone, Debug)]
pub struct Gateway {
    manners: Manners,
    refunds: Vec<Entry>,
}

fn unknown(kind: DoubtKind) -> RefundVerdict {
    RefundVerdict::Unknown(Doubt::of(kind))
}

impl Gateway {
    pub fn new(manners: Manners) -> Gateway {
        Gateway { manners, refunds: Vec::new() }
    }

    /// Brings the books up to date.
    pub fn tick(&mut self, now_ms: u64) {
        for refund in &mut self.refunds {
            if let State::UnderWay { until_ms, fails } = refund.state
                && until_ms <= now_ms
            {
                refund.state = if fails { State::Failed } else { State::Done };
            }
        }
    }

    /// What has gone back.
    pub fn given_back_fen(&self) -> i64 {
        self.sum(|state| state == State::Done)
    }

    fn sum(&self, counts: impl Fn(State) -> bool) -> i64 {
        self.refunds.iter().filter(|refund| counts(refund.state)).map(|refund| refund.fen).sum()
    }

    /// `lasts_ms` is how long it takes, and `fails` how it ends.
    pub fn apply(
        &mut self,
        refund: &Refund,
        now_ms: u64,
        lasts_ms: u64,
        fails: bool,
    ) -> RefundVerdict {
        if self.refunds.iter().any(|known| known.id == refund.id) {
            return unknown(DoubtKind::AskAgain); // Its number is there already.
        }
        let fen = refund.amount.get();
        if fen > PAID_FEN - self.sum(|state| state != State::Failed) {
            return RefundVerdict::Refused(Decline::ours(Why::AmountRejected));
        }
        let id = refund.id.clone();
        let state = State::UnderWay { until_ms: now_ms + lasts_ms, fails };
        self.refunds.push(Entry { id, fen, state });
        self.tick(now_ms);
        match self.refunds.last().map(|refund| refund.state) {
            Some(State::Done) if !self.manners.only_accepts => {
                RefundVerdict::Refunded { gateway_refund: None }
            }
            Some(State::Failed) if !self.manners.only_accepts => {
                RefundVerdict::Refused(Decline::ours(Why::RefundFailed))
            }
            Some(State::UnderWay { .. } | State::Done | State::Failed) | None => {
                RefundVerdict::InProgress
            }
        }
    }

    pub fn query(&self, refund: &Refund) -> RefundVerdict {
        if self.manners.tells_the_sum {
            return self.sum_of(refund);
        }
        let known = self.refunds.iter().find(|known| known.id == refund.id);
        match known.map(|known| known.state) {
            Some(State::UnderWay { .. }) => RefundVerdict::InProgress,
            Some(State::Done) => RefundVerdict::Refunded { gateway_refund: None },
            Some(State::Failed) => RefundVerdict::Refused(Decline::ours(Why::RefundFailed)),
            None => RefundVerdict::NotFound,
        }
    }

    fn sum_of(&self, refund: &Refund) -> RefundVerdict {
        if self.refunds.iter().any(|it| matches!(it.state, State::UnderWay { .. })) {
            return RefundVerdict::InProgress;
        }
        let (gone, before) = (self.given_back_fen(), refund.refunded_before.get());
        if gone == before + refund.amount.get() {
            RefundVerdict::Refunded { gateway_refund: None }
        } else if gone == before {
            RefundVerdict::NotFound
        } else {
            unknown(DoubtKind::AskAgain)
        }
    }
}
