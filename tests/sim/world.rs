//! Seeded stories: terminal × gateway × network × disk × power × people.
//!
//! What may happen while faults last: a request does not leave, is lost, or comes up to
//! `in_flight_max` late, overtaking others; a gateway that answers with a fault and carries the
//! request out all the same, at once or later; an answer that is lost, garbled, late or doubled; an
//! executor that forgets to give up; an entry that fails, durable or not; power that goes at any
//! effect, and with it an entry that may be durable. TLS keeps the network from sending a cancel
//! twice, so nothing here does.

mod fate;
mod outside;
mod runs;
mod taken_up;

pub use fate::from_env;
pub use taken_up::{recover, refused_to_return};

use super::gateway::{Gateway, Manners, Order};
use super::watch::Watch;
use cashier::id::{AskId, OrderId};
use cashier::money::Fen;
use cashier::payment::view::Stage;
use cashier::payment::{
    AskError, Channel, Charge, CodeKind, CodeRules, Doubt, DoubtKind, Effect, Event, Outcome,
    Policy, Record, Sale, StoreError, Verdict,
};
use fate::{Fate, Writing};
use std::time::Duration;

const IN_FLIGHT_MS: u64 = 80_000;
const HOUR_MS: u64 = 3_600_000;
/// More than any charge needs once the faults have stopped (I7).
const STEPS_MAX: u32 = 600;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Charge,
    Query,
    Cancel,
}

#[derive(Clone, Debug)]
enum What {
    Scan,
    CancelKey,
    Notify,
    /// Somebody wants the payment returned.
    Void,
    Customer(Customer),
    Arrives {
        process: u32,
        ask: AskId,
        operation: Operation,
        answers: bool,
    },
    HoldEnds {
        process: u32,
        ask: AskId,
    },
    Answer {
        process: u32,
        ask: AskId,
        result: Result<Verdict, AskError>,
        again: bool,
    },
    Stored {
        process: u32,
        result: Result<(), StoreError>,
        durable: bool,
    },
    Cut,
    Start,
}

#[derive(Clone, Copy, Debug)]
enum Customer {
    Pays,
    Fails,
    Uncertain,
    ClearsUp,
}

struct World {
    fate: Fate<What>,
    policy: Policy,
    charge: Option<Charge>,
    presents: bool,
    watch: Watch,
    writing: Option<Record>,
    gateway: Gateway,
    /// The customer's answer is waited for with this call open.
    held: Option<(u32, AskId)>,
    holds: bool,
    qr_seen: bool,
    open: Vec<AskId>,
    was_parked: bool,
    voids: u32,
}

pub fn sale() -> Sale {
    Sale {
        order: OrderId::parse("1763640000123ABCDEFGH").expect("an order id"),
        amount: Fen::new(1250),
        operator: "01".into(),
        subject: "coffee".into(),
    }
}

impl World {
    fn new(seed: u64, traced: bool) -> World {
        let mut fate = Fate::new(seed, traced);
        let rng = &mut fate.rng;
        let presents = rng.percent(40);
        // A QR may be shown for a shorter time than it can be paid.
        let shown_s = if rng.percent(30) { 5 + rng.up_to(230) } else { 240 };
        let policy = Policy {
            present_budget: Duration::from_secs(shown_s),
            confirm_budget: Duration::from_secs(5 + rng.up_to(60)),
            reverse_budget: Duration::from_secs(5 + rng.up_to(60)),
            charge_timeout: Duration::from_secs(20 + rng.up_to(65)),
            resolve_max: Duration::from_secs(60 + rng.up_to(540)),
            ..Policy::default()
        };
        let life_ms = if presents { 240_000 } else { 80_000 };
        let manners = Manners {
            accepts_cancel_of_nothing: rng.percent(40),
            keeps_paid: rng.percent(30),
            forgets_unscanned: rng.percent(40),
            // The QR of a gateway that forgets lives as long as it says.
            closes_after_ms: (presents || rng.percent(50)).then_some(life_ms),
        };
        let holds = rng.percent(50);
        fate.faults_until_ms = if rng.percent(10) { 0 } else { rng.up_to(400_000) };
        World {
            fate,
            policy,
            charge: None,
            presents,
            watch: Watch::default(),
            writing: None,
            gateway: Gateway::new(manners, presents),
            held: None,
            holds,
            qr_seen: false,
            open: Vec::new(),
            was_parked: false,
            voids: 0,
        }
    }

