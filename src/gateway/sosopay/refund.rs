//! Refunds: JSON zh §6 (JSON en §7, numbered 8), JSON en §9 (refund query, numbered 10), XML v1 §5,
//! SDK "Refund interface".
//!
//! What proves a refund, where the documents leave it open:
//! - SUCCESS on `refund` names, in JSON's own sample, neither order nor refund nor state, and the
//!   dictionary has a state for refunds under way. It is taken for "accepted" ([`InProgress`]), and
//!   the query proves. Only an answer that names our order (SDK table 5.4) and says a state that
//!   means "refunded" is taken for that; 4, a part, means it where no part had gone back before.
//! - A refund query proves by our `REFUND_CODE`. An answer whose list has no such number, but more
//!   given back than we know of, proves nothing: the sample's numbers are the gateway's own.
//! - XML v1 has no refund query, so the order's state decides: 5 is everything; 4 is this refund if
//!   nothing had been given back before. Where something had been, and something will be left, 4
//!   stays 4 whatever happens; there the state of the refund itself is asked, which a query gives
//!   by OUT_REFUND_NO (SDK appendix 4, states 10 to 14). That XML v1's gateway knows this is not
//!   documented, so that it does not know the number proves nothing.
//!
//! [`InProgress`]: RefundVerdict::InProgress

use super::dictionary::{Code, State};
use super::info::{self, Bearing};
use super::wire_json::Fields;
use super::{Edition, Sosopay, address, get, wire_xml, words_of};
use crate::gateway::extras::FREE_CHARS_MAX;
use crate::gateway::http::HttpRequest;
use crate::gateway::identity::{self, Identity, Match};
use crate::gateway::tree::{Field, Tree};
use crate::gateway::{FieldError, Stamp, field, json, said};
use crate::money::Fen;
use crate::payment::{DoubtKind, Refund, RefundRequest, RefundVerdict, Verdict, Why};

/// Our numbers are bounded by their types; the gateway's goes back as it came.
pub(in crate::gateway) fn check(
    codec: &Sosopay,
    request: &RefundRequest,
) -> Result<(), FieldError> {
    let RefundRequest::Apply(refund) = request else { return Ok(()) };
    field::refund("CHARGE_REFUND_FEE", refund)?;
    field::text(codec.operator_name(), &refund.sale.operator, FREE_CHARS_MAX)?;
    field::text("REFUND_SUBJECT", &refund.subject, FREE_CHARS_MAX)?;
    match &refund.gateway_order {
        Some(number) => field::text("CHARGE_DOWN_CODE", number, FREE_CHARS_MAX),
        None => Ok(()),
    }
}

pub(in crate::gateway) fn encode(
    codec: &Sosopay,
    request: &RefundRequest,
    stamp: Stamp,
) -> HttpRequest {
    match (request, codec.edition) {
        (RefundRequest::Apply(refund), edition) => {
            let body = match edition {
                Edition::Json => json::write_values(&json_fields(codec, refund)),
                Edition::XmlV1 => wire_xml::write("REFUND_REQ", &xml_fields(codec, refund)),
            };
            let sign = codec.sign(&body, stamp);
            codec.post(address::post(codec, "refund", &sign), body)
        }
        // TRADE_NO is the order's number, ours: serType is left out.
        (RefundRequest::Query(refund), Edition::Json) => {
            let path = ["refundQuery", refund.sale.order.as_str(), &codec.merchant_id];
            get(address::get(codec, &path, &[]))
        }
        (RefundRequest::Query(refund), Edition::XmlV1) => {
            let number = match is_asked_by_number(refund) {
                true => refund.id.as_str(),
                false => refund.sale.order.as_str(),
            };
            get(address::query_xml(codec, number))
        }
    }
}

/// JSON zh table 6.2. CHARGE_CODE must be there; CHARGE_DOWN_CODE, where it is known, goes first at
/// the gateway ("有下行流水号优先使用下行流水号退款").
fn json_fields(codec: &Sosopay, refund: &Refund) -> Fields {
    let mut fields = Fields::from([
        ("BUSI_ID", codec.merchant_id.as_str().into()),
        ("OPER_ID", refund.sale.operator.as_str().into()),
        ("DEV_ID", codec.device.as_str().into()),
        ("CHARGE_REFUND_FEE", refund.amount.yuan().into()),
        ("REFUND_SUBJECT", refund.subject.as_str().into()),
        ("CHARGE_CODE", refund.sale.order.as_str().into()),
    ]);
    if let Some(number) = &refund.gateway_order {
        fields.push(("CHARGE_DOWN_CODE", number.as_str().into()));
    }
    fields.push(("OUT_REFUND_NO", refund.id.as_str().into()));
    fields
}

