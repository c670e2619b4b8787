//! The language of the rows: a refund in virtual time, what happens to it, and what it then wants
//! done, as short lines of text.

use cashier::id::{AskId, OrderId, RefundId};
use cashier::money::Fen;
use cashier::payment::record::{OpenRefund, RefundFound};
use cashier::payment::refunding::{RefundEffect, RefundEvent, RefundStage};
use cashier::payment::{
    AskError, Decline, Doubt, DoubtKind, Moment, Policy, Record, Refund, RefundOutcome,
    RefundVerdict, Refunding, Sale, Signal, StoreError, Timer, Why,
};

pub type Answer = Result<RefundVerdict, AskError>;

pub const LOST: Answer = Err(AskError::MaybeSent);
pub const GARBLED: Answer = Err(AskError::Garbled);
pub const NOT_SENT: Answer = Err(AskError::NotSent);
pub const IN_PROGRESS: Answer = Ok(RefundVerdict::InProgress);
pub const NOT_FOUND: Answer = Ok(RefundVerdict::NotFound);
pub const REFUNDED: Answer = Ok(RefundVerdict::Refunded { gateway_refund: None });

pub fn refused(why: Why) -> Answer {
    Ok(RefundVerdict::Refused(Decline::ours(why)))
}

pub fn unknown(kind: DoubtKind) -> Answer {
    Ok(RefundVerdict::Unknown(Doubt::of(kind)))
}

pub fn refund() -> Refund {
    Refund {
        id: RefundId::parse("R1").expect("a number"),
        sale: Sale {
            order: OrderId::parse("1763640000123ABCDEFGH").expect("an order id"),
            amount: Fen::new(1250),
            operator: "01".into(),
            subject: "coffee".into(),
        },
        amount: Fen::new(400),
        refunded_before: Fen::ZERO,
        gateway_order: None,
        subject: "coffee".into(),
    }
}

/// How much longer than the executor the machine waits for an answer.
const GRACE_MS: u64 = 2_000;

#[derive(Clone, Debug)]
struct Asked {
    ask: AskId,
    operation: &'static str,
    /// When the machine gives up on it.
    gone_ms: u64,
}

/// A refund, the time, and the questions that are open.
#[derive(Clone)]
pub struct Story {
    pub refunding: Refunding,
    now_ms: u64,
    open: Vec<Asked>,
    seen: Vec<String>,
}

impl Story {
    fn of(refunding: Refunding) -> Story {
        let mut story = Story { refunding, now_ms: 0, open: Vec::new(), seen: Vec::new() };
        story.drain();
        story
    }

    /// The intent is being written.
    pub fn recording() -> Story {
        Story::of(Refunding::begin(Moment::default(), refund(), Policy::default()))
    }

    /// It was applied for at 0 ms.
    pub fn applying() -> Story {
        Story::recording().stored().skip()
    }

    /// The apply gave no answer at 0 ms.
    pub fn confirming() -> Story {
        Story::applying().answers("refund", LOST).skip()
    }

    /// Given to the resolver at 0 ms: the wallet is uncertain.
    pub fn parked() -> Story {
        let uncertain = unknown(DoubtKind::WalletUncertain);
        Story::applying().answers("refund", uncertain).stored().skip()
    }

    /// Ended at 0 ms, with nothing left open.
    pub fn settled(answer: Answer) -> Story {
        Story::applying().answers("refund", answer).stored().skip()
    }

    /// Open when the process ended.
    pub fn restored(parked: Option<Option<Doubt>>) -> Story {
        let open = OpenRefund { refund: refund(), parked };
        Story::of(Refunding::restore(Moment::default(), open, Policy::default()))
    }

    pub fn at(mut self, ms: u64) -> Story {
        assert!(ms >= self.now_ms, "a story does not go back to {ms} ms");
        self.now_ms = ms;
        self
    }

    fn now(&self) -> Moment {
        Moment::from_ms(self.now_ms)
    }

    pub fn happens(mut self, event: RefundEvent) -> Story {
        self.refunding.handle(self.now(), event);
        self.drain();
        self
    }

    pub fn stored(self) -> Story {
        self.happens(RefundEvent::Stored(Ok(())))
    }

    pub fn journal_fails(self) -> Story {
        self.happens(RefundEvent::Stored(Err(StoreError)))
    }

    pub fn notified(self) -> Story {
        self.happens(RefundEvent::Notified)
    }

    /// The oldest open question of this operation is answered.
    #[track_caller]
    pub fn answers(mut self, operation: &str, result: Answer) -> Story {
        let at = self.open.iter().position(|asked| asked.operation == operation);
        let Some(at) = at else { panic!("no {operation} is open: {:?}", self.open) };
        let ask = self.open.remove(at).ask;
        self.happens(RefundEvent::Answered { ask, result })
    }

    /// The next timer is this one, at this time, and it fires.
    #[track_caller]
    pub fn wakes(self, ms: u64, timer: Timer) -> Story {
        self.waits_for(ms, timer).at(ms).catches_up()
    }

    /// Runs everything that is due by now.
    pub fn catches_up(mut self) -> Story {
        self.refunding.handle_timeout(self.now());
        self.open.retain(|asked| asked.gone_ms > self.now_ms);
        self.drain();
        self
    }

