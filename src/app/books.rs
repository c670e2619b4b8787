//! Compares two books: ours, which the journal keeps, and the gateway's (I20).
//!
//! Pure: what is compared has been read before, and what differs is only listed. Both sides are
//! reduced to what they say of the money: how the order ended, its amount, and what went back.
//! Where one side is not certain nothing is claimed; where either could not be read the order is
//! counted as unknown, never as one that agrees.
//!
//! Sources of the gateway's states: JSON zh appendix 4, SDK appendix 4, Upay v2 §4-3; what each
//! proves: protocol/README, "What each answer proves".

use crate::gateway::operation::{OrderInfo, OrderState};
use crate::gateway::shouqianba::dictionary::OrderStatus;
use crate::gateway::sosopay::dictionary::State as SosopayState;
use crate::journal::{State, Summary};
use crate::money::Fen;
use std::collections::BTreeMap;

/// How an order stands, on either side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No end yet.
    Open,
    /// It ended, and no money is here or ever was.
    NotCharged,
    /// The customer paid.
    Paid,
}

/// What went back of a paid order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// So much; zero for nothing.
    Exactly(Fen),
    /// All of it.
    Everything,
    /// A part, and how much was not said.
    Part,
    /// Something is on its way, or failed on it.
    Moving,
}

/// What one side says of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// How it stands.
    pub standing: Standing,
    /// What it is for, if that was said.
    pub amount: Option<Fen>,
    /// What went back of it.
    pub returned: Returned,
}

/// What the gateway says of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theirs {
    /// This.
    Says(Line),
    /// That there is no such order.
    Missing,
    /// Nothing that can be compared: it was not asked, did not answer, or is not certain itself.
    Unknown,
}

/// In what the books differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The gateway does not know an order of ours that is paid or open.
    OnlyOurs,
    /// The gateway has an order of this device that the journal has not.
    OnlyTheirs,
    /// What the order is for.
    Amount,
    /// Whether it was paid.
    Outcome,
    /// How much went back.
    Refunded,
}

impl Kind {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Kind::OnlyOurs => "only_ours",
            Kind::OnlyTheirs => "only_theirs",
            Kind::Amount => "amount",
            Kind::Outcome => "outcome",
            Kind::Refunded => "refunded",
        }
    }
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The order, by our number.
    pub order: String,
    /// In what.
    pub kind: Kind,
    /// What we say; nothing if we do not know the order.
    pub ours: Option<Line>,
    /// What the gateway says; nothing if it does not know the order.
    pub theirs: Option<Line>,
}

impl Difference {
    /// Whether both sides are sure of their end, and the ends exclude each other: a discrepancy, if
    /// a query confirms it (I6).
    pub fn contradicts(&self) -> bool {
        let ended = |line: Option<Line>| line.is_some_and(|it| it.standing != Standing::Open);
        self.kind == Kind::Outcome && ended(self.ours) && ended(self.theirs)
    }
}

/// What came of comparing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// The orders of either side: those that agree, that differ, and that are unknown.
    pub orders: usize,
    /// Those that agree in everything.
    pub agree: usize,
    /// Every difference; an order may have several.
    pub differences: Vec<Difference>,
    /// Those that could not be compared.
    pub unknown: usize,
}

/// Compares the orders of one day. An order of ours that `theirs` has not was not asked about.
pub fn compare(ours: &BTreeMap<String, Line>, theirs: &BTreeMap<String, Theirs>) -> Compared {
    let mut compared = Compared::default();
    for (order, our) in ours {
        compared.orders += 1;
        let their = theirs.get(order).copied().unwrap_or(Theirs::Unknown);
        let differs = |kind: &Kind| Difference {
            order: order.clone(),
            kind: *kind,
            ours: Some(*our),
            theirs: match their {
                Theirs::Says(line) => Some(line),
                Theirs::Missing | Theirs::Unknown => None,
            },
        };
        let kinds = match their {
            Theirs::Unknown => {
                compared.unknown += 1;
                continue;
            }
            // What never reached the gateway cost nobody anything.
            Theirs::Missing if our.standing == Standing::NotCharged => Vec::new(),
            Theirs::Missing => vec![Kind::OnlyOurs],
            Theirs::Says(line) => differences(our, &line),
        };
        compared.agree += usize::from(kinds.is_empty());
        compared.differences.extend(kinds.iter().map(differs));
    }
    for (order, their) in theirs.iter().filter(|(order, _)| !ours.contains_key(*order)) {
        compared.orders += 1;
        match their {
            Theirs::Says(line) => compared.differences.push(Difference {
                order: order.clone(),
                kind: Kind::OnlyTheirs,
                ours: None,
                theirs: Some(*line),
            }),
            Theirs::Missing => compared.agree += 1,
            Theirs::Unknown => compared.unknown += 1,
        }
    }
    compared
}