/// XML v1 §5, in its order. It has no CHARGE_DOWN_CODE.
fn xml_fields(codec: &Sosopay, refund: &Refund) -> Fields {
    Fields::from([
        ("BUSI_ID", codec.merchant_id.as_str().into()),
        (codec.operator_field.name(), refund.sale.operator.as_str().into()),
        ("DEV_ID", codec.device.as_str().into()),
        ("CHARGE_CODE", refund.sale.order.as_str().into()),
        ("OUT_REFUND_NO", refund.id.as_str().into()),
        ("CHARGE_REFUND_FEE", refund.amount.yuan().into()),
        ("REFUND_SUBJECT", refund.subject.as_str().into()),
    ])
}

pub(in crate::gateway) fn decode(
    codec: &Sosopay,
    request: &RefundRequest,
    body: &[u8],
) -> RefundVerdict {
    let tree = match codec.answer(body, words_of) {
        Ok(tree) => tree,
        Err(doubt) => return RefundVerdict::Unknown(doubt),
    };
    let said = words_of(&tree);
    let root = match (request, codec.edition) {
        (RefundRequest::Apply(_), _) => "REFUND_RESP",
        (RefundRequest::Query(_), Edition::Json) => "REFUND_QUERY_RESP",
        (RefundRequest::Query(_), Edition::XmlV1) => "QUERY_RESP",
    };
    let Some(fields) = tree.object(root) else {
        return doubt(DoubtKind::Unreadable, &format!("the answer is no {root}; {said}"));
    };
    let Some(code) = fields.object("RESULT").and_then(|result| result.text("CODE")) else {
        return doubt(DoubtKind::Unreadable, "the answer has no RESULT.CODE");
    };
    let identity = identity_of(codec, request, fields);
    if let Some(Verdict::Unknown(doubt)) = identity.refuse(&said) {
        return RefundVerdict::Unknown(doubt);
    }
    let code = Code::read(code.trim());
    match (request, codec.edition) {
        (RefundRequest::Apply(refund), _) => applied(refund, fields, &code, identity, &said),
        (RefundRequest::Query(refund), edition) => match info::bearing(&code) {
            Bearing::Success if !identity.is_whole() => {
                doubt(DoubtKind::Unreadable, "the answer has no CHARGE_CODE or AMT")
            }
            Bearing::Success => match edition {
                Edition::Json => listed(refund, fields, &said),
                Edition::XmlV1 if is_asked_by_number(refund) => by_number(fields, None, &said),
                Edition::XmlV1 => by_order(refund, fields, &said),
            },
            Bearing::NotFound if edition == Edition::XmlV1 && is_asked_by_number(refund) => {
                doubt(DoubtKind::AskAgain, &said)
            }
            Bearing::NotFound => RefundVerdict::NotFound,
            // A refused question says nothing of the refund.
            Bearing::Refusal(_) | Bearing::Revoked => doubt(DoubtKind::AskAgain, &said),
            Bearing::Doubt(kind) => doubt(kind, &said),
        },
    }
}

fn identity_of(codec: &Sosopay, request: &RefundRequest, fields: &Tree) -> Identity {
    let refund = request.refund();
    let parse = codec.edition.unit().parse();
    let paid = identity::amount(fields, "AMT", refund.sale.amount, parse);
    let order = identity::text(fields, "CHARGE_CODE", refund.sale.order.as_str());
    // SDK table 5.4 has AMT, "transaction amount", which may be the refund's; and what is asked by
    // the refund's number may be named by it.
    let may_be_refunds = match request {
        RefundRequest::Apply(_) => true,
        RefundRequest::Query(_) => codec.edition == Edition::XmlV1 && is_asked_by_number(refund),
    };
    let either =
        |ours, refunds| if may_be_refunds && ours == Match::Differs { refunds } else { ours };
    let number = identity::text(fields, "OUT_REFUND_NO", refund.id.as_str());
    let by_number = identity::text(fields, "CHARGE_CODE", refund.id.as_str());
    Identity {
        order: if number == Match::Differs { number } else { either(order, by_number) },
        amount: either(paid, identity::amount(fields, "AMT", refund.amount, parse)),
        owner: identity::text(fields, "BUSI_ID", &codec.merchant_id),
    }
}

