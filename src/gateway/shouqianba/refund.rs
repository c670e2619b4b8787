//! Refunds: Upay v2 §3-3, and their state by a query of the order, §3-4.
//!
//! The document has no query of a refund. What was given back is `total_amount` less `net_amount`,
//! and it proves this refund if it is exactly what had been given back before and this refund, or
//! all that was paid. Anything more was given back by somebody else, and says nothing of ours.
//!
//! `sn` is sent where it is known. The table calls it mandatory, but a terminal that lost the
//! answer to its charge does not know it; `client_sn`, which is always sent, names the order too.

use super::dictionary::{BizCode, ErrorCode, OrderStatus, ResultCode, Status};
use super::{Shouqianba, map, wire};
use crate::gateway::http::HttpRequest;
use crate::gateway::identity::{self, Identity};
use crate::gateway::said;
use crate::gateway::tree::Tree;
use crate::gateway::{FieldError, field};
use crate::money::Fen;
use crate::payment::{DoubtKind, Refund, RefundRequest, RefundVerdict, Verdict, Why};

/// The lengths of §3-3.2; our numbers are bounded by their types. The gateway's own number goes
/// back as it came.
pub(in crate::gateway) fn check(request: &RefundRequest) -> Result<(), FieldError> {
    let RefundRequest::Apply(refund) = request else { return Ok(()) };
    field::refund("refund_amount", refund)?;
    field::text("operator", &refund.sale.operator, 64)?;
    match &refund.gateway_order {
        Some(sn) => field::text("sn", sn, 64),
        None => Ok(()),
    }
}

pub(in crate::gateway) fn encode(codec: &Shouqianba, request: &RefundRequest) -> HttpRequest {
    let refund = request.refund();
    let order = refund.sale.order.as_str();
    let mut fields = vec![("terminal_sn", codec.terminal_sn.as_str())];
    match request {
        RefundRequest::Apply(_) => {
            let amount = refund.amount.get().to_string();
            fields.extend(refund.gateway_order.as_deref().map(|sn| ("sn", sn)));
            fields.push(("client_sn", order));
            fields.push(("refund_request_no", refund.id.as_str()));
            fields.push(("operator", &refund.sale.operator));
            fields.push(("refund_amount", &amount));
            wire::post(codec, "upay/v2/refund", &fields)
        }
        RefundRequest::Query(_) => {
            fields.push(("client_sn", order));
            wire::post(codec, "upay/v2/query", &fields)
        }
    }
}

pub(in crate::gateway) fn decode(request: &RefundRequest, body: &[u8]) -> RefundVerdict {
    let tree = match map::read(body) {
        Ok(tree) => tree,
        Err(error) => return doubt(DoubtKind::Unreadable, &error.to_string()),
    };
    let Some(result) = tree.text("result_code") else {
        return doubt(DoubtKind::Unreadable, "the answer has no result_code");
    };
    let error = tree.text("error_code");
    let said = said::words(error.or(Some(result)), tree.text("error_message"));
    match ResultCode::read(result) {
        ResultCode::Done => business(request, &tree),
        ResultCode::OurFault => failed(request, error.map(ErrorCode::read).as_ref(), &said),
        ResultCode::TheirFault => doubt(DoubtKind::GatewayFault, &said),
        ResultCode::Unknown(_) => doubt(DoubtKind::UnknownCode, &said),
    }
}

/// A business answer that is about our order, or about none.
struct Answer<'a> {
    code: BizCode,
    data: &'a Tree,
    status: Option<OrderStatus>,
    identity: Identity,
    said: String,
}

fn business(request: &RefundRequest, tree: &Tree) -> RefundVerdict {
    let Some(biz) = tree.object("biz_response") else {
        return doubt(DoubtKind::Unreadable, "the answer has no biz_response");
    };
    let Some(code) = biz.text("result_code") else {
        return doubt(DoubtKind::Unreadable, "the answer has no biz_response.result_code");
    };
    let data = biz.object("data").unwrap_or(biz);
    let refund = request.refund();
    let identity = Identity {
        order: identity::text(data, "client_sn", refund.sale.order.as_str()),
        amount: identity::amount(data, "total_amount", refund.sale.amount, Fen::parse_fen),
        // Not in the table; should it come back, it must be ours.
        owner: match request {
            RefundRequest::Apply(_) => {
                identity::text(data, "refund_request_no", refund.id.as_str())
            }
            RefundRequest::Query(_) => identity::Match::Absent,
        },
    };
    let error = biz.text("error_code");
    let said = said::words(error.or(Some(code)), biz.text("error_message"));
    if let Some(Verdict::Unknown(doubt)) = identity.refuse(&said) {
        return RefundVerdict::Unknown(doubt);
    }
    let status = data.text("order_status").map(OrderStatus::read);
    let code = BizCode::read(code);
    let answer = Answer { code, data, status, identity, said };
    let error = error.map(ErrorCode::read);
    match (&answer.code, request) {
        (BizCode::Fail, _) => failed(request, error.as_ref(), &answer.said),
        (BizCode::RefundSuccess, RefundRequest::Apply(refund)) => applied(refund, &answer),
        (BizCode::Success, RefundRequest::Query(refund)) => queried(refund, &answer),
        (code, _) => unsettled(code, &answer.said),
    }
}