/// In what two lines about the same order differ.
fn differences(our: &Line, their: &Line) -> Vec<Kind> {
    let mut kinds = Vec::new();
    if let (Some(ours), Some(theirs)) = (our.amount, their.amount)
        && ours != theirs
    {
        kinds.push(Kind::Amount);
    }
    match (our.standing, their.standing) {
        (Standing::Open, Standing::Open) | (Standing::NotCharged, Standing::NotCharged) => {}
        (Standing::Paid, Standing::Paid) => {
            if !same_returned(our, their) {
                kinds.push(Kind::Refunded);
            }
        }
        // Paid, and all of it returned: the gateway may call that cancelled, or we.
        (Standing::NotCharged, Standing::Paid) if gave_all_back(their) => {}
        (Standing::Paid, Standing::NotCharged)
            if gave_all_back(our) || our.returned == Returned::Moving => {}
        (Standing::NotCharged | Standing::Open, Standing::Paid)
        | (Standing::Paid | Standing::Open, Standing::NotCharged)
        | (Standing::NotCharged | Standing::Paid, Standing::Open) => kinds.push(Kind::Outcome),
    }
    kinds
}

fn gave_all_back(line: &Line) -> bool {
    match line.returned {
        Returned::Everything => true,
        Returned::Exactly(fen) => line.amount == Some(fen),
        Returned::Part | Returned::Moving => false,
    }
}

fn same_returned(our: &Line, their: &Line) -> bool {
    match (our.returned, their.returned) {
        // We know that it is under way, and not yet how it ends.
        (Returned::Moving, _) => true,
        (_, Returned::Moving) => false,
        (Returned::Exactly(ours), Returned::Exactly(theirs)) => ours == theirs,
        (Returned::Everything, _) => gave_all_back(their),
        (_, Returned::Everything) => gave_all_back(our),
        (Returned::Part, Returned::Part) => true,
        (Returned::Exactly(_), Returned::Part) => is_part(our),
        (Returned::Part, Returned::Exactly(_)) => is_part(their),
    }
}

fn is_part(line: &Line) -> bool {
    match line.returned {
        Returned::Exactly(fen) => fen > Fen::ZERO && line.amount.is_none_or(|amount| fen < amount),
        Returned::Part => true,
        Returned::Everything | Returned::Moving => false,
    }
}

/// What the journal says of an order.
pub fn ours(summary: &Summary) -> Line {
    let (standing, returned) = match summary.state {
        State::Open | State::Parked => (Standing::Open, Returned::Exactly(Fen::ZERO)),
        State::NotCharged | State::Reversed => (Standing::NotCharged, Returned::Exactly(Fen::ZERO)),
        State::Paid if summary.refunding > Fen::ZERO => (Standing::Paid, Returned::Moving),
        State::Paid => (Standing::Paid, Returned::Exactly(summary.refunded)),
        State::Voiding => (Standing::Paid, Returned::Moving),
        State::Voided => (Standing::Paid, Returned::Everything),
    };
    Line { standing, amount: Some(summary.amount), returned }
}

/// What the gateway says of an order.
pub fn theirs(info: &OrderInfo) -> Theirs {
    let nothing = Returned::Exactly(Fen::ZERO);
    let known = match &info.state {
        None => None,
        Some(OrderState::Sosopay(state)) => sosopay(state, nothing),
        Some(OrderState::Shouqianba(status)) => shouqianba(status, info, nothing),
    };
    match known {
        Some((standing, returned)) => {
            Theirs::Says(Line { standing, amount: info.amount, returned })
        }
        None => Theirs::Unknown,
    }
}

/// JSON zh appendix 4.
fn sosopay(state: &SosopayState, nothing: Returned) -> Option<(Standing, Returned)> {
    Some(match state {
        SosopayState::Pending | SosopayState::RevocationApplied | SosopayState::Reserved => {
            (Standing::Open, nothing)
        }
        SosopayState::Paid => (Standing::Paid, nothing),
        SosopayState::Revoked | SosopayState::Closed => (Standing::NotCharged, nothing),
        SosopayState::PartlyRefunded => (Standing::Paid, Returned::Part),
        SosopayState::Refunded => (Standing::Paid, Returned::Everything),
        SosopayState::Refunding | SosopayState::RefundFailed => (Standing::Paid, Returned::Moving),
        // States of a refund; of the sale they say nothing.
        SosopayState::RefundPending
        | SosopayState::RefundDone
        | SosopayState::RefundCancelled
        | SosopayState::RefundRefused
        | SosopayState::OrderCancelled
        | SosopayState::Unknown(_) => return None,
    })
}

/// Upay v2 §4-3.
fn shouqianba(
    status: &OrderStatus,
    info: &OrderInfo,
    nothing: Returned,
) -> Option<(Standing, Returned)> {
    // `net_amount`: "实收金额", what is left of it.
    let gone = || info.amount?.checked_sub(info.received?).filter(|gone| *gone > Fen::ZERO);
    Some(match status {
        OrderStatus::Created => (Standing::Open, nothing),
        OrderStatus::Paid => (Standing::Paid, nothing),
        OrderStatus::PayCanceled | OrderStatus::Canceled => (Standing::NotCharged, nothing),
        OrderStatus::Refunded => (Standing::Paid, Returned::Everything),
        OrderStatus::PartialRefunded => {
            (Standing::Paid, gone().map_or(Returned::Part, Returned::Exactly))
        }
        OrderStatus::RefundError => (Standing::Paid, Returned::Moving),
        OrderStatus::PayError | OrderStatus::CancelError | OrderStatus::Unknown(_) => return None,
    })
}

#[cfg(test)]
mod tests;