/// The answer to `refund`.
fn applied(
    refund: &Refund,
    fields: &Tree,
    code: &Code,
    identity: Identity,
    said: &str,
) -> RefundVerdict {
    match info::bearing(code) {
        Bearing::Success => {}
        Bearing::Refusal(why) => return RefundVerdict::Refused(said::a_decline(why, said)),
        // The order was cancelled: its money went back that way.
        Bearing::Revoked => {
            return RefundVerdict::Refused(said::a_decline(Why::RefundNotAllowed, said));
        }
        Bearing::NotFound => return RefundVerdict::NotFound,
        Bearing::Doubt(kind) => return doubt(kind, said),
    }
    let refunded = || {
        let gateway_refund = said::number(fields.text("REFUND_DOWN_CODE"));
        RefundVerdict::Refunded { gateway_refund }
    };
    let named = identity.names_order();
    // The documents have no state here; one that is there must not contradict.
    match info::state(fields) {
        Ok(Some(State::RefundDone | State::Refunded)) if named => refunded(),
        Ok(Some(State::PartlyRefunded)) if named && is_the_only_part(refund) => refunded(),
        Ok(
            None
            | Some(
                State::RefundDone
                | State::PartlyRefunded
                | State::Refunded
                | State::RefundPending
                | State::Refunding,
            ),
        ) => RefundVerdict::InProgress,
        Ok(Some(_)) | Err(info::Contradiction) => doubt(DoubtKind::AskAgain, said),
    }
}

/// Whether nothing is left after this refund.
fn is_the_rest(refund: &Refund) -> bool {
    refund.refunded_before.checked_add(refund.amount) == Some(refund.sale.amount)
}

/// Whether an order of which a part was given back (4) can be so by this refund alone.
fn is_the_only_part(refund: &Refund) -> bool {
    refund.refunded_before == Fen::ZERO && !is_the_rest(refund)
}

/// XML v1: whether the order's state cannot tell this refund from those before it.
fn is_asked_by_number(refund: &Refund) -> bool {
    refund.refunded_before > Fen::ZERO && !is_the_rest(refund)
}

/// The answer to `refundQuery`: our refund in the order's list.
fn listed(refund: &Refund, fields: &Tree, said: &str) -> RefundVerdict {
    let all = info::items(fields, "REFUND_TRADE_LIST", "REFUND_TRADE");
    let ours = |item: &&Tree| item.text("REFUND_CODE") == Some(refund.id.as_str());
    let mut found = all.iter().copied().filter(ours);
    match (found.next(), found.next()) {
        (Some(item), None) => state_of(refund, item, said),
        (Some(_), Some(_)) => {
            doubt(DoubtKind::AskAgain, &format!("the answer has our refund twice; {said}"))
        }
        (None, _) => missing(refund, fields, &all, said),
    }
}

/// Our entry: SDK appendix 4, states 10 to 14; a gateway that keeps to the JSON appendix says 5, 8
/// or 9. 12 and 13 both mean "not refunded".
fn state_of(refund: &Refund, item: &Tree, said: &str) -> RefundVerdict {
    match identity::amount(item, "REFUND_AMT", refund.amount, Fen::parse_fen) {
        Match::Same => {}
        Match::Absent => return doubt(DoubtKind::Unreadable, "our refund has no REFUND_AMT"),
        Match::Differs => {
            return doubt(DoubtKind::Mismatch, &format!("our refund has another amount; {said}"));
        }
    }
    by_number(item, said::number(item.text("REFUND_DOWN_CODE")), said)
}

