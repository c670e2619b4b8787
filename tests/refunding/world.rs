//! Seeded stories: a cashier gives back parts of one payment, again and again, over a network that
//! loses and delays, to a gateway that takes its time, with a disk that fails and power that goes.
//!
//! At every step: nothing is sent without an intent (I1), no number is used for two amounts (I2),
//! what is said to be certain is (I3, I4), and no more goes back than was paid (I12). In the end
//! everything is settled (I7), and the books agree (I20).

#[path = "../sim/world/fate.rs"]
mod fate;

mod books;

use super::gateway::{Gateway, Manners, PAID_FEN};
use super::story::refund as a_refund;
use cashier::id::{AskId, RefundId};
use cashier::money::Fen;
use cashier::payment::{
    AskError, Doubt, DoubtKind, Policy, Record, Refund, RefundEffect, RefundEvent, RefundOutcome,
    RefundRequest, RefundVerdict, Refunding, StoreError,
};
use fate::{Fate, Writing, from_env};
use std::collections::BTreeMap;

/// Seeds that a test run tries; `CASHIER_SIM_RUNS` asks for more.
const RUNS: u64 = 10_000;
const IN_FLIGHT_MS: u64 = 80_000;
const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;
/// More than any refund needs once the faults have stopped (I7).
const STEPS_MAX: u32 = 400;

type Answer = Result<RefundVerdict, AskError>;

#[derive(Clone, Debug)]
enum What {
    Cashier,
    Notify,
    Arrives { process: u32, ask: AskId, request: RefundRequest, answers: bool },
    Answer { process: u32, refund: RefundId, ask: AskId, result: Answer },
    Stored { process: u32, failed: bool, durable: bool },
    Start,
}

struct World {
    fate: Fate<What>,
    refunding: Option<Refunding>,
    /// Power is off.
    down: bool,
    gateway: Gateway,
    /// What the journal acknowledged, or was found to hold after a cut.
    durable: Vec<Record>,
    writing: Option<Record>,
    /// The executor's open asks of this process.
    open: Vec<AskId>,
    refunds: u32,
    seen: BTreeMap<&'static str, u64>,
}

impl World {
    fn new(seed: u64, traced: bool) -> World {
        let mut fate = Fate::new(seed, traced);
        let rng = &mut fate.rng;
        let manners = Manners { only_accepts: rng.percent(50), tells_the_sum: rng.percent(50) };
        fate.faults_until_ms = rng.up_to(600_000);
        World {
            fate,
            refunding: None,
            down: false,
            gateway: Gateway::new(manners),
            durable: Vec::new(),
            writing: None,
            open: Vec::new(),
            refunds: 0,
            seen: BTreeMap::new(),
        }
    }

    fn saw(&mut self, what: &'static str) {
        *self.seen.entry(what).or_default() += 1;
    }

    fn run(&mut self) {
        for _ in 0..4 {
            let at = self.fate.rng.up_to(400_000);
            self.fate.after(at, What::Cashier);
        }
        for _ in 0..3 {
            let at = self.fate.rng.up_to(800_000);
            self.fate.after(at, What::Notify);
        }
        let mut steps = 0;
        while let Some(at) = self.next_at() {
            self.fate.now_ms = self.fate.now_ms.max(at);
            self.gateway.tick(self.fate.now_ms);
            self.step();
            let given = self.gateway.given_back_fen();
            assert!(given <= PAID_FEN, "I12: {given} fen of {PAID_FEN} went back");
            if self.fate.now_ms > self.fate.faults_until_ms + 400_000 {
                steps += 1;
                assert!(steps <= STEPS_MAX, "I7: {steps} steps, and no end: {:?}", self.refunding);
            }
            assert!(self.fate.now_ms < 3 * DAY_MS, "I7: it does not end: {:?}", self.refunding);
        }
        self.balance();
    }

    fn next_at(&self) -> Option<u64> {
        let timer = self.refunding.as_ref().and_then(Refunding::poll_timeout);
        self.fate.next_at(timer.map(|(at, _)| at))
    }

    fn step(&mut self) {
        if let Some(what) = self.fate.happens() {
            return self.happen(what);
        }
        self.fate.dawdle();
        let now = self.fate.moment();
        if let Some(refunding) = &mut self.refunding {
            refunding.handle_timeout(now);
        }
        self.effects();
    }

