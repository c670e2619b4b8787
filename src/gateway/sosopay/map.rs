//! What an answer proves: protocol/README, "What each answer proves", SOSOPAY.
//!
//! I3: `Paid` needs our `CHARGE_CODE` and our `AMT` in the answer. XML v1's `ORDER_RESP` carries
//! neither (XML v1 §2), so there SUCCESS on preOrder is a reason to query, and the query proves.
//! I4: `Declined` and `Reversed` come from the codes and states listed here and from nothing else.

use super::dictionary::{ChannelType, Code, State};
use super::info::{Contradiction, state};
use crate::gateway::identity::{self, Identity};
use crate::gateway::said::{self, declined, doubt, reversed};
use crate::gateway::tree::Tree;
use crate::money::{AmountError, Fen};
use crate::payment::outcome::Returned;
use crate::payment::{Channel, DoubtKind, Payment, Request, Sale, Verdict, Why};

/// What amounts in answers are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// JSON zh tables 2.5, 7.2: "以分为单位".
    Fen,
    /// XML v1.
    Yuan,
}

impl Unit {
    pub fn parse(self) -> fn(&str) -> Result<Fen, AmountError> {
        match self {
            Unit::Fen => Fen::parse_fen,
            Unit::Yuan => Fen::parse_yuan,
        }
    }
}

/// An answer whose outer shape is right.
struct Answer<'a> {
    fields: &'a Tree,
    code: Code,
    identity: Identity,
    said: String,
}

/// The element that an operation answers with.
fn root(request: &Request) -> &'static str {
    match request {
        Request::Pay { .. } | Request::Precreate { .. } => "ORDER_RESP",
        Request::Query { .. } => "QUERY_RESP",
        Request::Cancel { .. } => "CANCELTRADE_RESP",
    }
}

/// The gateway's code and message, wherever the answer has them.
pub(super) fn said(request: &Request, tree: &Tree) -> String {
    let inside = match tree {
        Tree::Object(fields) => fields.values().find_map(|field| field.object("RESULT")),
        Tree::Nothing | Tree::Text(_) | Tree::List(_) => None,
    };
    match inside.or_else(|| tree.object("RESULT")) {
        Some(result) => said::line(request, result.text("CODE"), result.text("INFO")),
        None => String::new(),
    }
}

pub(super) fn decode(merchant: &str, unit: Unit, request: &Request, tree: &Tree) -> Verdict {
    let said = said(request, tree);
    let root = root(request);
    let Some(fields) = tree.object(root) else {
        return doubt(DoubtKind::Unreadable, &format!("the answer is no {root}; {said}"));
    };
    let Some(code) = fields.object("RESULT").and_then(|result| result.text("CODE")) else {
        return doubt(DoubtKind::Unreadable, "the answer has no RESULT.CODE");
    };
    let sale = request.sale();
    let identity = Identity {
        order: identity::text(fields, "CHARGE_CODE", sale.order.as_str()),
        amount: identity::amount(fields, "AMT", sale.amount, unit.parse()),
        owner: identity::text(fields, "BUSI_ID", merchant),
    };
    if let Some(verdict) = identity.refuse(&said) {
        return verdict;
    }
    let answer = Answer { fields, code: Code::read(code.trim()), identity, said };
    match request {
        Request::Pay { sale, .. } => charge(&answer, || paid(sale, &answer)),
        Request::Precreate { .. } => charge(&answer, || presented(unit, &answer)),
        Request::Query { sale } => query(sale, &answer),
        Request::Cancel { .. } => cancel(&answer),
    }
}

fn paid(sale: &Sale, answer: &Answer<'_>) -> Verdict {
    match state(answer.fields) {
        // The documents have no state here; one that is there must not contradict.
        Ok(None | Some(State::Paid)) if answer.identity.is_whole() => {
            Verdict::Paid(payment(sale, answer.fields, Returned::Nothing))
        }
        Ok(_) | Err(Contradiction) => doubt(DoubtKind::AskAgain, &answer.said),
    }
}

fn presented(unit: Unit, answer: &Answer<'_>) -> Verdict {
    // JSON zh table 3.5 has CHARGE_CODE; XML v1 §3 has not.
    let named = match unit {
        Unit::Fen => answer.identity.names_order(),
        Unit::Yuan => true,
    };
    if !named {
        return doubt(DoubtKind::Unreadable, "the answer has no CHARGE_CODE");
    }
    let number = answer.fields.text("CHARGE_DOWN_CODE");
    said::presented(answer.fields.text("BAR_CODE"), number, &answer.said)
}

