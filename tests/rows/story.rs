//! The language of the rows: a charge in virtual time, what happens to it, and what it then wants
//! done, as short lines of text.

use cashier::id::{AskId, OrderId};
use cashier::money::Fen;
use cashier::payment::record::{Direction, Found, OpenCharge};
use cashier::payment::view::Stage;
use cashier::payment::{
    AskError, Channel, Charge, CodeKind, CodeRules, Decline, Doubt, DoubtKind, Effect, Event,
    Moment, Outcome, Payment, PaymentCode, Policy, Record, Sale, Signal, StoreError, Timer,
    Verdict, Why,
};

pub use cashier::payment::outcome::Returned;

pub type Answer = Result<Verdict, AskError>;

pub const LOST: Answer = Err(AskError::MaybeSent);
pub const GARBLED: Answer = Err(AskError::Garbled);
pub const NOT_SENT: Answer = Err(AskError::NotSent);
pub const PENDING: Answer = Ok(Verdict::Pending);
pub const NOT_FOUND: Answer = Ok(Verdict::NotFound);

pub fn payment(returned: Returned) -> Payment {
    Payment {
        amount: Fen::new(1250),
        channel: Channel::Alipay,
        gateway_order: Some("7894259244061958".into()),
        trade_no: None,
        returned,
    }
}

pub fn paid() -> Answer {
    Ok(Verdict::Paid(payment(Returned::Nothing)))
}

pub fn paid_and(returned: Returned) -> Answer {
    Ok(Verdict::Paid(payment(returned)))
}

pub fn declined(why: Why) -> Answer {
    Ok(Verdict::Declined(Decline::ours(why)))
}

pub fn reversed() -> Answer {
    Ok(Verdict::Reversed(Decline::ours(Why::TradeClosed)))
}

pub fn unknown(kind: DoubtKind) -> Answer {
    Ok(Verdict::Unknown(Doubt::of(kind)))
}

pub fn presented() -> Answer {
    Ok(Verdict::Presented { qr: "https://qr.example/1".into(), gateway_order: None })
}

pub fn sale() -> Sale {
    Sale {
        order: OrderId::parse("1763640000123ABCDEFGH").expect("an order id"),
        amount: Fen::new(1250),
        operator: "01".into(),
        subject: "coffee".into(),
    }
}

pub fn code(text: &str) -> PaymentCode {
    CodeRules::default().parse(text, CodeKind::Barcode).expect("a payment code")
}

/// How much longer than the executor the machine waits for an answer.
const GRACE_MS: u64 = 2_000;

pub const ALIPAY_CODE: &str = "286512345678901234";

pub fn scan_direction() -> Direction {
    let code = code(ALIPAY_CODE);
    Direction::Scan { kind: code.kind(), masked: code.masked(), channel: code.channel().clone() }
}

pub fn open(cancels: u32) -> OpenCharge {
    let direction = scan_direction();
    OpenCharge { sale: sale(), direction, cancels, parked: None, paid: None }
}

#[derive(Clone, Debug)]
struct Asked {
    ask: AskId,
    operation: &'static str,
    /// When the machine gives up on it.
    gone_ms: u64,
}

/// A charge, the time, and the questions that are open.
#[derive(Clone)]
pub struct Story {
    pub charge: Charge,
    now_ms: u64,
    open: Vec<Asked>,
    answered: Vec<Asked>,
    /// The effects that no row has looked at yet.
    seen: Vec<String>,
}

impl Story {
    pub fn of(charge: Charge) -> Story {
        let mut story =
            Story { charge, now_ms: 0, open: Vec::new(), answered: Vec::new(), seen: Vec::new() };
        story.drain();
        story
    }

    /// A sale that waits for the customer's code.
    pub fn awaiting_code() -> Story {
        Story::of(Charge::await_code(Moment::default(), sale(), Policy::default())).skip()
    }

    /// A code was scanned, and the entry is being written.
    pub fn recording() -> Story {
        Story::awaiting_code().scans(ALIPAY_CODE).skip()
    }

    /// The pay call was sent at 0 ms.
    pub fn charging() -> Story {
        Story::recording().stored().skip()
    }

    /// A QR is to be made, and the entry is being written.
    pub fn recording_qr() -> Story {
        Story::of(Charge::present(Moment::default(), sale(), Channel::Wechat, Policy::default()))
    }

    /// The precreate was sent at 0 ms.
    pub fn fetching_qr() -> Story {
        Story::recording_qr().stored().skip()
    }

    /// The QR is shown since 0 ms.
    pub fn presenting() -> Story {
        Story::fetching_qr().answers("precreate", presented()).skip()
    }

    /// The pay call gave no answer at 0 ms.
    pub fn confirming() -> Story {
        Story::charging().answers("pay", LOST).skip()
    }

    /// The cashier pressed the cancel key at 0 ms; the first query is out, and so is the pay call.
    pub fn reversing() -> Story {
        Story::charging().cancel_key().skip()
    }

