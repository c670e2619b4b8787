//! The stored form of a record: the body of an entry.
//!
//! The bodies are JSON, written by the types below and by nothing else: the payment room's own
//! types may change, this form may not. Each body carries `"v"`; a change of meaning, also a new
//! field, takes a new number and a new schema, and the old one stays readable for ever. Unknown
//! fields and versions are errors, so that nothing is half understood.
//!
//! ```text
//! opened        {"v":1,"amount_fen":1234,"operator":"…","subject":"…","direction":
//!                 {"scan":{"code_kind":"barcode","masked":"28****4755","channel":"alipay"}}}
//!               or "direction":{"present":{"channel":"wechat"}}
//! cancel_intent {"v":1,"attempt":1,"why":{"why":"cancelled_by_cashier","said":null}}
//! parked        {"v":1,"doubt":{"kind":"no_answer","said":"…"}}
//! settled       {"v":1,"outcome":{"paid":{"amount_fen":1234,"channel":"alipay",
//!                 "gateway_order":"…","trade_no":"…","returned":"nothing","returned_fen":null}}}
//!               or {"not_charged":{"why":…,"said":…}} or {"reversed":{"why":…,"said":…}}
//! void_intent   {"v":1,"attempt":2}
//! voided        {"v":1}
//! void_refused  {"v":1,"why":{"why":"gateway_refused","said":"…"}}
//! discrepancy   {"v":1,"found":{"paid":{…}}} or {"found":{"not_paid":{"why":…,"said":…}}}
//! refund_intent {"v":1,"refund_no":"…","amount_fen":100,"paid_fen":1234,"refunded_before_fen":0,
//!                 "operator":"…","sale_subject":"…","subject":"…","gateway_order":"…"}
//! refund_parked {"v":1,"refund_no":"…","doubt":{…}}; the doubt is null if it was accepted
//! refund_settled {"v":1,"refund_no":"…","outcome":{"refunded":{"gateway_refund":"…"}}}
//!               or {"refused":{"why":…,"said":…}}
//! refund_discrepancy {"v":1,"refund_no":"…","found":"refunded"} or {"not_refunded":{…}}
//! note          {"v":1,"operation":"query","text":"…"}
//! ```
//!
//! A channel that no dictionary has is `unknown:` and what was said. Texts from outside are cut to
//! a bound (I15) on a character boundary and end in `…` where something is missing. A customer's
//! code is there only masked, no key at all (I17).

mod form;
mod refund;

use super::error::Refusal;
use crate::id::OrderId;
use crate::money::Fen;
use crate::payment::outcome::Returned;
use crate::payment::record::{Direction, Found};
use crate::payment::{
    Channel, CodeKind, Decline, Doubt, DoubtKind, Outcome, Payment, Record, Sale, Why,
};
use form::{
    CancelIntent, Discrepancy, Note, Opened, Parked, Settled, StoredDecline, StoredDirection,
    StoredDoubt, StoredFound, StoredOutcome, StoredPayment, StoredReturned, VoidIntent,
    VoidRefused, Voided,
};
use serde::{Deserialize, Serialize};

/// The version of the bodies that are written.
const VERSION: u32 = 1;
// A program from before it finds a newer schema, and not entries that it takes for damage (I19).
const _: () = assert!(VERSION as i64 <= super::schema::SCHEMA, "a new form needs a migration");
/// The longest text of a sale, in bytes: more than any gateway's field.
const SALE_TEXT_LEN_MAX: usize = 512;
/// The longest remark of a gateway, in bytes.
const SAID_LEN_MAX: usize = 1024;
/// The longest number of an order or a trade, in bytes.
const NUMBER_LEN_MAX: usize = 256;
/// The longest name of a channel, masked code or operation, in bytes.
const NAME_LEN_MAX: usize = 64;
/// The longest note, in bytes.
pub(super) const NOTE_LEN_MAX: usize = 4096;

/// The kinds of entries, in the words of the `kind` column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A charge is about to be sent.
    Opened,
    /// A cancel is about to be sent.
    CancelIntent,
    /// The charge was given to the resolver.
    Parked,
    /// The end.
    Settled,
    /// A cancel is about to be sent for a paid order.
    VoidIntent,
    /// The money of a paid order went back.
    Voided,
    /// The gateway refused to return it.
    VoidRefused,
    /// The gateway contradicts the end.
    Discrepancy,
    /// A refund is about to be applied for.
    RefundIntent,
    /// A refund was given to the resolver.
    RefundParked,
    /// The end of a refund.
    RefundSettled,
    /// The gateway contradicts the end of a refund.
    RefundDiscrepancy,
    /// A raw answer, for people.
    Note,
}