    fn run(&mut self) {
        let now = self.fate.moment();
        self.charge = Some(if self.presents && self.fate.rng.percent(30) {
            Charge::hand_out(now, sale(), Channel::Wechat, self.policy.clone())
        } else if self.presents {
            Charge::present(now, sale(), Channel::Wechat, self.policy.clone())
        } else {
            let scan_ms = self.fate.rng.up_to(61_000);
            self.fate.after(scan_ms, What::Scan);
            Charge::await_code(now, sale(), self.policy.clone())
        });
        for _ in 0..self.fate.rng.up_to(2) {
            let at = self.fate.rng.up_to(200_000);
            self.fate.after(at, What::CancelKey);
            self.fate.after(at + 100, What::CancelKey);
        }
        for _ in 0..self.fate.rng.up_to(4) {
            let at = self.fate.rng.up_to(600_000);
            self.fate.after(at, What::Notify);
        }
        if self.fate.fault(50) {
            let at = self.fate.rng.up_to(300_000);
            self.fate.after(at, What::Cut);
        }
        for _ in 0..self.fate.rng.up_to(3) {
            let at = self.fate.rng.up_to(700_000);
            self.fate.after(at, What::Void);
        }
        self.effects();
        let mut steps = 0;
        while let Some(at) = self.next_at() {
            let open = self.is_open();
            if !open && at > self.fate.faults_until_ms + 2 * HOUR_MS {
                break;
            }
            self.fate.now_ms = self.fate.now_ms.max(at);
            self.gateway.tick(self.fate.now_ms);
            self.step();
            if open && self.fate.now_ms > self.fate.faults_until_ms {
                steps += 1;
                assert!(steps <= STEPS_MAX, "I7: {steps} steps, and no end");
                let late = self.fate.faults_until_ms.max(400_000) + HOUR_MS;
                assert!(self.fate.now_ms < late, "I7: it does not end");
            }
        }
        self.balance();
    }

    fn next_at(&self) -> Option<u64> {
        let timer = self.charge.as_ref().and_then(Charge::poll_timeout);
        self.fate.next_at(timer.map(|(at, _)| at))
    }

    fn step(&mut self) {
        if let Some(what) = self.fate.happens() {
            return self.happen(what);
        }
        self.fate.dawdle();
        let now = self.fate.moment();
        self.fate.note(|| "timers".to_owned());
        self.watch.timeout();
        if let Some(charge) = &mut self.charge {
            charge.handle_timeout(now);
        }
        self.effects();
    }

    fn happen(&mut self, what: What) {
        match what {
            What::Scan => {
                let code = CodeRules::default().parse("134567890123456789", CodeKind::Barcode);
                self.tell(Event::Scanned(code.expect("a payment code")));
            }
            What::CancelKey => self.tell(Event::CancelPressed),
            What::Notify => self.tell(Event::Notified),
            What::Void => self.void(),
            What::Customer(customer) => self.customer(customer),
            What::Arrives { process, ask, operation, answers } => {
                self.arrives(process, ask, operation, answers);
            }
            What::HoldEnds { process, ask } => {
                if self.held == Some((process, ask)) {
                    self.held = None;
                    let doubt = Doubt::of(DoubtKind::AskAgain);
                    self.reply(process, ask, Verdict::Unknown(doubt));
                }
            }
            What::Answer { process, ask, result, again } => {
                if process == self.fate.process && self.charge.is_some() {
                    let open = self.open.iter().position(|open| *open == ask);
                    if let Some(at) = open {
                        self.open.swap_remove(at);
                    }
                    if open.is_some() || again {
                        self.tell(Event::Answered { ask, result });
                    }
                }
            }
            What::Stored { process, result, durable } => {
                if process == self.fate.process && self.charge.is_some() {
                    self.stored(result, durable);
                }
            }
            What::Cut => self.cut(),
            What::Start => self.start(),
        }
    }