/// The state of the refund itself.
fn by_number(fields: &Tree, gateway_refund: Option<String>, said: &str) -> RefundVerdict {
    let state = match info::state(fields) {
        Ok(Some(state)) => state,
        Ok(None) => return doubt(DoubtKind::Unreadable, "our refund has no STATE"),
        Err(info::Contradiction) => {
            return doubt(DoubtKind::Unreadable, "our refund's states contradict each other");
        }
    };
    let said = format!("STATE {}; {said}", state.text());
    match state {
        // 5 is the order's word; said of our refund, or of all, it is as good.
        State::RefundDone | State::Refunded => RefundVerdict::Refunded { gateway_refund },
        State::RefundPending | State::Refunding => RefundVerdict::InProgress,
        State::RefundCancelled | State::RefundRefused | State::RefundFailed => {
            RefundVerdict::Refused(said::a_decline(Why::RefundFailed, &said))
        }
        // States of an order; 14 says that the order was cancelled. Of the refund they prove
        // nothing.
        State::Pending
        | State::Paid
        | State::Revoked
        | State::RevocationApplied
        | State::PartlyRefunded
        | State::Closed
        | State::Reserved
        | State::OrderCancelled => doubt(DoubtKind::AskAgain, &said),
        State::Unknown(_) => doubt(DoubtKind::UnknownCode, &said),
    }
}

/// Our refund is not in the list: not found, unless more was given back than we know of, or is
/// about to be: the sample's numbers are the gateway's own.
fn missing(refund: &Refund, fields: &Tree, all: &[&Tree], said: &str) -> RefundVerdict {
    let unreadable = |text: &str| doubt(DoubtKind::Unreadable, text);
    let sum = match fields.field("REFUND_AMT") {
        Field::Text(text) => Fen::parse_fen(text).ok(),
        Field::WrongType => None,
        Field::Absent => all.iter().try_fold(Fen::ZERO, |sum, item| {
            sum.checked_add(Fen::parse_fen(item.text("REFUND_AMT")?).ok()?)
        }),
    };
    let Some(sum) = sum else { return unreadable("the answer's REFUND_AMT is no amount") };
    let count = fields.text("REFUND_COUNT").map(|count| count.trim().parse::<usize>());
    match count {
        Some(Ok(count)) if count > all.len() => {
            return unreadable("the answer has fewer refunds than it counts");
        }
        Some(Ok(_)) | None => {}
        Some(Err(_)) => return unreadable("the answer's REFUND_COUNT is no number"),
    }
    let unaccounted = sum.checked_sub(refund.refunded_before);
    if unaccounted.is_none_or(|rest| rest >= refund.amount) {
        let told = format!("{sum} yuan were given back, under other numbers; {said}");
        return doubt(DoubtKind::AskAgain, &told);
    }
    let goes_on = |item: &&Tree| {
        matches!(info::state(item), Ok(Some(State::RefundPending | State::Refunding)))
    };
    if all.iter().any(goes_on) {
        let told = format!("a refund goes on, under another number; {said}");
        return doubt(DoubtKind::AskAgain, &told);
    }
    RefundVerdict::NotFound
}

/// XML v1: the order's state has to do.
fn by_order(refund: &Refund, fields: &Tree, said: &str) -> RefundVerdict {
    let state = match info::state(fields) {
        Ok(Some(state)) => state,
        Ok(None) => return doubt(DoubtKind::Unreadable, "the answer has no CHARGE_STATE"),
        Err(info::Contradiction) => {
            return doubt(DoubtKind::Unreadable, "the answer's states contradict each other");
        }
    };
    let said = format!("CHARGE_STATE {}; {said}", state.text());
    let is_first = refund.refunded_before == Fen::ZERO;
    match state {
        State::Refunded => RefundVerdict::Refunded { gateway_refund: None },
        State::PartlyRefunded if is_the_only_part(refund) => {
            RefundVerdict::Refunded { gateway_refund: None }
        }
        State::Paid if is_first => RefundVerdict::NotFound,
        // The rest was not given back yet.
        State::PartlyRefunded if !is_first => RefundVerdict::NotFound,
        State::Refunding => RefundVerdict::InProgress,
        // Some refund of the order failed; it need not be ours, which may still be on its way. What
        // is certain is that ours was not carried out yet.
        State::RefundFailed => RefundVerdict::NotFound,
        State::Paid
        | State::PartlyRefunded
        | State::Pending
        | State::Revoked
        | State::RevocationApplied
        | State::Closed
        | State::Reserved
        | State::RefundPending
        | State::RefundDone
        | State::RefundCancelled
        | State::RefundRefused
        | State::OrderCancelled => doubt(DoubtKind::AskAgain, &said),
        State::Unknown(_) => doubt(DoubtKind::UnknownCode, &said),
    }
}

fn doubt(kind: DoubtKind, said: &str) -> RefundVerdict {
    RefundVerdict::Unknown(said::a_doubt(kind, said))
}
