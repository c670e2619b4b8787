//! One state of the small world, and everything that can happen next.

use crate::sim::gateway::{Gateway, Manners, Order, payment};
use crate::sim::watch::Watch;
use crate::sim::world::{recover, sale};
use cashier::id::AskId;
use cashier::payment::record::{Direction, OpenCharge};
use cashier::payment::view::Stage;
use cashier::payment::{
    AskError, Channel, Charge, CodeKind, CodeRules, Doubt, DoubtKind, Effect, Event, Moment,
    Outcome, Policy, Record, Request, StoreError, Verdict,
};
use std::time::Duration;

pub const IN_FLIGHT_MS: u64 = 4_000;

fn policy() -> Policy {
    Policy {
        await_code: Duration::from_secs(5),
        charge_timeout: Duration::from_secs(4),
        charge_doubt: Duration::from_secs(2),
        query_timeout: Duration::from_secs(1),
        poll_first: Duration::from_secs(2),
        poll_max: Duration::from_secs(4),
        confirm_budget: Duration::from_secs(3),
        present_budget: Duration::from_secs(4),
        qr_life: Duration::from_secs(4),
        in_flight_max: Duration::from_millis(IN_FLIGHT_MS),
        reverse_budget: Duration::from_secs(3),
        resolve_max: Duration::from_secs(4),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    Charge,
    Query,
    Cancel,
}

/// A request that is under way.
#[derive(Clone, Debug)]
pub struct Letter {
    /// `None` if the process that asked is gone.
    pub ask: Option<AskId>,
    pub operation: Operation,
    pub sent_ms: u64,
}

/// How often each thing may still happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Budget {
    pub losses: u8,
    pub cuts: u8,
    pub keys: u8,
    pub notices: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    Stored,
    StoreFails { durable: bool },
    Arrives(usize),
    ArrivesAndIsHeld(usize),
    LostOnTheWay(usize),
    NeverLeft(usize),
    Answered(usize),
    LostOnTheWayBack(usize),
    HoldEnds,
    Pays,
    Refuses,
    CancelKey,
    Notified,
    Cut { durable: bool },
    Timers,
}

#[derive(Clone, Debug)]
pub struct State {
    pub now_ms: u64,
    pub started_ms: u64,
    pub charge: Option<Charge>,
    pub watch: Watch,
    pub gateway: Gateway,
    pub way: Vec<Letter>,
    pub back: Vec<(AskId, Result<Verdict, AskError>)>,
    pub held: Option<AskId>,
    pub writing: Option<Record>,
    pub qr_seen: bool,
    pub budget: Budget,
}

impl State {
    pub fn start(presents: bool, manners: Manners, budget: Budget) -> State {
        let charge = if presents {
            Charge::present(Moment::default(), sale(), Channel::Wechat, policy())
        } else {
            Charge::await_code(Moment::default(), sale(), policy())
        };
        let mut state = State {
            now_ms: 0,
            started_ms: 0,
            charge: Some(charge),
            watch: Watch::default(),
            gateway: Gateway::new(manners, presents),
            way: Vec::new(),
            back: Vec::new(),
            held: None,
            writing: None,
            qr_seen: false,
            budget,
        };
        state.effects();
        if !presents {
            let code = CodeRules::default().parse("134567890123456789", CodeKind::Barcode);
            state.tell(Event::Scanned(code.expect("a payment code")));
        }
        state
    }

    /// A paid order, and the return of its payment was asked for.
    pub fn voiding(manners: Manners, budget: Budget) -> State {
        let mut state = State::start(false, manners, budget);
        let direction = Direction::Present { channel: Channel::Wechat };
        let (paid, order) = (payment(), sale().order);
        state.way.clear();
        state.writing = None;
        state.gateway.order = Order::Paid;
        state.watch = Watch::default();
        state.watch.found_durable(Record::Opened { sale: sale(), direction: direction.clone() });
        let outcome = Outcome::Paid(paid.clone());
        state.watch.found_durable(Record::Settled { order, outcome });
        let open = OpenCharge { sale: sale(), direction, cancels: 0, parked: None, paid: None };
        state.charge = Some(Charge::void(Moment::default(), open, paid, policy()));
        state
    }

    fn moment(&self) -> Moment {
        Moment::from_ms(self.now_ms - self.started_ms)
    }

    fn timer_ms(&self) -> Option<u64> {
        let (at, _) = self.charge.as_ref()?.poll_timeout()?;
        let ms = u64::try_from(at.since_start().as_millis()).expect("fits");
        Some((self.started_ms + ms).max(self.now_ms))
    }