impl EntryKind {
    const ALL: [EntryKind; 13] = [
        EntryKind::Opened,
        EntryKind::CancelIntent,
        EntryKind::Parked,
        EntryKind::Settled,
        EntryKind::VoidIntent,
        EntryKind::Voided,
        EntryKind::VoidRefused,
        EntryKind::Discrepancy,
        EntryKind::RefundIntent,
        EntryKind::RefundParked,
        EntryKind::RefundSettled,
        EntryKind::RefundDiscrepancy,
        EntryKind::Note,
    ];

    /// The name in the journal and in JSON. Kept for ever.
    pub fn name(self) -> &'static str {
        match self {
            EntryKind::Opened => "opened",
            EntryKind::CancelIntent => "cancel_intent",
            EntryKind::Parked => "parked",
            EntryKind::Settled => "settled",
            EntryKind::VoidIntent => "void_intent",
            EntryKind::Voided => "voided",
            EntryKind::VoidRefused => "void_refused",
            EntryKind::Discrepancy => "discrepancy",
            EntryKind::RefundIntent => "refund_intent",
            EntryKind::RefundParked => "refund_parked",
            EntryKind::RefundSettled => "refund_settled",
            EntryKind::RefundDiscrepancy => "refund_discrepancy",
            EntryKind::Note => "note",
        }
    }

    fn parse(name: &str) -> Option<EntryKind> {
        EntryKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What one entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A record of the machine.
    Record(Record),
    /// A raw answer, kept for people.
    Note {
        /// What was asked: [`crate::payment::Request::operation`].
        operation: String,
        /// The answer, cut to a bound.
        text: String,
    },
}

/// The body of a record, or why it cannot be kept.
pub(super) fn encode(record: &Record) -> Result<(EntryKind, String), Refusal> {
    Ok(match record {
        Record::Opened { sale, direction } => {
            if [&sale.operator, &sale.subject].iter().any(|text| text.len() > SALE_TEXT_LEN_MAX) {
                return Err(Refusal::TooLong);
            }
            let body = Opened {
                v: VERSION,
                amount_fen: sale.amount.get(),
                operator: sale.operator.clone(),
                subject: sale.subject.clone(),
                direction: put_direction(direction),
            };
            (EntryKind::Opened, json(&body))
        }
        Record::CancelIntent { attempt, why, .. } => {
            let body = CancelIntent { v: VERSION, attempt: *attempt, why: put_decline(why) };
            (EntryKind::CancelIntent, json(&body))
        }
        Record::Parked { doubt, .. } => {
            (EntryKind::Parked, json(&Parked { v: VERSION, doubt: put_doubt(doubt) }))
        }
        Record::Settled { outcome, .. } => {
            let outcome = match outcome {
                Outcome::Paid(payment) => StoredOutcome::Paid(put_payment(payment)),
                Outcome::NotCharged(why) => StoredOutcome::NotCharged(put_decline(why)),
                Outcome::Reversed(why) => StoredOutcome::Reversed(put_decline(why)),
                Outcome::Unresolved(_) => return Err(Refusal::NotFinal),
            };
            (EntryKind::Settled, json(&Settled { v: VERSION, outcome }))
        }
        Record::VoidIntent { attempt, .. } => {
            (EntryKind::VoidIntent, json(&VoidIntent { v: VERSION, attempt: *attempt }))
        }
        Record::Voided { .. } => (EntryKind::Voided, json(&Voided { v: VERSION })),
        Record::VoidRefused { why, .. } => {
            (EntryKind::VoidRefused, json(&VoidRefused { v: VERSION, why: put_decline(why) }))
        }
        Record::Discrepancy { found, .. } => {
            let found = match found {
                Found::Paid(payment) => StoredFound::Paid(put_payment(payment)),
                Found::NotPaid(why) => StoredFound::NotPaid(put_decline(why)),
            };
            (EntryKind::Discrepancy, json(&Discrepancy { v: VERSION, found }))
        }
        Record::RefundIntent { refund } => refund::encode_intent(refund)?,
        Record::RefundParked { id, doubt, .. } => refund::encode_parked(id, doubt),
        Record::RefundSettled { id, outcome, .. } => refund::encode_settled(id, outcome)?,
        Record::RefundDiscrepancy { id, found, .. } => refund::encode_discrepancy(id, found),
    })
}