/// What means the same whatever was asked.
fn unsettled(code: &BizCode, said: &str) -> RefundVerdict {
    match code {
        BizCode::RefundInProgress | BizCode::InProgress => RefundVerdict::InProgress,
        BizCode::RefundError => doubt(DoubtKind::WalletUncertain, said),
        BizCode::ResultUnknown => doubt(DoubtKind::GatewayFault, said),
        // protocol/README: any `…_IN_PROGRESS` is pending.
        BizCode::Unknown(text) if text.ends_with("_IN_PROGRESS") => RefundVerdict::InProgress,
        BizCode::Unknown(_) => doubt(DoubtKind::UnknownCode, said),
        BizCode::PaySuccess
        | BizCode::PayFail
        | BizCode::PayFailError
        | BizCode::PayInProgress
        | BizCode::CancelSuccess
        | BizCode::CancelError
        | BizCode::CancelAbortError
        | BizCode::CancelAbortSuccess
        | BizCode::CancelInProgress
        | BizCode::RefundSuccess
        | BizCode::PrecreateSuccess
        | BizCode::PrecreateFail
        | BizCode::PrecreateInProgress
        | BizCode::Success
        | BizCode::Fail => doubt(DoubtKind::AskAgain, said),
    }
}

/// REFUND_SUCCESS, to the very call that carries our `refund_request_no`.
fn applied(refund: &Refund, answer: &Answer<'_>) -> RefundVerdict {
    let said = &answer.said;
    // §3-3.3: client_sn and total_amount are always there.
    if !answer.identity.is_whole() {
        return doubt(DoubtKind::AskAgain, &format!("the answer names no order; {said}"));
    }
    let movement = answer.data.text("status").map(Status::read);
    let is_done = match (&answer.status, movement) {
        (
            None | Some(OrderStatus::Refunded | OrderStatus::PartialRefunded),
            None | Some(Status::Success),
        ) => true,
        (Some(OrderStatus::RefundError), _) | (_, Some(Status::RefundError)) => {
            return doubt(DoubtKind::WalletUncertain, said);
        }
        (None | Some(_), None | Some(_)) => false,
    };
    let is_enough = match returned(refund, answer.data) {
        Returned::Unsaid => true,
        Returned::Fen(returned) => after(refund).is_some_and(|after| returned >= after),
        Returned::Unreadable => false,
    };
    if is_done && is_enough {
        refunded()
    } else {
        doubt(DoubtKind::AskAgain, &format!("the answer contradicts itself; {said}"))
    }
}

fn queried(refund: &Refund, answer: &Answer<'_>) -> RefundVerdict {
    // §3-4.3: client_sn, total_amount and order_status are always there.
    if !answer.identity.is_whole() {
        return doubt(DoubtKind::Unreadable, "the answer has no client_sn or total_amount");
    }
    let Some(status) = &answer.status else {
        return doubt(DoubtKind::Unreadable, "the answer has no order_status");
    };
    let said = format!("order_status {}; {}", status.text(), answer.said);
    let contradiction = || doubt(DoubtKind::AskAgain, &format!("a contradiction: {said}"));
    match (status, returned(refund, answer.data)) {
        (OrderStatus::Refunded, Returned::Unsaid) => refunded(),
        (OrderStatus::Refunded, Returned::Fen(returned)) if returned == refund.sale.amount => {
            refunded()
        }
        (OrderStatus::PartialRefunded, Returned::Fen(returned)) => sum(refund, returned, &said),
        (OrderStatus::Paid, Returned::Unsaid) if refund.refunded_before == Fen::ZERO => {
            RefundVerdict::NotFound
        }
        (OrderStatus::Paid, Returned::Fen(Fen::ZERO)) if refund.refunded_before == Fen::ZERO => {
            RefundVerdict::NotFound
        }
        (OrderStatus::Paid | OrderStatus::Refunded | OrderStatus::PartialRefunded, _) => {
            contradiction()
        }
        (OrderStatus::RefundError | OrderStatus::PayError | OrderStatus::CancelError, _) => {
            doubt(DoubtKind::WalletUncertain, &said)
        }
        // The order was paid: that it is open or cancelled needs a person, or time.
        (OrderStatus::Created | OrderStatus::PayCanceled | OrderStatus::Canceled, _) => {
            contradiction()
        }
        // protocol/README: any `…_IN_PROGRESS` is pending.
        (OrderStatus::Unknown(text), _) if text.ends_with("_IN_PROGRESS") => {
            RefundVerdict::InProgress
        }
        (OrderStatus::Unknown(_), _) => doubt(DoubtKind::UnknownCode, &said),
    }
}