    /// Everything that can happen next.
    pub fn moves(&self) -> Vec<Move> {
        let mut moves = Vec::new();
        let (may_lose, may_cut) = (self.budget.losses > 0, self.budget.cuts > 0);
        if self.writing.is_some() {
            moves.push(Move::Stored);
            if may_cut {
                moves.push(Move::StoreFails { durable: false });
                moves.push(Move::StoreFails { durable: true });
                moves.push(Move::Cut { durable: true });
            }
        }
        for (at, letter) in self.way.iter().enumerate() {
            moves.push(Move::Arrives(at));
            let charges = letter.operation == Operation::Charge;
            if charges && !self.gateway.presents && letter.ask.is_some() {
                moves.push(Move::ArrivesAndIsHeld(at));
            }
            if may_lose {
                moves.push(Move::LostOnTheWay(at));
                if letter.ask.is_some() && letter.sent_ms == self.now_ms {
                    moves.push(Move::NeverLeft(at));
                }
            }
        }
        for at in 0..self.back.len() {
            moves.push(Move::Answered(at));
            if may_lose {
                moves.push(Move::LostOnTheWayBack(at));
            }
        }
        if self.held.is_some() {
            moves.push(Move::HoldEnds);
        }
        let payable = !self.gateway.presents || self.qr_seen;
        if matches!(self.gateway.order, Order::Open { .. }) && payable {
            moves.extend([Move::Pays, Move::Refuses]);
        }
        if self.charge.is_some() {
            if self.budget.keys > 0 {
                moves.push(Move::CancelKey);
            }
            if self.budget.notices > 0 {
                moves.push(Move::Notified);
            }
            if may_cut {
                moves.push(Move::Cut { durable: false });
            }
        }
        let in_time = |at_ms: u64| self.way.iter().all(|l| l.sent_ms + IN_FLIGHT_MS > at_ms);
        if self.timer_ms().is_some_and(in_time) {
            moves.push(Move::Timers);
        }
        moves
    }

    pub fn after(&self, next: Move) -> State {
        let mut state = self.clone();
        state.go(next);
        state.forget();
        state.check();
        state
    }

    pub fn go(&mut self, next: Move) {
        match next {
            Move::Stored => {
                self.writing = None;
                self.tell(Event::Stored(Ok(())));
            }
            Move::StoreFails { durable } => {
                let record = self.writing.take();
                self.tell(Event::Stored(Err(StoreError)));
                self.cut(record.filter(|_| durable));
            }
            Move::Arrives(at) => {
                let letter = self.way.remove(at);
                let verdict = self.serve(letter.operation);
                self.back.extend(letter.ask.map(|ask| (ask, Ok(verdict))));
            }
            Move::ArrivesAndIsHeld(at) => {
                let letter = self.way.remove(at);
                self.serve(letter.operation);
                self.held = letter.ask;
            }
            Move::LostOnTheWay(at) => {
                self.budget.losses -= 1;
                self.way.remove(at);
            }
            Move::NeverLeft(at) => {
                self.budget.losses -= 1;
                let letter = self.way.remove(at);
                self.back.extend(letter.ask.map(|ask| (ask, Err(AskError::NotSent))));
            }
            Move::Answered(at) => {
                let (ask, result) = self.back.remove(at);
                self.tell(Event::Answered { ask, result });
            }
            Move::LostOnTheWayBack(at) => {
                self.budget.losses -= 1;
                drop(self.back.remove(at));
            }
            Move::HoldEnds => {
                let verdict = match self.gateway.query(self.now_ms) {
                    Verdict::Pending => Verdict::Unknown(Doubt::of(DoubtKind::AskAgain)),
                    verdict => verdict,
                };
                self.back.extend(self.held.take().map(|ask| (ask, Ok(verdict))));
            }
            Move::Pays => {
                self.gateway.customer_pays(self.now_ms);
            }
            Move::Refuses => self.gateway.customer_fails(self.now_ms),
            Move::CancelKey => {
                self.budget.keys -= 1;
                self.tell(Event::CancelPressed);
            }
            Move::Notified => {
                self.budget.notices -= 1;
                self.tell(Event::Notified);
            }
            Move::Cut { durable } => {
                let record = self.writing.take().filter(|_| durable);
                self.cut(record);
            }
            Move::Timers => self.timers(),
        }
    }