    /// As [`Story::reversing`]; the cancel is being recorded.
    pub fn recording_cancel() -> Story {
        Story::reversing().answers("query", PENDING).skip()
    }

    /// As [`Story::reversing`]; the cancel is out.
    pub fn cancelling() -> Story {
        Story::recording_cancel().stored().skip()
    }

    /// As [`Story::reversing`]; the cancel was answered so, and the second query is out.
    pub fn cancelled(answer: Answer) -> Story {
        Story::cancelling().answers("cancel", answer).skip()
    }

    /// Given to the resolver at 30 s, with no answer to anything.
    pub fn parked() -> Story {
        Story::cancelled(LOST).at(30_000).catches_up().stored().skip()
    }

    /// Paid at 0 ms, with nothing left open.
    pub fn settled_paid() -> Story {
        Story::charging().answers("pay", paid()).stored().skip()
    }

    /// Declined at 0 ms, with nothing left open.
    pub fn settled_not_charged() -> Story {
        Story::charging().answers("pay", declined(Why::CodeExpired)).stored().skip()
    }

    /// Open when the process ended.
    pub fn restored(cancels: u32) -> Story {
        Story::of(Charge::restore(Moment::default(), open(cancels), Policy::default()))
    }

    /// The return of a payment was asked for at 0 ms, after so many cancels of the charge.
    pub fn voiding(cancels: u32) -> Story {
        let payment = payment(Returned::Nothing);
        Story::of(Charge::void(Moment::default(), open(cancels), payment, Policy::default()))
    }

    /// As [`Story::voiding`]; the order is paid, and the cancel is being recorded.
    pub fn recording_void() -> Story {
        Story::voiding(0).at(0).catches_up().answers("query", paid()).skip()
    }

    /// As [`Story::voiding`]; the cancel was answered so, and the second query is out.
    pub fn voided(answer: Answer) -> Story {
        Story::recording_void().stored().answers("cancel", answer).skip()
    }

    /// A void was open when the process ended.
    pub fn restored_void(cancels: u32) -> Story {
        let open = OpenCharge { paid: Some(payment(Returned::Nothing)), ..open(cancels) };
        Story::of(Charge::restore(Moment::default(), open, Policy::default()))
    }

    /// A QR was open when the process ended.
    pub fn restored_qr() -> Story {
        let direction = Direction::Present { channel: Channel::Wechat };
        let open = OpenCharge { direction, ..open(0) };
        Story::of(Charge::restore(Moment::default(), open, Policy::default()))
    }

    /// The time is now this many milliseconds after the start.
    pub fn at(mut self, ms: u64) -> Story {
        assert!(ms >= self.now_ms, "a story does not go back to {ms} ms");
        self.now_ms = ms;
        self
    }

    pub fn now_ms(&self) -> u64 {
        self.now_ms
    }

    fn now(&self) -> Moment {
        Moment::from_ms(self.now_ms)
    }

    pub fn happens(mut self, event: Event) -> Story {
        self.charge.handle(self.now(), event);
        self.drain();
        self
    }

    pub fn scans(self, text: &str) -> Story {
        self.happens(Event::Scanned(code(text)))
    }

    pub fn stored(self) -> Story {
        self.happens(Event::Stored(Ok(())))
    }

    pub fn journal_fails(self) -> Story {
        self.happens(Event::Stored(Err(StoreError)))
    }

    pub fn notified(self) -> Story {
        self.happens(Event::Notified)
    }

    pub fn cancel_key(self) -> Story {
        self.happens(Event::CancelPressed)
    }

    /// The oldest open question of this operation is answered.
    #[track_caller]
    pub fn answers(self, operation: &str, result: Answer) -> Story {
        let at = self.open.iter().position(|asked| asked.operation == operation);
        self.answers_at(at, result)
    }

    /// The newest open question of this operation is answered.
    #[track_caller]
    pub fn answers_newest(self, operation: &str, result: Answer) -> Story {
        let at = self.open.iter().rposition(|asked| asked.operation == operation);
        self.answers_at(at, result)
    }

    #[track_caller]
    fn answers_at(mut self, at: Option<usize>, result: Answer) -> Story {
        let Some(at) = at else { panic!("no such question is open: {:?}", self.open) };
        let asked = self.open.remove(at);
        let ask = asked.ask;
        self.answered.push(asked);
        self.happens(Event::Answered { ask, result })
    }

    /// A question that was answered is answered once more.
    #[track_caller]
    pub fn answers_again(self, operation: &str, result: Answer) -> Story {
        let asked = self.answered.iter().find(|asked| asked.operation == operation);
        let Some(ask) = asked.map(|asked| asked.ask) else { panic!("no {operation} was answered") };
        self.happens(Event::Answered { ask, result })
    }