    /// Every query is answered so, at once, until this time; the journal works.
    pub fn queries_say_until(mut self, ms: u64, answer: &Answer) -> Story {
        loop {
            if self.seen.last().is_some_and(|last| last.starts_with("store")) {
                self = self.stored();
            } else if self.open.iter().any(|asked| asked.operation == "refund_query") {
                self = self.answers("refund_query", answer.clone());
            } else if let Some((at, _)) = self.next().filter(|(at, _)| *at <= ms) {
                let now = at.max(self.now_ms);
                self = self.at(now).catches_up();
            } else {
                return self.at(ms);
            }
        }
    }

    pub fn next(&self) -> Option<(u64, Timer)> {
        let ms = |at: Moment| u64::try_from(at.since_start().as_millis()).expect("fits");
        self.refunding.poll_timeout().map(|(at, timer)| (ms(at), timer))
    }

    #[track_caller]
    pub fn waits_for(self, ms: u64, timer: Timer) -> Story {
        assert_eq!(self.next(), Some((ms, timer)));
        self
    }

    /// Exactly these effects, in this order, since the last look.
    #[track_caller]
    pub fn expect<const N: usize>(mut self, effects: [&str; N]) -> Story {
        assert_eq!(self.seen, effects, "at {} ms", self.now_ms);
        self.seen.clear();
        self
    }

    #[track_caller]
    pub fn expect_nothing(self) -> Story {
        self.expect([])
    }

    pub fn skip(mut self) -> Story {
        self.seen.clear();
        self
    }

    /// How often this stands among the effects since the last look.
    pub fn count(&self, effect: &str) -> usize {
        self.seen.iter().filter(|seen| *seen == effect).count()
    }

    /// The last effect.
    pub fn last(&self) -> &str {
        self.seen.last().map_or("", String::as_str)
    }

    #[track_caller]
    pub fn shows(self, stage: &str) -> Story {
        assert_eq!(stage_name(&self.refunding.view().stage), stage);
        self
    }

    #[track_caller]
    pub fn and_nothing_more(self) -> Story {
        assert!(self.refunding.is_done(), "{:?}", self.refunding);
        self
    }

    fn drain(&mut self) {
        while let Some(effect) = self.refunding.poll_effect() {
            if let RefundEffect::Ask { ask, request, timeout } = &effect {
                let timeout_ms = u64::try_from(timeout.as_millis()).expect("fits");
                let gone_ms = self.now_ms + timeout_ms + GRACE_MS;
                self.open.push(Asked { ask: *ask, operation: request.operation(), gone_ms });
                assert_eq!(request.refund(), &refund(), "I2: a retry says the same");
            }
            self.seen.push(line(&effect));
        }
    }
}

fn line(effect: &RefundEffect) -> String {
    match effect {
        RefundEffect::Store(record) => format!("store {}", record_line(record)),
        RefundEffect::Ask { request, .. } => format!("ask {}", request.operation()),
        RefundEffect::Show => "show".to_owned(),
        RefundEffect::Signal(signal) => format!("signal {}", signal_name(*signal)),
        RefundEffect::Finish(outcome) => format!("finish {}", outcome_line(outcome)),
    }
}

fn signal_name(signal: Signal) -> &'static str {
    match signal {
        Signal::Accepted => "accepted",
        Signal::Paid => "paid",
        Signal::Refunded => "refunded",
        Signal::NotCharged => "not_charged",
        Signal::Unresolved => "unresolved",
        Signal::Alarm => "alarm",
    }
}

fn record_line(record: &Record) -> String {
    match record {
        Record::RefundIntent { refund } => format!("intent {}", refund.id),
        Record::RefundParked { doubt: None, .. } => "parked: refunding".to_owned(),
        Record::RefundParked { doubt: Some(doubt), .. } => format!("parked: {}", doubt.kind.name()),
        Record::RefundSettled { outcome, .. } => format!("settled {}", outcome_line(outcome)),
        Record::RefundDiscrepancy { found: RefundFound::Refunded, .. } => {
            "discrepancy: refunded".to_owned()
        }
        Record::RefundDiscrepancy { found: RefundFound::NotRefunded(_), .. } => {
            "discrepancy: not refunded".to_owned()
        }
        Record::Opened { .. }
        | Record::CancelIntent { .. }
        | Record::Parked { .. }
        | Record::Settled { .. }
        | Record::VoidIntent { .. }
        | Record::Voided { .. }
        | Record::VoidRefused { .. }
        | Record::Discrepancy { .. } => panic!("no record of a refund: {record:?}"),
    }
}

fn outcome_line(outcome: &RefundOutcome) -> String {
    match outcome {
        RefundOutcome::Refunded { .. } => "refunded".to_owned(),
        RefundOutcome::Refused(decline) => format!("refused: {}", decline.why.name()),
        RefundOutcome::Refunding => "refunding".to_owned(),
        RefundOutcome::Unresolved(doubt) => format!("unresolved: {}", doubt.kind.name()),
    }
}

fn stage_name(stage: &RefundStage) -> String {
    match stage {
        RefundStage::Applying { .. } => "applying".to_owned(),
        RefundStage::Confirming { .. } => "confirming".to_owned(),
        RefundStage::Ended(outcome) => outcome_line(outcome),
        RefundStage::Contradicted { outcome, .. } => {
            format!("contradicted {}", outcome_line(outcome))
        }
    }
}