    fn happen(&mut self, what: What) {
        match what {
            What::Cashier => self.cashier(),
            What::Notify => self.tell(RefundEvent::Notified),
            What::Arrives { process, ask, request, answers } => {
                self.arrives(process, ask, &request, answers);
            }
            What::Answer { process, refund, ask, result } => {
                let alive = self.refunding.as_ref().map(|refunding| &refunding.refund().id);
                let ours = process == self.fate.process && alive == Some(&refund);
                let open = self.open.iter().position(|open| *open == ask);
                if let (true, Some(at)) = (ours, open) {
                    self.open.swap_remove(at);
                    self.tell(RefundEvent::Answered { ask, result });
                }
            }
            What::Stored { process, failed, durable } => {
                if process == self.fate.process && !self.down {
                    self.stored(failed, durable);
                }
            }
            What::Start => self.start(),
        }
    }

    /// The cashier gives back some of what is left, once nothing is open.
    fn cashier(&mut self) {
        let rest = PAID_FEN - self.refunded_fen();
        let busy = self.refunding.as_ref().is_some_and(|refunding| !refunding.is_done());
        if self.down || busy || rest == 0 {
            return;
        }
        let most = u64::try_from(rest).expect("fits");
        let fen = if self.fate.rng.percent(20) { most } else { 1 + self.fate.rng.up_to(most - 1) };
        self.refunds += 1;
        let refund = Refund {
            id: RefundId::parse(&format!("R{}", self.refunds)).expect("a number"),
            amount: Fen::new(i64::try_from(fen).expect("fits")),
            refunded_before: Fen::new(self.refunded_fen()),
            ..a_refund()
        };
        self.open.clear();
        let refunding = Refunding::begin(self.fate.moment(), refund, Policy::default());
        self.refunding = Some(refunding);
        self.effects();
    }

    fn tell(&mut self, event: RefundEvent) {
        let now = self.fate.moment();
        let Some(refunding) = &mut self.refunding else { return };
        refunding.handle(now, event);
        self.effects();
    }

    fn effects(&mut self) {
        while let Some(effect) = self.refunding.as_mut().and_then(Refunding::poll_effect) {
            self.fate.note(|| format!("    {effect:?}"));
            match effect {
                RefundEffect::Store(record) => self.store(record),
                RefundEffect::Ask { ask, request, .. } => self.ask(ask, request),
                RefundEffect::Show => self.shown(),
                RefundEffect::Finish(outcome) => self.finished(&outcome),
                RefundEffect::Signal(_) => {}
            }
            if self.fate.fault(2) {
                return self.cut();
            }
        }
        let text = format!("{:?}", self.refunding);
        assert!(text.len() < 8_000 && self.open.len() <= 6, "I15: it grows");
    }

    fn store(&mut self, record: Record) {
        assert!(self.writing.is_none(), "two entries at once");
        self.writing = Some(record);
        let Writing { failed, durable, took_ms } = self.fate.writing();
        self.fate.after(took_ms, What::Stored { process: self.fate.process, failed, durable });
    }

    fn stored(&mut self, failed: bool, durable: bool) {
        let record = self.writing.take();
        if !failed {
            self.keep(record);
            return self.tell(RefundEvent::Stored(Ok(())));
        }
        self.tell(RefundEvent::Stored(Err(StoreError)));
        // The clerk restarts a terminal whose journal failed (I10).
        let record = record.filter(|_| durable);
        self.keep(record);
        self.cut();
    }

    fn keep(&mut self, record: Option<Record>) {
        let Some(record) = record else { return };
        if let Record::RefundIntent { refund } = &record {
            assert!(self.open_refund().is_none(), "I12: two refunds at once");
            assert!(refund.amount.get() <= PAID_FEN - self.refunded_fen(), "I12");
        }
        self.durable.push(record);
    }