    fn tell(&mut self, event: Event) {
        let now = self.fate.moment();
        let Some(charge) = &mut self.charge else { return };
        self.watch.event(&event);
        charge.handle(now, event);
        self.effects();
    }

    fn stored(&mut self, result: Result<(), StoreError>, durable: bool) {
        let record = self.writing.take();
        self.tell(Event::Stored(result));
        if self.watch.has_halted() {
            // The clerk restarts a terminal whose journal failed (I10).
            if durable {
                record.into_iter().for_each(|record| self.watch.found_durable(record));
            }
            self.cut();
        }
    }

    fn effects(&mut self) {
        while let Some(effect) = self.charge.as_mut().and_then(Charge::poll_effect) {
            self.fate.note(|| format!("    {effect:?}"));
            let now = self.fate.moment();
            self.watch.effect(now, &effect);
            match effect {
                Effect::Store(record) => self.store(record),
                Effect::Ask { ask, request, timeout } => self.ask(ask, &request, timeout),
                Effect::Show => self.show(),
                Effect::Signal(_) | Effect::Print(_) | Effect::Finish(_) => {}
            }
            if self.fate.fault(2) {
                return self.cut();
            }
        }
        let now = self.fate.moment();
        if let Some(charge) = &self.charge {
            self.was_parked |= charge.is_parked();
            self.watch.weigh(charge);
            self.watch.after(now, charge);
        }
    }

    fn store(&mut self, record: Record) {
        self.writing = Some(record);
        let Writing { failed, durable, took_ms } = self.fate.writing();
        let result = if failed { Err(StoreError) } else { Ok(()) };
        self.fate.after(took_ms, What::Stored { process: self.fate.process, result, durable });
    }

    /// The customer can pay a QR only once it was shown, and then as long as it lives.
    fn show(&mut self) {
        let stage = self.charge.as_ref().map(|charge| charge.view().stage);
        if let Some(Stage::Presenting { qr: Some(_), .. }) = stage
            && !self.qr_seen
        {
            self.qr_seen = true;
            self.plan_customer(300_000);
        }
    }

    fn cut(&mut self) {
        if self.charge.take().is_none() {
            return;
        }
        self.fate.note(|| "cut".to_owned());
        self.watch.cut();
        if let Some(record) = self.writing.take()
            && self.fate.rng.percent(50)
        {
            self.watch.found_durable(record);
        }
        self.open.clear();
        let down_ms = self.fate.down_ms();
        self.fate.after(down_ms, What::Start);
    }

    fn start(&mut self) {
        self.fate.starts();
        let Some(open) = recover(&self.watch.durable) else { return };
        self.charge = Some(Charge::restore(self.fate.moment(), open, self.policy.clone()));
        self.effects();
    }

    /// Our books against the gateway's (I3, I4, I6, I20).
    fn balance(&self) {
        let held = self.gateway.holds_money();
        let order = self.gateway.order;
        match self.watch.settled() {
            Some(Outcome::Paid(_)) if self.watch.is_voided() => {
                assert!(!held, "I12: returned, and the gateway holds the money");
            }
            Some(Outcome::Paid(_)) => assert!(held, "I3: paid, and the gateway has {order:?}"),
            Some(Outcome::NotCharged(_) | Outcome::Reversed(_)) => {
                assert!(!held, "I4: not charged, and the gateway holds the money");
            }
            Some(Outcome::Unresolved(_)) => panic!("an open end is no settlement"),
            None => {
                assert!(!self.watch.is_sent(), "I7: sent, and never settled");
                assert_eq!(order, Order::Absent);
            }
        }
        let raised = |record: &Record| matches!(record, Record::Discrepancy { .. });
        assert!(!self.watch.durable.iter().any(raised), "I6: an honest gateway was contradicted");
    }
}
