//! The orders of events in a small world: what the network, the power, the customer and the cashier
//! can do, in any order, to one charge with short waits. Half of the states are taken breadth
//! first, half depth first, up to a number that a test run can afford (`CASHIER_SIM_STATES`). In
//! each of them the invariants hold and the books agree, and from each of them the charge ends once
//! nothing more goes wrong (I7).

mod print;
mod state;

use super::gateway::Manners;
use super::world::{from_env, refused_to_return};
use state::{Budget, State};
use std::collections::{HashSet, VecDeque};

/// States looked at in each walk; `CASHIER_SIM_STATES` asks for more.
const STATES: u64 = 8_000;
/// More than a healthy world needs to end any charge.
const TURNS_MAX: u32 = 300;

#[derive(Debug, Default)]
struct Tally {
    states: u64,
    moves: u64,
    settled: u64,
    voided: u64,
    refused: u64,
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
        tally.voided += u64::from(state.watch.is_voided());
        tally.refused += u64::from(refused_to_return(&state.watch));
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

fn explore_voids(manners: Manners) -> Vec<Tally> {
    let states_max = from_env("CASHIER_SIM_STATES").unwrap_or(STATES);
    let explore = |budget| explore(State::voiding(manners, budget), states_max);
    BUDGETS.into_iter().map(explore).collect()
}

#[test]
fn any_order_of_events_when_a_payment_is_returned_is_safe_and_ends() {
    for tally in explore_voids(PLAIN) {
        assert!(tally.voided > 0 && tally.refused == 0, "{tally:?}");
    }
}

#[test]
fn any_order_of_events_when_a_payment_cannot_be_returned_is_safe_and_ends() {
    for tally in explore_voids(Manners { keeps_paid: true, ..PLAIN }) {
        assert!(tally.refused > 0 && tally.voided == 0, "{tally:?}");
    }
}

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