/// preOrder and order, which differ in what SUCCESS means.
fn charge(answer: &Answer<'_>, success: impl FnOnce() -> Verdict) -> Verdict {
    let said = &answer.said;
    match answer.code {
        Code::Success => success(),
        Code::IllegalParameter => declined(Why::BadParameter, said),
        Code::InvalidSign => declined(Why::BadSignature, said),
        Code::AmtError => declined(Why::AmountRejected, said),
        Code::InvalidContract => declined(Why::InvalidContract, said),
        Code::UnregisteredBusi => declined(Why::UnknownMerchant, said),
        // FAIL is not final: the customer may still be typing a password. The rest say that the
        // order is, or was, or should be there.
        Code::Fail | Code::SerialRepeat | Code::AlreadyRevoked | Code::ChargeNonexistent => {
            doubt(DoubtKind::AskAgain, said)
        }
        Code::DatabaseError
        | Code::Exception
        | Code::ServiceUnavailable
        | Code::HttpException
        | Code::IoException
        | Code::CreateSecurityConnectionError => doubt(DoubtKind::GatewayFault, said),
        Code::Unknown(_) => doubt(DoubtKind::UnknownCode, said),
    }
}

fn query(sale: &Sale, answer: &Answer<'_>) -> Verdict {
    let said = &answer.said;
    match answer.code {
        Code::Success => queried(sale, answer),
        Code::ChargeNonexistent => Verdict::NotFound,
        // A refused query says nothing of the sale.
        Code::Fail
        | Code::IllegalParameter
        | Code::InvalidSign
        | Code::AmtError
        | Code::InvalidContract
        | Code::UnregisteredBusi
        | Code::SerialRepeat
        | Code::AlreadyRevoked => doubt(DoubtKind::AskAgain, said),
        Code::DatabaseError
        | Code::Exception
        | Code::ServiceUnavailable
        | Code::HttpException
        | Code::IoException
        | Code::CreateSecurityConnectionError => doubt(DoubtKind::GatewayFault, said),
        Code::Unknown(_) => doubt(DoubtKind::UnknownCode, said),
    }
}

fn queried(sale: &Sale, answer: &Answer<'_>) -> Verdict {
    // JSON zh table 7.2 and XML v1 §6 both have CHARGE_CODE and AMT.
    if !answer.identity.names_order() {
        return doubt(DoubtKind::Unreadable, "the answer has no CHARGE_CODE");
    }
    let state = match state(answer.fields) {
        Ok(Some(state)) => state,
        Ok(None) => return doubt(DoubtKind::Unreadable, "the answer has no STATE"),
        Err(Contradiction) => {
            return doubt(DoubtKind::Unreadable, "the answer's states contradict each other");
        }
    };
    let said = format!("STATE {}; {}", state.text(), answer.said);
    let paid = |returned| {
        if answer.identity.is_whole() {
            Verdict::Paid(payment(sale, answer.fields, returned))
        } else {
            doubt(DoubtKind::Unreadable, "the answer has no AMT")
        }
    };
    match state {
        State::Pending | State::RevocationApplied | State::Reserved => Verdict::Pending,
        State::Paid => paid(Returned::Nothing),
        State::Revoked => reversed(&said),
        State::PartlyRefunded => paid(Returned::Part(None)),
        State::Refunded => paid(Returned::Everything),
        State::Closed => declined(Why::TradeClosed, &said),
        State::Refunding | State::RefundFailed => paid(Returned::Unclear),
        // States of a refund; of the sale they say nothing.
        State::RefundPending
        | State::RefundDone
        | State::RefundCancelled
        | State::RefundRefused
        | State::OrderCancelled
        | State::Unknown(_) => doubt(DoubtKind::UnknownCode, &said),
    }
}

fn cancel(answer: &Answer<'_>) -> Verdict {
    let said = &answer.said;
    match answer.code {
        Code::Success | Code::AlreadyRevoked => reversed(said),
        Code::ChargeNonexistent => Verdict::NotFound,
        Code::Fail
        | Code::IllegalParameter
        | Code::InvalidSign
        | Code::AmtError
        | Code::InvalidContract
        | Code::UnregisteredBusi
        | Code::SerialRepeat => doubt(DoubtKind::AskAgain, said),
        Code::DatabaseError
        | Code::Exception
        | Code::ServiceUnavailable
        | Code::HttpException
        | Code::IoException
        | Code::CreateSecurityConnectionError => doubt(DoubtKind::GatewayFault, said),
        Code::Unknown(_) => doubt(DoubtKind::UnknownCode, said),
    }
}

fn payment(sale: &Sale, fields: &Tree, returned: Returned) -> Payment {
    let channel = match fields.text("CHANNEL_TYPE") {
        Some(text) => ChannelType::read(text).channel(),
        None => Channel::Unknown(String::new()),
    };
    let channel = match channel {
        Channel::Unknown(text) => Channel::Unknown(said::bounded(&text).unwrap_or_default()),
        known => known,
    };
    let wallet = fields.object("ali").and_then(|ali| ali.text("trade_no"));
    Payment {
        amount: sale.amount,
        channel,
        gateway_order: said::number(fields.text("CHARGE_DOWN_CODE")),
        trade_no: said::number(fields.text("CHARGE_THIRD_CODE").or(wallet)),
        returned,
    }
}
