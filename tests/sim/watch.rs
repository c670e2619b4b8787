//! Holds a charge to the invariants, over all the processes that it lives in.

use cashier::id::AskId;
use cashier::payment::outcome::Returned;
use cashier::payment::view::Stage;
use cashier::payment::{
    AskError, Charge, Effect, Event, Moment, Outcome, Payment, Record, Request, StoreError, Verdict,
};
use std::time::Duration;

/// More than any one event may cause (I15).
const EFFECTS_MAX: usize = 8;
/// How much longer than the executor the machine waits for an answer.
const ASK_GRACE: Duration = Duration::from_secs(2);
/// More than the charge, a cancel and a few queries (I15).
const ASKS_MAX: usize = 6;
/// A charge with everything in it, as `Debug` text (I15).
const TEXT_MAX: usize = 8_000;

#[derive(Clone, Debug, Default)]
pub struct Watch {
    /// What was acknowledged as durable, in order.
    pub durable: Vec<Record>,
    storing: Option<Record>,
    store_failed: bool,
    charges_asked: usize,
    cancels_asked: usize,
    /// What was asked, and when the machine gives up on it.
    open: Vec<(AskId, Moment)>,
    /// What was asked and never answered, given up or not.
    unanswered: Vec<AskId>,
    /// What the gateway was heard to say that could end a charge.
    proofs: Vec<Proof>,
    pub finished: Vec<Outcome>,
    effects: usize,
}

#[derive(Clone, Debug, PartialEq)]
enum Proof {
    Paid(Payment),
    Negative,
}

impl Watch {
    /// The power was cut, or a restored charge starts: what was asked and not acknowledged is gone.
    pub fn cut(&mut self) {
        self.storing = None;
        self.store_failed = false;
        self.open.clear();
        self.unanswered.clear();
    }

    /// The entry that was being written when the power was cut turns out to be durable.
    pub fn found_durable(&mut self, record: Record) {
        if matches!(record, Record::Opened { .. }) {
            // Whoever reads that it was opened must take it for sent.
            self.charges_asked = 1;
        }
        self.durable.push(record);
    }

    /// To be told before the machine is.
    pub fn event(&mut self, event: &Event) {
        self.effects = 0;
        match event {
            Event::Stored(Ok(())) => self.durable.extend(self.storing.take()),
            Event::Stored(Err(StoreError)) => {
                self.store_failed |= self.storing.take().is_some();
            }
            Event::Answered { ask, result } => {
                self.open.retain(|(open, _)| open != ask);
                if let Some(at) = self.unanswered.iter().position(|asked| asked == ask) {
                    self.unanswered.swap_remove(at);
                    self.proofs.extend(proof(result));
                    self.proofs.dedup();
                }
            }
            Event::Scanned(_) | Event::Notified | Event::CancelPressed => {}
        }
    }

    /// To be told before the machine's timers run.
    pub fn timeout(&mut self) {
        self.effects = 0;
    }

    pub fn settled(&self) -> Option<&Outcome> {
        self.durable.iter().find_map(|record| match record {
            Record::Settled { outcome, .. } => Some(outcome),
            Record::Opened { .. }
            | Record::CancelIntent { .. }
            | Record::Parked { .. }
            | Record::VoidIntent { .. }
            | Record::Voided { .. }
            | Record::VoidRefused { .. }
            | Record::Discrepancy { .. }
            | Record::RefundIntent { .. }
            | Record::RefundParked { .. }
            | Record::RefundSettled { .. }
            | Record::RefundDiscrepancy { .. } => None,
        })
    }

    /// How many cancels were intended, of the charge and of a payment.
    pub fn cancel_intents(&self) -> usize {
        let intent =
            |r: &&Record| matches!(r, Record::CancelIntent { .. } | Record::VoidIntent { .. });
        self.durable.iter().filter(intent).count()
    }