    fn ask(&mut self, ask: AskId, request: RefundRequest) {
        let intended = self.durable.iter().any(|record| match record {
            Record::RefundIntent { refund } => refund == request.refund(),
            _ => false,
        });
        assert!(
            intended && self.writing.is_none(),
            "I1, I2: asked without its intent: {request:?}"
        );
        if let RefundRequest::Apply(refund) = &request {
            assert!(self.end_of(&refund.id).is_none(), "I6: applied for after its end");
            self.saw("apply");
        }
        self.open.push(ask);
        let (process, refund) = (self.fate.process, request.refund().id.clone());
        if self.fate.fault(15) {
            let result = Err(AskError::NotSent);
            return self.fate.after(1, What::Answer { process, refund, ask, result });
        }
        // What the executor gives up on has perhaps left all the same.
        let lost = self.fate.fault(40);
        if self.fate.fault(25) || lost {
            let result = Err(AskError::MaybeSent);
            let gives_up_ms = self.fate.rng.up_to(10_000);
            self.fate.after(gives_up_ms, What::Answer { process, refund, ask, result });
        }
        if !lost {
            let late = self.fate.fault(30);
            let takes_ms = self.fate.rng.up_to(if late { IN_FLIGHT_MS - 1 } else { 400 });
            let answers = !self.fate.fault(30);
            self.fate.after(takes_ms, What::Arrives { process, ask, request, answers });
        }
    }

    fn arrives(&mut self, process: u32, ask: AskId, request: &RefundRequest, answers: bool) {
        let verdict = match request {
            RefundRequest::Apply(refund) => {
                let slow = self.fate.rng.percent(30);
                let lasts_ms = if slow { self.fate.rng.up_to(6 * HOUR_MS) } else { 0 };
                let fails = self.fate.rng.percent(15);
                self.gateway.apply(refund, self.fate.now_ms, lasts_ms, fails)
            }
            RefundRequest::Query(refund) => self.gateway.query(refund),
        };
        let fault = self.fate.fault(20);
        let result = if fault {
            Ok(RefundVerdict::Unknown(Doubt::of(DoubtKind::GatewayFault)))
        } else if self.fate.fault(10) {
            Err(AskError::Garbled)
        } else {
            Ok(verdict)
        };
        let takes_ms = self.fate.rng.up_to(300);
        let result = if answers { result } else { Err(AskError::MaybeSent) };
        let refund = request.refund().id.clone();
        self.fate.after(takes_ms, What::Answer { process, refund, ask, result });
    }

    /// What is shown as certain is durable (I3, I9).
    fn finished(&mut self, outcome: &RefundOutcome) {
        let Some(id) = self.refunding.as_ref().map(|it| it.refund().id.clone()) else { return };
        self.saw(outcome.name());
        if outcome.is_final() {
            let intended = self.durable.iter().any(|record| match record {
                Record::RefundIntent { refund } => refund.id == id,
                _ => false,
            });
            assert!(!intended || self.end_of(&id) == Some(outcome), "I3: {id} {outcome:?}");
        }
    }

    fn shown(&mut self) {
        let Some(refunding) = &self.refunding else { return };
        let halted = refunding.is_unresolved() && !refunding.is_parked();
        if let cashier::payment::refunding::RefundStage::Contradicted { .. } =
            refunding.view().stage
        {
            panic!("I6: an honest gateway was contradicted");
        }
        if halted {
            self.saw("halted");
        }
    }

    fn cut(&mut self) {
        if self.down {
            return;
        }
        self.fate.note(|| "cut".to_owned());
        self.saw("cut");
        self.down = true;
        self.refunding = None;
        self.open.clear();
        let found = self.writing.take().filter(|_| self.fate.rng.percent(50));
        self.keep(found);
        let down_ms = self.fate.down_ms();
        self.fate.after(down_ms, What::Start);
    }

    fn start(&mut self) {
        self.down = false;
        self.fate.starts();
        if let Some(open) = self.open_refund() {
            self.saw("restored");
            self.refunding = Some(Refunding::restore(self.fate.moment(), open, Policy::default()));
            self.effects();
        }
    }
}

#[test]
fn whatever_fails_the_books_of_refunds_agree_in_the_end() {
    if let Some(seed) = from_env("CASHIER_SIM_SEED") {
        return World::new(seed, true).run();
    }
    let runs = from_env("CASHIER_SIM_RUNS").unwrap_or(RUNS);
    let mut seen: BTreeMap<&'static str, u64> = BTreeMap::new();
    for seed in 0..runs {
        let mut world = World::new(seed, false);
        world.run();
        for (what, count) in &world.seen {
            *seen.entry(what).or_default() += count;
        }
    }
    println!("{runs} runs: {seen:#?}");
    let expected =
        ["apply", "refunded", "refused", "refunding", "unresolved", "cut", "restored", "halted"];
    for what in expected {
        assert!(runs < RUNS || seen.contains_key(what), "no run came to {what:?}: {seen:#?}");
    }
}