/// Compares what was given back with what this refund would have made of it.
fn sum(refund: &Refund, returned: Fen, said: &str) -> RefundVerdict {
    let Some(after) = after(refund) else {
        return doubt(DoubtKind::AskAgain, said);
    };
    if returned == after {
        refunded()
    } else if returned == refund.refunded_before {
        RefundVerdict::NotFound
    } else {
        let told = format!("{returned} yuan were given back, not {after}; {said}");
        doubt(DoubtKind::AskAgain, &told)
    }
}

/// What will have been given back when this refund is done.
fn after(refund: &Refund) -> Option<Fen> {
    refund.refunded_before.checked_add(refund.amount)
}

/// What the gateway says was given back.
enum Returned {
    /// No `net_amount`.
    Unsaid,
    /// `total_amount` less `net_amount`.
    Fen(Fen),
    /// A `net_amount` that is none.
    Unreadable,
}

fn returned(refund: &Refund, data: &Tree) -> Returned {
    use crate::gateway::tree::Field;
    let net = match data.field("net_amount") {
        Field::Absent => return Returned::Unsaid,
        Field::WrongType => return Returned::Unreadable,
        Field::Text(text) => Fen::parse_fen(text),
    };
    let returned = net.ok().and_then(|net| refund.sale.amount.checked_sub(net));
    match returned.filter(|returned| *returned >= Fen::ZERO) {
        Some(returned) => Returned::Fen(returned),
        None => Returned::Unreadable,
    }
}

/// FAIL or 400. The whitelist of refusals (I4): §4-1, §4-5, §3-3.3. FAIL triggers nothing
/// ("不会触发流程").
fn failed(request: &RefundRequest, error: Option<&ErrorCode>, said: &str) -> RefundVerdict {
    use ErrorCode as E;
    let refused = |why| match request {
        RefundRequest::Apply(_) => RefundVerdict::Refused(said::a_decline(why, said)),
        // That a question was refused says nothing of the refund.
        RefundRequest::Query(_) => doubt(DoubtKind::AskAgain, said),
    };
    let Some(error) = error else { return doubt(DoubtKind::UnknownCode, said) };
    match error {
        E::InvalidParams => refused(Why::BadParameter),
        E::InvalidTerminal | E::TerminalNotExists => refused(Why::UnknownTerminal),
        E::IllegalSign => refused(Why::BadSignature),
        E::SellerOverDailyLimit => refused(Why::SellerLimit),
        E::SellerBalanceNotEnough => refused(Why::RefundNoBalance),
        E::RefundAmtNotEqualTotal => refused(Why::AmountRejected),
        E::RefundInvalidOrderState => refused(Why::RefundNotAllowed),
        E::OrderNotExist | E::TradeNotExist => RefundVerdict::NotFound,
        // REFUND_REQUEST_CONFLICT: it exists. The others are of charges, or too vague.
        E::RefundRequestConflict
        | E::ClientSnConflict
        | E::TradeHasSuccess
        | E::TradeFailed
        | E::CancelInvalidOrderState
        | E::InvalidBarcode
        | E::AuthcodeExpire
        | E::ExpiredBarcode
        | E::InsufficientFund
        | E::BuyerOverDailyLimit
        | E::BuyerOverTransactionLimit => doubt(DoubtKind::AskAgain, said),
        E::UnknownSystemError | E::Maintenance | E::UnexpectedProviderError => {
            doubt(DoubtKind::GatewayFault, said)
        }
        E::Unknown(_) => doubt(DoubtKind::UnknownCode, said),
    }
}

/// Upay v2 has no number of its own for a refund.
fn refunded() -> RefundVerdict {
    RefundVerdict::Refunded { gateway_refund: None }
}

fn doubt(kind: DoubtKind, said: &str) -> RefundVerdict {
    RefundVerdict::Unknown(said::a_doubt(kind, said))
}