/// The body of a note.
pub(super) fn encode_note(operation: &str, text: &str) -> String {
    let operation = cut(operation, NAME_LEN_MAX);
    json(&Note { v: VERSION, operation, text: cut(text, NOTE_LEN_MAX) })
}

/// What an entry says, or why it cannot be read. Total: any text is an answer or an error (I15).
pub(super) fn decode(order: &OrderId, kind: &str, body: &str) -> Result<Content, String> {
    let order = order.clone();
    let record = match EntryKind::parse(kind).ok_or_else(|| format!("unknown kind {kind:?}"))? {
        EntryKind::Opened => {
            let body: Opened = read(body, |body: &Opened| body.v)?;
            let amount = Fen::new(body.amount_fen);
            let (operator, subject) = (body.operator, body.subject);
            let sale = Sale { order, amount, operator, subject };
            Record::Opened { sale, direction: get_direction(body.direction)? }
        }
        EntryKind::CancelIntent => {
            let body: CancelIntent = read(body, |body: &CancelIntent| body.v)?;
            Record::CancelIntent { order, attempt: body.attempt, why: get_decline(body.why)? }
        }
        EntryKind::Parked => {
            let body: Parked = read(body, |body: &Parked| body.v)?;
            Record::Parked { order, doubt: get_doubt(body.doubt)? }
        }
        EntryKind::Settled => {
            let body: Settled = read(body, |body: &Settled| body.v)?;
            let outcome = match body.outcome {
                StoredOutcome::Paid(payment) => Outcome::Paid(get_payment(payment)?),
                StoredOutcome::NotCharged(why) => Outcome::NotCharged(get_decline(why)?),
                StoredOutcome::Reversed(why) => Outcome::Reversed(get_decline(why)?),
            };
            Record::Settled { order, outcome }
        }
        EntryKind::VoidIntent => {
            let body: VoidIntent = read(body, |body: &VoidIntent| body.v)?;
            Record::VoidIntent { order, attempt: body.attempt }
        }
        EntryKind::Voided => {
            read(body, |body: &Voided| body.v)?;
            Record::Voided { order }
        }
        EntryKind::VoidRefused => {
            let body: VoidRefused = read(body, |body: &VoidRefused| body.v)?;
            Record::VoidRefused { order, why: get_decline(body.why)? }
        }
        EntryKind::Discrepancy => {
            let body: Discrepancy = read(body, |body: &Discrepancy| body.v)?;
            let found = match body.found {
                StoredFound::Paid(payment) => Found::Paid(get_payment(payment)?),
                StoredFound::NotPaid(why) => Found::NotPaid(get_decline(why)?),
            };
            Record::Discrepancy { order, found }
        }
        EntryKind::RefundIntent => refund::decode_intent(order, body)?,
        EntryKind::RefundParked => refund::decode_parked(order, body)?,
        EntryKind::RefundSettled => refund::decode_settled(order, body)?,
        EntryKind::RefundDiscrepancy => refund::decode_discrepancy(order, body)?,
        EntryKind::Note => {
            let body: Note = read(body, |body: &Note| body.v)?;
            return Ok(Content::Note { operation: body.operation, text: body.text });
        }
    };
    Ok(Content::Record(record))
}

fn json<T: Serialize>(body: &T) -> String {
    // Plain structs of texts and whole numbers: serde_json has no reason to fail on them.
    serde_json::to_string(body).unwrap_or_default()
}

fn read<'a, T: Deserialize<'a>>(body: &'a str, v: impl Fn(&T) -> u32) -> Result<T, String> {
    let read: T = serde_json::from_str(body).map_err(|error| error.to_string())?;
    if v(&read) == VERSION { Ok(read) } else { Err(format!("unknown version {}", v(&read))) }
}

/// At most `len_max` bytes of a text, ending in `…` if something is missing.
fn cut(text: &str, len_max: usize) -> String {
    const MARK: char = '…';
    if text.len() <= len_max {
        return text.to_owned();
    }
    let room = len_max.saturating_sub(MARK.len_utf8());
    let mut kept = String::with_capacity(len_max);
    for character in text.chars() {
        if kept.len() + character.len_utf8() > room {
            break;
        }
        kept.push(character);
    }
    kept.push(MARK);
    kept
}

fn said(text: &Option<String>) -> Option<String> {
    text.as_ref().map(|text| cut(text, SAID_LEN_MAX))
}