    fn serve(&mut self, operation: Operation) -> Verdict {
        match operation {
            Operation::Charge => self.gateway.charge(self.now_ms),
            Operation::Query => self.gateway.query(self.now_ms),
            Operation::Cancel => self.gateway.cancel(self.now_ms),
        }
    }

    fn timers(&mut self) {
        let Some(at_ms) = self.timer_ms() else { return };
        self.now_ms = at_ms;
        self.gateway.tick(at_ms);
        let now = self.moment();
        self.watch.timeout();
        if let Some(charge) = &mut self.charge {
            charge.handle_timeout(now);
        }
        self.effects();
    }

    /// A query that nobody waits for any more, or its answer, is the same as none.
    pub fn forget(&mut self) {
        let watch = &self.watch;
        let awaited = |letter: &Letter| letter.ask.is_some_and(|ask| watch.awaits(ask));
        self.way.retain(|letter| letter.operation != Operation::Query || awaited(letter));
        self.back.retain(|(ask, _)| watch.awaits(*ask));
        self.held = self.held.filter(|ask| watch.awaits(*ask));
    }

    fn tell(&mut self, event: Event) {
        let now = self.moment();
        let Some(charge) = &mut self.charge else { return };
        self.watch.event(&event);
        charge.handle(now, event);
        self.effects();
    }

    fn effects(&mut self) {
        let now = self.moment();
        while let Some(effect) = self.charge.as_mut().and_then(Charge::poll_effect) {
            self.watch.effect(now, &effect);
            match effect {
                Effect::Store(record) => self.writing = Some(record),
                Effect::Ask { ask, request, .. } => {
                    let operation = match request {
                        Request::Pay { .. } | Request::Precreate { .. } => Operation::Charge,
                        Request::Query { .. } => Operation::Query,
                        Request::Cancel { .. } => Operation::Cancel,
                    };
                    self.way.push(Letter { ask: Some(ask), operation, sent_ms: self.now_ms });
                }
                Effect::Show | Effect::Signal(_) | Effect::Print(_) | Effect::Finish(_) => {}
            }
        }
        if let Some(charge) = &self.charge {
            self.watch.after(now, charge);
            self.qr_seen |= matches!(charge.view().stage, Stage::Presenting { qr: Some(_), .. });
        }
    }

    fn cut(&mut self, durable: Option<Record>) {
        self.budget.cuts = self.budget.cuts.saturating_sub(1);
        self.watch.cut();
        durable.into_iter().for_each(|record| self.watch.found_durable(record));
        self.back.clear();
        self.held = None;
        self.way.iter_mut().for_each(|letter| letter.ask = None);
        self.started_ms = self.now_ms;
        let open = recover(&self.watch.durable);
        self.charge = open.map(|open| Charge::restore(self.moment(), open, policy()));
    }

    /// What must hold in every state: once settled, the books agree, and no doubt is raised.
    pub fn check(&self) {
        let held = self.gateway.holds_money();
        match self.watch.settled() {
            Some(Outcome::Paid(_)) if self.watch.is_voided() => {
                assert!(!held, "I12: returned, and the money is there: {self:#?}");
            }
            // While it is being returned, it may be here or not.
            Some(Outcome::Paid(_)) if self.watch.is_voiding() => {}
            Some(Outcome::Paid(_)) => assert!(held, "I3: paid without money: {self:#?}"),
            Some(Outcome::NotCharged(_) | Outcome::Reversed(_)) => {
                assert!(!held, "I4: not charged, and the money is there: {self:#?}");
            }
            Some(Outcome::Unresolved(_)) | None => {}
        }
        let raised = |record: &Record| matches!(record, Record::Discrepancy { .. });
        assert!(!self.watch.durable.iter().any(raised), "I6: raised against honesty: {self:#?}");
    }

    pub fn has_ended(&self) -> bool {
        let voids = |charge: &Charge| charge.view().voids && charge.is_unresolved();
        let returning = self.watch.is_voiding() || self.charge.as_ref().is_some_and(voids);
        self.watch.settled().is_some() && !returning
            || !self.watch.is_sent() && self.charge.is_none()
    }

    /// Nothing more goes wrong, and nobody does anything more.
    pub fn healthy_move(&self) -> Move {
        if self.writing.is_some() {
            Move::Stored
        } else if !self.way.is_empty() {
            Move::Arrives(0)
        } else if !self.back.is_empty() {
            Move::Answered(0)
        } else if self.held.is_some() {
            Move::HoldEnds
        } else {
            Move::Timers
        }
    }
}
