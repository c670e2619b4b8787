//! The orders of events in a small world: what the network, the power, the customer and the cashier
//! can do, in any order, to one charge with short waits. Half of the states are taken breadth first,
//! half depth first, up to a number that a test run can afford (`CASHIER_SIM_STATES`). In each of
//! them the invariants hold and the books agree, and from each of them the charge ends once nothing
//! more goes wrong (I7).

use super::gateway::{Gateway, Manners, Order};
use super::watch::Watch;
use super::world::{from_env, recover, sale};
use cashier::id::AskId;
use cashier::payment::view::Stage;
use cashier::payment::{
    AskError, Channel, Charge, CodeKind, CodeRules, Doubt, DoubtKind, Effect, Event, Moment,
    Outcome, Policy, Record, Request, StoreError, Verdict,
};
use std::collections::{HashSet, VecDeque};
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

const IN_FLIGHT_MS: u64 = 4_000;
/// States looked at in each walk; `CASHIER_SIM_STATES` asks for more.
const STATES: u64 = 8_000;
/// More than a healthy world needs to end any charge.
const TURNS_MAX: u32 = 300;

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
        in_flight_max: Duration::from_millis(IN_FLIGHT_MS),
        reverse_budget: Duration::from_secs(3),
        resolve_max: Duration::from_secs(4),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Operation {
    Charge,
    Query,
    Cancel,
}

/// A request that is under way.
#[derive(Clone, Debug)]
struct Letter {
    /// `None` if the process that asked is gone.
    ask: Option<AskId>,
    operation: Operation,
    sent_ms: u64,
}

/// How often each thing may still happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Budget {
    losses: u8,
    cuts: u8,
    keys: u8,
    notices: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
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
struct State {
    now_ms: u64,
    started_ms: u64,
    charge: Option<Charge>,
    watch: Watch,
    gateway: Gateway,
    way: Vec<Letter>,
    back: Vec<(AskId, Result<Verdict, AskError>)>,
    held: Option<AskId>,
    writing: Option<Record>,
    qr_seen: bool,
    budget: Budget,
}