fn put_decline(decline: &Decline) -> StoredDecline {
    StoredDecline { why: decline.why.name().to_owned(), said: said(&decline.said) }
}

fn get_decline(stored: StoredDecline) -> Result<Decline, String> {
    let why = Why::parse(&stored.why).ok_or_else(|| format!("unknown reason {:?}", stored.why))?;
    Ok(Decline { why, said: stored.said })
}

fn put_doubt(doubt: &Doubt) -> StoredDoubt {
    StoredDoubt { kind: doubt.kind.name().to_owned(), said: said(&doubt.said) }
}

fn get_doubt(stored: StoredDoubt) -> Result<Doubt, String> {
    let kind =
        DoubtKind::parse(&stored.kind).ok_or_else(|| format!("unknown doubt {:?}", stored.kind))?;
    Ok(Doubt { kind, said: stored.said })
}

fn put_payment(payment: &Payment) -> StoredPayment {
    let (returned, returned_fen) = match payment.returned {
        Returned::Nothing => (StoredReturned::Nothing, None),
        Returned::Part(fen) => (StoredReturned::Part, fen.map(Fen::get)),
        Returned::Everything => (StoredReturned::Everything, None),
        Returned::Unclear => (StoredReturned::Unclear, None),
    };
    StoredPayment {
        amount_fen: payment.amount.get(),
        channel: put_channel(&payment.channel),
        gateway_order: payment.gateway_order.as_ref().map(|text| cut(text, NUMBER_LEN_MAX)),
        trade_no: payment.trade_no.as_ref().map(|text| cut(text, NUMBER_LEN_MAX)),
        returned,
        returned_fen,
    }
}

fn get_payment(stored: StoredPayment) -> Result<Payment, String> {
    let returned = match (stored.returned, stored.returned_fen) {
        (StoredReturned::Part, fen) => Returned::Part(fen.map(Fen::new)),
        (_, Some(_)) => return Err("returned_fen belongs to part only".to_owned()),
        (StoredReturned::Nothing, None) => Returned::Nothing,
        (StoredReturned::Everything, None) => Returned::Everything,
        (StoredReturned::Unclear, None) => Returned::Unclear,
    };
    Ok(Payment {
        amount: Fen::new(stored.amount_fen),
        channel: get_channel(&stored.channel)?,
        gateway_order: stored.gateway_order,
        trade_no: stored.trade_no,
        returned,
    })
}

fn put_direction(direction: &Direction) -> StoredDirection {
    match direction {
        Direction::Scan { kind, masked, channel } => StoredDirection::Scan {
            code_kind: kind.name().to_owned(),
            masked: cut(masked, NAME_LEN_MAX),
            channel: put_channel(channel),
        },
        Direction::Present { channel } => {
            StoredDirection::Present { channel: put_channel(channel) }
        }
        Direction::HandOut { channel } => {
            StoredDirection::HandOut { channel: put_channel(channel) }
        }
    }
}

fn get_direction(stored: StoredDirection) -> Result<Direction, String> {
    Ok(match stored {
        StoredDirection::Scan { code_kind, masked, channel } => Direction::Scan {
            kind: CodeKind::parse(&code_kind)
                .ok_or_else(|| format!("unknown kind of code {code_kind:?}"))?,
            masked,
            channel: get_channel(&channel)?,
        },
        StoredDirection::Present { channel } => {
            Direction::Present { channel: get_channel(&channel)? }
        }
        StoredDirection::HandOut { channel } => {
            Direction::HandOut { channel: get_channel(&channel)? }
        }
    })
}

/// A channel as text: its name, or `unknown:` and what was said.
pub(super) fn put_channel(channel: &Channel) -> String {
    match channel {
        Channel::Unknown(text) => format!("unknown:{}", cut(text, NAME_LEN_MAX)),
        Channel::Alipay
        | Channel::Wechat
        | Channel::UnionPay
        | Channel::Baidu
        | Channel::BestPay
        | Channel::Qq
        | Channel::Jd
        | Channel::Bank => channel.name().to_owned(),
    }
}

/// The channel of a [`put_channel`].
pub(super) fn get_channel(text: &str) -> Result<Channel, String> {
    match text.strip_prefix("unknown:") {
        Some(said) => Ok(Channel::Unknown(said.to_owned())),
        None => Channel::parse(text).ok_or_else(|| format!("unknown channel {text:?}")),
    }
}
