//! One-shot operations of SOSOPAY: where each is, what it sends, what its answer is.
//!
//! `order` has the orders of the other shapes, `lists` what is looked up, `account` the operator's
//! login and the recharge. All but the look-up are the JSON editions' alone.

mod account;
mod lists;
mod order;

use super::dictionary::Code;
use super::info::{self, Bearing};
use super::{Edition, Sosopay, words_of};
use crate::gateway::http::HttpRequest;
use crate::gateway::operation::{Answer, Failed, Operation, OperationError};
use crate::gateway::settings::Kind;
use crate::gateway::tree::Tree;
use crate::gateway::{Stamp, said};
use crate::payment::DoubtKind;

pub(in crate::gateway) fn check(
    codec: &Sosopay,
    operation: &Operation,
) -> Result<(), OperationError> {
    let is_everywhere = matches!(operation, Operation::Lookup(_));
    if codec.edition == Edition::XmlV1 && !is_everywhere {
        return Err(unsupported(codec, operation));
    }
    match operation {
        Operation::JsapiOrder(it) => Ok(order::check_jsapi(codec, it)?),
        Operation::AlipayOrder(it) => Ok(order::check_alipay(codec, it)?),
        Operation::WapOrder(it) => Ok(order::check_wap(codec, it)?),
        Operation::Lookup(key) => lists::check_key(codec, operation, key),
        Operation::RefundList(key) => lists::check_key(codec, operation, key),
        Operation::ApplyCancel(_) => Ok(()),
        Operation::Recharge(it) => account::check_recharge(codec, it),
        Operation::BatchQuery(it) => lists::check_batch(codec, it),
        Operation::Channels => lists::channels_path(codec).map(|_| ()),
        Operation::Login(it) => account::check_login(codec, it),
        Operation::Activate(_) | Operation::CheckIn(_) | Operation::Revoke(_) => {
            Err(unsupported(codec, operation))
        }
    }
}

fn unsupported(codec: &Sosopay, operation: &Operation) -> OperationError {
    let kind = match codec.edition {
        Edition::Json => Kind::SosopayJson,
        Edition::XmlV1 => Kind::SosopayXml,
    };
    OperationError::Unsupported { operation: operation.name(), gateway: kind.name() }
}

pub(in crate::gateway) fn encode(
    codec: &Sosopay,
    operation: &Operation,
    stamp: Stamp,
) -> Result<HttpRequest, OperationError> {
    match operation {
        Operation::JsapiOrder(it) => Ok(order::jsapi(codec, it, stamp)),
        Operation::AlipayOrder(it) => Ok(order::alipay(codec, it, stamp)),
        Operation::WapOrder(it) => Ok(order::wap(codec, it, stamp)),
        Operation::Lookup(key) => Ok(lists::lookup(codec, key)),
        Operation::RefundList(key) => Ok(lists::refunds(codec, key)),
        Operation::ApplyCancel(sale) => Ok(order::apply_cancel(codec, sale, stamp)),
        Operation::Recharge(it) => account::recharge(codec, it, stamp),
        Operation::BatchQuery(it) => lists::batch(codec, it),
        Operation::Channels => lists::channels(codec),
        Operation::Login(it) => account::login(codec, it, stamp),
        Operation::Activate(_) | Operation::CheckIn(_) | Operation::Revoke(_) => {
            Err(unsupported(codec, operation))
        }
    }
}

pub(in crate::gateway) fn decode(
    codec: &Sosopay,
    operation: &Operation,
    body: &[u8],
) -> Result<Answer, Failed> {
    // A recharge's address carries no `encrypt`, so its answer is plain whatever was agreed.
    let is_plain = matches!(operation, Operation::Recharge(_)) && super::looks_plain(body);
    let tree = match is_plain {
        true => super::read(body).map_err(|error| unreadable(&error.to_string()))?,
        false => codec.answer(body, words_of).map_err(Failed::Unknown)?,
    };
    match operation {
        Operation::JsapiOrder(it) => order::jsapi_ordered(codec, &it.sale, &tree),
        Operation::AlipayOrder(it) => order::alipay_ordered(codec, &it.sale, &tree),
        Operation::WapOrder(it) => order::wap_ordered(codec, &it.sale, &tree),
        Operation::Lookup(key) => lists::found(codec, key, &tree),
        Operation::RefundList(key) => lists::refunds_found(codec, key, &tree),
        Operation::ApplyCancel(sale) => order::cancel_applied(codec, sale, &tree),
        Operation::Recharge(it) => account::recharged(codec, it, &tree),
        Operation::BatchQuery(_) => lists::orders(codec, &tree),
        Operation::Channels => lists::channel_list(&tree),
        Operation::Login(_) => account::logged_in(&tree),
        Operation::Activate(_) | Operation::CheckIn(_) | Operation::Revoke(_) => {
            Err(unreadable("no such operation"))
        }
    }
}

/// The fields under a root, if its own RESULT says SUCCESS (I4): one that stands beside it could
/// contradict it.
fn succeeded<'a>(tree: &'a Tree, root: &str) -> Result<&'a Tree, Failed> {
    let Some(fields) = tree.object(root) else {
        let text = format!("the answer is no {root}; {}", words_of(tree));
        return Err(unreadable(&text));
    };
    judge(info::own_code(fields), &words_of(fields)).map(|()| fields)
}

/// Whether an answer whose root no document names says SUCCESS.
fn success(tree: &Tree) -> Result<(), Failed> {
    judge(info::code(tree), &words_of(tree))
}

fn judge(code: Option<Code>, said: &str) -> Result<(), Failed> {
    let Some(code) = code else {
        return Err(unreadable("the answer has no RESULT.CODE"));
    };
    match info::bearing(&code) {
        Bearing::Success => Ok(()),
        Bearing::Refusal(why) => Err(Failed::Refused(said::a_decline(why, said))),
        Bearing::NotFound => Err(Failed::NotFound),
        Bearing::Revoked => Err(unknown(DoubtKind::AskAgain, said)),
        Bearing::Doubt(kind) => Err(unknown(kind, said)),
    }
}

fn unknown(kind: DoubtKind, said: &str) -> Failed {
    Failed::Unknown(said::a_doubt(kind, said))
}

fn unreadable(said: &str) -> Failed {
    unknown(DoubtKind::Unreadable, said)
}