    /// The last that was written of a void: an intent, or an end.
    fn last_of_void(&self) -> Option<&Record> {
        self.durable.iter().rev().find(|record| match record {
            Record::VoidIntent { .. } | Record::Voided { .. } | Record::VoidRefused { .. } => true,
            Record::Opened { .. }
            | Record::CancelIntent { .. }
            | Record::Parked { .. }
            | Record::Settled { .. }
            | Record::Discrepancy { .. }
            | Record::RefundIntent { .. }
            | Record::RefundParked { .. }
            | Record::RefundSettled { .. }
            | Record::RefundDiscrepancy { .. } => false,
        })
    }

    /// The return of the payment is intended, and not ended.
    pub fn is_voiding(&self) -> bool {
        matches!(self.last_of_void(), Some(Record::VoidIntent { .. }))
    }

    /// The payment was returned.
    pub fn is_voided(&self) -> bool {
        self.durable.iter().any(|record| matches!(record, Record::Voided { .. }))
    }

    /// The settled order is paid, and the money is here, as far as the books say.
    pub fn holds_payment(&self) -> bool {
        matches!(self.settled(), Some(Outcome::Paid(_))) && !self.is_voided()
    }

    /// The journal failed; only a new process goes on (I10).
    pub fn has_halted(&self) -> bool {
        self.store_failed
    }

    /// Whether the machine still waits for this answer.
    pub fn awaits(&self, ask: AskId) -> bool {
        self.open.iter().any(|(open, _)| *open == ask)
    }

    pub fn is_sent(&self) -> bool {
        self.charges_asked > 0
    }

    /// Each effect, in order.
    pub fn effect(&mut self, now: Moment, effect: &Effect) {
        self.effects += 1;
        assert!(self.effects <= EFFECTS_MAX, "I15: too many effects of one event");
        match effect {
            Effect::Store(record) => self.store(record),
            Effect::Ask { ask, request, timeout } => {
                self.ask(request);
                self.open.push((*ask, now + *timeout + ASK_GRACE));
                self.unanswered.push(*ask);
            }
            Effect::Print(payment) => {
                let paid = Outcome::Paid(payment.clone());
                assert_eq!(self.settled(), Some(&paid), "I3: printed without evidence");
            }
            Effect::Finish(outcome) => self.finish(outcome),
            Effect::Show | Effect::Signal(_) => {}
        }
    }

    fn store(&mut self, record: &Record) {
        assert!(self.storing.is_none(), "two entries at once");
        assert!(!self.store_failed, "I10: an entry after one that failed");
        let settled = self.settled().is_some();
        match record {
            Record::Opened { .. } => assert!(self.durable.is_empty(), "I2: opened twice"),
            Record::CancelIntent { attempt, .. } => {
                assert!(!settled, "I6: a cancel after the end");
                let attempts = u32::try_from(self.cancel_intents()).expect("fits");
                assert_eq!(*attempt, attempts + 1, "attempts are counted from 1");
            }
            Record::Parked { .. } => assert!(!settled, "I6: parked after the end"),
            Record::Settled { outcome, .. } => {
                assert!(!settled, "I6: settled twice");
                self.check_settlement(outcome);
            }
            Record::VoidIntent { attempt, .. } => {
                assert!(self.holds_payment(), "I12: the return of what is not here");
                let attempts = u32::try_from(self.cancel_intents()).expect("fits");
                assert_eq!(*attempt, attempts + 1, "attempts are counted from 1");
            }
            Record::Voided { .. } => {
                assert!(self.is_voiding(), "I12: returned without an intent, or twice");
                assert!(self.proofs.contains(&Proof::Negative), "nobody said that it was returned");
            }
            Record::VoidRefused { .. } => {
                assert!(self.is_voiding(), "I6: the refusal of nothing");
                let paid = |proof: &Proof| matches!(proof, Proof::Paid(_));
                assert!(self.proofs.iter().any(paid), "nobody said that it is still paid");
            }
            Record::Discrepancy { .. } => {
                assert!(settled && !self.is_voiding(), "I6: a contradiction of nothing");
            }
            Record::RefundIntent { .. }
            | Record::RefundParked { .. }
            | Record::RefundSettled { .. }
            | Record::RefundDiscrepancy { .. } => panic!("no record of a charge: {record:?}"),
        }
        self.storing = Some(record.clone());
    }