    /// The next timer is this one, at this time, and it fires.
    #[track_caller]
    pub fn wakes(self, ms: u64, timer: Timer) -> Story {
        self.waits_for(ms, timer).at(ms).catches_up()
    }

    /// Runs everything that is due by now.
    pub fn catches_up(mut self) -> Story {
        self.charge.handle_timeout(self.now());
        self.open.retain(|asked| asked.gone_ms > self.now_ms);
        self.drain();
        self
    }

    /// The gateway is silent until this time; the journal works.
    pub fn silence_until(mut self, ms: u64) -> Story {
        while let Some((at, _)) = self.next().filter(|(at, _)| *at <= ms) {
            self = self.at(at).catches_up();
            if self.seen.last().is_some_and(|last| last.starts_with("store")) {
                self = self.stored();
            }
        }
        self.at(ms)
    }

    /// The next timer, and when in milliseconds.
    pub fn next(&self) -> Option<(u64, Timer)> {
        let ms = |at: Moment| u64::try_from(at.since_start().as_millis()).expect("fits");
        self.charge.poll_timeout().map(|(at, timer)| (ms(at), timer))
    }

    /// The next timer is this one, at this time.
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

    /// Nothing at all happens.
    #[track_caller]
    pub fn expect_nothing(self) -> Story {
        self.expect([])
    }

    /// The effects so far were looked at elsewhere.
    pub fn skip(mut self) -> Story {
        self.seen.clear();
        self
    }

    /// The effects since the last look, on one line.
    pub fn effects(&self) -> String {
        self.seen.join(", ")
    }

    /// The questions that are open, oldest first.
    pub fn open(&self) -> Vec<&'static str> {
        self.open.iter().map(|asked| asked.operation).collect()
    }

    #[track_caller]
    pub fn shows(self, stage: &str) -> Story {
        assert_eq!(stage_name(&self.charge.view().stage), stage);
        self
    }

    fn drain(&mut self) {
        while let Some(effect) = self.charge.poll_effect() {
            if let Effect::Ask { ask, request, timeout } = &effect {
                let timeout_ms = u64::try_from(timeout.as_millis()).expect("fits");
                let gone_ms = self.now_ms + timeout_ms + GRACE_MS;
                self.open.push(Asked { ask: *ask, operation: request.operation(), gone_ms });
            }
            self.seen.push(line(&effect));
        }
    }
}

/// An effect on one line.
pub fn line(effect: &Effect) -> String {
    match effect {
        Effect::Store(record) => format!("store {}", record_line(record)),
        Effect::Ask { request, .. } => format!("ask {}", request.operation()),
        Effect::Show => "show".to_owned(),
        Effect::Signal(signal) => format!("signal {}", signal_name(*signal)),
        Effect::Print(_) => "print".to_owned(),
        Effect::Finish(outcome) => format!("finish {}", outcome_line(outcome)),
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
        Record::Opened { .. } => "opened".to_owned(),
        Record::CancelIntent { attempt, why, .. } => {
            format!("cancel {attempt}: {}", why.why.name())
        }
        Record::Parked { doubt, .. } => format!("parked: {}", doubt.kind.name()),
        Record::Settled { outcome, .. } => format!("settled {}", outcome_line(outcome)),
        Record::VoidIntent { attempt, .. } => format!("void {attempt}"),
        Record::Voided { .. } => "voided".to_owned(),
        Record::VoidRefused { why, .. } => format!("void refused: {}", why.why.name()),
        Record::Discrepancy { found: Found::Paid(_), .. } => "discrepancy: paid".to_owned(),
        Record::Discrepancy { found: Found::NotPaid(_), .. } => "discrepancy: not paid".to_owned(),
        Record::RefundIntent { .. }
        | Record::RefundParked { .. }
        | Record::RefundSettled { .. }
        | Record::RefundDiscrepancy { .. } => panic!("no record of a charge: {record:?}"),
    }
}

fn outcome_line(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Paid(_) => "paid".to_owned(),
        Outcome::NotCharged(decline) => format!("not charged: {}", decline.why.name()),
        Outcome::Reversed(decline) => format!("reversed: {}", decline.why.name()),
        Outcome::Unresolved(doubt) => format!("unresolved: {}", doubt.kind.name()),
    }
}

fn stage_name(stage: &Stage) -> String {
    match stage {
        Stage::AwaitCode { .. } => "await code".to_owned(),
        Stage::Charging { .. } => "charging".to_owned(),
        Stage::Presenting { qr: None, .. } => "fetching the QR".to_owned(),
        Stage::Presenting { qr: Some(_), .. } => "presenting".to_owned(),
        Stage::Confirming { .. } => "confirming".to_owned(),
        Stage::Reversing { .. } => "reversing".to_owned(),
        Stage::Ended(outcome) => outcome_line(outcome),
        Stage::Contradicted { outcome, .. } => format!("contradicted {}", outcome_line(outcome)),
    }
}
