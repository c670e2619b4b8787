//! What each error code says of a charge: the whitelist of refusals (I4), and those that say
//! something else. Source: Upay v2 §4-1, §4-5; protocol/README, "What each answer proves".

use super::dictionary::ErrorCode;
use crate::gateway::said::{declined, doubt};
use crate::payment::{DoubtKind, Verdict, Why};

/// What an error code says of a charge.
pub(super) enum Bearing {
    /// Nothing was charged.
    Refusal(Why),
    /// The order is there already: ask what became of it.
    Exists,
    /// It is not there.
    NotFound,
    /// Something is wrong with the gateway.
    Fault,
    /// No document has it.
    Unknown,
}

/// The whitelist (I4): Upay v2 §4-1 and §4-5.
pub(super) fn bearing(error: &ErrorCode) -> Bearing {
    use ErrorCode as E;
    match error {
        E::InvalidParams => Bearing::Refusal(Why::BadParameter),
        E::InvalidTerminal | E::TerminalNotExists => Bearing::Refusal(Why::UnknownTerminal),
        E::IllegalSign => Bearing::Refusal(Why::BadSignature),
        E::InvalidBarcode => Bearing::Refusal(Why::CodeInvalid),
        E::AuthcodeExpire | E::ExpiredBarcode => Bearing::Refusal(Why::CodeExpired),
        E::InsufficientFund => Bearing::Refusal(Why::InsufficientFunds),
        E::BuyerOverDailyLimit | E::BuyerOverTransactionLimit => Bearing::Refusal(Why::BuyerLimit),
        E::SellerOverDailyLimit => Bearing::Refusal(Why::SellerLimit),
        E::TradeFailed => Bearing::Refusal(Why::TradeFailed),
        // These belong to refunds and cancels, but §4-2 has FAIL trigger nothing ("不会触发流程").
        E::TradeNotExist
        | E::SellerBalanceNotEnough
        | E::RefundAmtNotEqualTotal
        | E::RefundRequestConflict
        | E::RefundInvalidOrderState
        | E::CancelInvalidOrderState => Bearing::Refusal(Why::GatewayRefused),
        E::ClientSnConflict | E::TradeHasSuccess => Bearing::Exists,
        E::OrderNotExist => Bearing::NotFound,
        E::UnknownSystemError | E::Maintenance | E::UnexpectedProviderError => Bearing::Fault,
        E::Unknown(_) => Bearing::Unknown,
    }
}

pub(super) fn why(error: Option<&ErrorCode>) -> Option<Why> {
    match bearing(error?) {
        Bearing::Refusal(why) => Some(why),
        Bearing::Exists | Bearing::NotFound | Bearing::Fault | Bearing::Unknown => None,
    }
}

/// FAIL or 400 on pay or precreate.
pub(super) fn failed_charge(error: Option<&ErrorCode>, said: &str) -> Verdict {
    match error.map(bearing) {
        Some(Bearing::Refusal(why)) => declined(why, said),
        Some(Bearing::Exists) => doubt(DoubtKind::AskAgain, said),
        Some(Bearing::NotFound) => Verdict::NotFound,
        Some(Bearing::Fault) => doubt(DoubtKind::GatewayFault, said),
        Some(Bearing::Unknown) | None => doubt(DoubtKind::UnknownCode, said),
    }
}

/// FAIL or 400 on query or cancel: only "does not exist" says something of the sale.
pub(super) fn failed_question(error: Option<&ErrorCode>, said: &str) -> Verdict {
    match error.map(bearing) {
        Some(Bearing::NotFound) => Verdict::NotFound,
        Some(Bearing::Fault) => doubt(DoubtKind::GatewayFault, said),
        Some(Bearing::Unknown) => doubt(DoubtKind::UnknownCode, said),
        Some(Bearing::Refusal(_) | Bearing::Exists) | None => doubt(DoubtKind::AskAgain, said),
    }
}