    fn check_settlement(&self, outcome: &Outcome) {
        match outcome {
            Outcome::Paid(payment) => {
                let proof = Proof::Paid(payment.clone());
                assert!(self.proofs.contains(&proof), "I3: nobody said that it was paid");
            }
            Outcome::NotCharged(_) | Outcome::Reversed(_) => assert!(
                !self.is_sent() || self.proofs.contains(&Proof::Negative),
                "I4: nobody said that it was not charged"
            ),
            Outcome::Unresolved(_) => panic!("an open end is no settlement"),
        }
    }

    fn ask(&mut self, request: &Request) {
        assert!(self.storing.is_none(), "I1: asked while an entry was being written");
        let settled = self.settled().is_some();
        // A contradiction is looked into all the same.
        let audits = settled && matches!(request, Request::Query { .. });
        assert!(!self.store_failed || audits, "I10: asked after the journal failed");
        match request {
            Request::Pay { .. } | Request::Precreate { .. } => {
                assert!(!self.durable.is_empty(), "I1: charged before it was recorded");
                self.charges_asked += 1;
                assert_eq!(self.charges_asked, 1, "I8: charged twice");
            }
            Request::Cancel { .. } => {
                self.cancels_asked += 1;
                assert!(self.cancels_asked <= self.cancel_intents(), "I1: a cancel without entry");
                let open = self.settled().is_none() || self.is_voiding();
                assert!(open, "I6: a cancel after the end");
            }
            Request::Query { .. } => {}
        }
    }

    fn finish(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Paid(_) => {
                assert_eq!(self.settled(), Some(outcome), "I3: paid before it was durable");
                assert!(!self.is_voiding() && !self.is_voided(), "I3: paid, and it is returned");
            }
            Outcome::Reversed(_) if self.is_voided() => {}
            Outcome::NotCharged(_) | Outcome::Reversed(_) => assert!(
                self.settled() == Some(outcome) || !self.is_sent(),
                "I4: not charged before it was durable"
            ),
            Outcome::Unresolved(_) => {
                let parked = self.durable.iter().any(|r| matches!(r, Record::Parked { .. }));
                assert!(parked || self.store_failed, "I7: unresolved, but not parked");
            }
        }
        self.finished.push(outcome.clone());
    }

    /// To be told when all effects of an event were taken.
    pub fn after(&mut self, now: Moment, charge: &Charge) {
        self.open.retain(|(_, gone)| *gone > now);
        assert!(self.open.len() <= ASKS_MAX, "I15: {} questions at once", self.open.len());
        if self.storing.is_some() {
            assert_eq!(charge.poll_timeout(), None, "I1: a timer runs while an entry is written");
            return;
        }
        let over = match charge.view().stage {
            Stage::Contradicted { .. } => true,
            Stage::Ended(_) => !charge.is_parked(),
            Stage::AwaitCode { .. }
            | Stage::Charging { .. }
            | Stage::Presenting { .. }
            | Stage::Confirming { .. }
            | Stage::Reversing { .. } => false,
        };
        assert!(over || charge.poll_timeout().is_some(), "I7: it waits for nothing: {charge:?}");
    }

    /// The charge itself stays small (I15).
    pub fn weigh(&self, charge: &Charge) {
        let text = format!("{charge:?}").len();
        assert!(text <= TEXT_MAX, "I15: the charge grew to {text} bytes of text");
    }
}

fn proof(result: &Result<Verdict, AskError>) -> Option<Proof> {
    match result {
        Ok(Verdict::Paid(payment)) if payment.returned == Returned::Everything => {
            Some(Proof::Negative)
        }
        Ok(Verdict::Paid(payment)) => Some(Proof::Paid(payment.clone())),
        Ok(Verdict::Declined(_) | Verdict::Reversed(_) | Verdict::NotFound)
        | Err(AskError::NotSent) => Some(Proof::Negative),
        Ok(Verdict::Presented { .. } | Verdict::Pending | Verdict::Unknown(_))
        | Err(AskError::MaybeSent | AskError::Garbled) => None,
    }
}