impl State {
    fn start(presents: bool, manners: Manners, budget: Budget) -> State {
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

    fn moment(&self) -> Moment {
        Moment::from_ms(self.now_ms - self.started_ms)
    }

    fn timer_ms(&self) -> Option<u64> {
        let (at, _) = self.charge.as_ref()?.poll_timeout()?;
        let ms = u64::try_from(at.since_start().as_millis()).expect("fits");
        Some((self.started_ms + ms).max(self.now_ms))
    }

    /// Everything that can happen next.
    fn moves(&self) -> Vec<Move> {
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

    fn after(&self, next: Move) -> State {
        let mut state = self.clone();
        state.go(next);
        state.forget();
        state.check();
        state
    }

    fn go(&mut self, next: Move) {
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
    fn forget(&mut self) {
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
    fn check(&self) {
        let held = self.gateway.holds_money();
        match self.watch.settled() {
            Some(Outcome::Paid(_)) => assert!(held, "I3: paid without money: {self:#?}"),
            Some(Outcome::NotCharged(_) | Outcome::Reversed(_)) => {
                assert!(!held, "I4: not charged, and the money is there: {self:#?}");
            }
            Some(Outcome::Unresolved(_)) | None => {}
        }
        let raised = |record: &Record| matches!(record, Record::Discrepancy { .. });
        assert!(!self.watch.durable.iter().any(raised), "I6: raised against honesty: {self:#?}");
    }

    fn has_ended(&self) -> bool {
        self.watch.settled().is_some() || !self.watch.is_sent() && self.charge.is_none()
    }

    /// Nothing more goes wrong, and nobody does anything more.
    fn healthy_move(&self) -> Move {
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

    /// Two states with the same print go on in the same way. Times count from now.
    fn print(&self) -> u64 {
        let mut text = String::new();
        if let Some(charge) = &self.charge {
            let now_ms = self.now_ms - self.started_ms;
            relative(&format!("{charge:?}"), now_ms, &mut text);
        }
        for letter in &self.way {
            let age_ms = self.now_ms - letter.sent_ms;
            write!(text, "{:?}{:?}{age_ms}", letter.ask, letter.operation).expect("a String");
        }
        write!(text, "{:?}{:?}", self.back, self.held).expect("a String");
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let mut gateway = self.gateway;
        if let Order::Open { since_ms } = &mut gateway.order {
            *since_ms = self.now_ms - *since_ms;
        }
        gateway.hash(&mut hasher);
        (self.budget, self.qr_seen, self.watch.is_sent()).hash(&mut hasher);
        (self.watch.settled().is_some(), self.watch.cancel_intents().min(3)).hash(&mut hasher);
        hasher.finish()
    }
}

/// Rewrites the `Debug` text of a charge so that it does not tell when it began.
fn relative(charge: &str, now_ms: u64, text: &mut String) {
    let mut rest = charge.split_once("state: ").expect("a charge has a state").1;
    while let Some((before, after)) = rest.split_once("Moment(") {
        text.push_str(before);
        let (moment, after) = after.split_once(')').expect("Debug closes what it opens");
        let at_ms = moment.strip_suffix('s').and_then(|secs| secs.parse::<u64>().ok());
        let at_ms = at_ms.map_or(0, |secs| secs * 1_000);
        if !before.ends_with("since: ") {
            // Long ago is long ago: no ask lives as long.
            let long_ago_ms = now_ms.saturating_sub(3 * IN_FLIGHT_MS);
            let at_ms = i64::try_from(at_ms.max(long_ago_ms)).expect("fits");
            write!(text, "{}", at_ms - i64::try_from(now_ms).expect("fits")).expect("a String");
        }
        rest = after;
    }
    text.push_str(rest);
}

#[derive(Debug, Default)]
struct Tally {
    states: u64,
    moves: u64,
    settled: u64,
}

/// Breadth first and depth first by turns: all short stories, and some long ones.
fn explore(start: State, states_max: u64) -> Tally {
    let mut tally = Tally::default();
    let mut seen = HashSet::from([start.print()]);
    let mut ends = HashSet::new();
    let mut queue = VecDeque::from([start]);
    let mut depth_first = false;
    while let Some(state) = if depth_first { queue.pop_back() } else { queue.pop_front() } {
        depth_first = !depth_first;
        tally.states += 1;
        if tally.states > states_max {
            break;
        }
        tally.settled += u64::from(state.watch.settled().is_some());
        assert_that_it_ends(&state, &mut ends);
        for next in state.moves() {
            tally.moves += 1;
            let state = state.after(next);
            if seen.insert(state.print()) {
                queue.push_back(state);
            }
        }
    }
    tally
}

fn assert_that_it_ends(state: &State, ends: &mut HashSet<u64>) {
    let mut state = state.clone();
    let mut path = Vec::new();
    for _ in 0..TURNS_MAX {
        let print = state.print();
        if state.has_ended() || ends.contains(&print) {
            ends.extend(path);
            return;
        }
        path.push(print);
        let next = state.healthy_move();
        state.go(next);
        state.forget();
        state.check();
    }
    panic!("I7: it does not end: {state:#?}");
}

const PLAIN: Manners = Manners {
    accepts_cancel_of_nothing: false,
    keeps_paid: false,
    forgets_unscanned: false,
    closes_after_ms: None,
};

fn explore_all(presents: bool, manners: Manners) {
    let states_max = from_env("CASHIER_SIM_STATES").unwrap_or(STATES);
    for budget in BUDGETS {
        let tally = explore(State::start(presents, manners, budget), states_max);
        println!("{manners:?} {budget:?}: {tally:?}");
        assert!(tally.settled > 0, "no state is settled: {tally:?}");
    }
}

/// What may go wrong, in each walk.
const BUDGETS: [Budget; 4] = [
    Budget { losses: 0, cuts: 0, keys: 1, notices: 0 },
    Budget { losses: 1, cuts: 0, keys: 1, notices: 0 },
    Budget { losses: 0, cuts: 1, keys: 0, notices: 0 },
    Budget { losses: 1, cuts: 1, keys: 1, notices: 1 },
];

#[test]
fn any_order_of_events_when_we_scan_is_safe_and_ends() {
    explore_all(false, PLAIN);
}

#[test]
fn any_order_of_events_when_a_cancel_of_nothing_is_accepted_is_safe_and_ends() {
    explore_all(false, Manners { accepts_cancel_of_nothing: true, ..PLAIN });
}

#[test]
fn any_order_of_events_when_what_is_paid_cannot_be_cancelled_is_safe_and_ends() {
    explore_all(false, Manners { keeps_paid: true, ..PLAIN });
}

#[test]
fn any_order_of_events_when_the_customer_scans_is_safe_and_ends() {
    let manners = Manners { closes_after_ms: Some(4_000), ..PLAIN };
    explore_all(true, manners);
}

#[test]
fn any_order_of_events_when_an_unscanned_qr_is_unknown_is_safe_and_ends() {
    let manners = Manners { forgets_unscanned: true, closes_after_ms: Some(4_000), ..PLAIN };
    explore_all(true, manners);
}
