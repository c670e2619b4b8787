//! Turns requests into bytes and bytes into verdicts, for Upay v2, SOSOPAY JSON and SOSOPAY XML v1.
//!
//! Pure: no I/O, no clock, no randomness. The time in a sign is an argument ([`Stamp`]), the HTTP
//! exchange is the caller's. This room owns the dictionaries of the gateways, their signs, their
//! encryption, and the tables that say what an answer proves; it may touch `payment` and the base.
//!
//! - [`Gateway::encode`] writes a request, [`Gateway::check`] refuses one that a gateway could not
//!   take before anything is journalled.
//! - [`Gateway::decode`] is total (I15): whatever comes becomes a verdict. `Paid` needs the exact
//!   order and amount, and a status that means money moved for that operation (I3); `Declined` and
//!   `Reversed` only come from the whitelists in [`shouqianba`]'s and [`sosopay`]'s maps (I4).
//! - [`Gateway::redact`] makes a body fit for the journal (I17).
//!
//! Decisions that no document settles:
//! - A body is believed only under HTTP status 200. 5xx is a fault of the gateway; any other status
//!   may come from whatever stands between (a captive portal, a proxy), so it proves nothing, even
//!   with a body that looks like a document's.
//! - With encryption on, an answer in plain text proves nothing; its code is kept for people to
//!   read.
//! - A body larger than [`BODY_LEN_MAX`] is not read.
//!
//! Sources: protocol/README ("What each answer proves"), and the documents that each room names.

pub mod dictionary;
mod extras;
mod field;
mod http;
mod identity;
mod json;
pub mod notification;
pub mod operation;
mod redact;
mod said;
mod settings;
pub mod shouqianba;
pub mod sosopay;
mod tree;

pub use extras::{
    Extras, GOODS_MAX, Goods, LIFE_MAX, LIFE_MIN, MERCHANT_PARA_CHARS_MAX, MerchantPara,
    WAP_LIFE_MIN,
};
pub use field::FieldError;
pub use http::{HttpRequest, HttpResponse, Method, Stamp};
pub use notification::{Notification, Refused};
pub use operation::{Answer, Failed, Operation, OperationError};
pub use redact::REDACTED_LEN_MAX;
pub use settings::{
    CipherMode, CipherSettings, KeyEncoding, Kind, OperatorField, Paths, ResponseFormat, Settings,
    SettingsError,
};
pub use tree::TreeError;

use self::operation::OrderState;
use crate::payment::{PaymentCode, RefundRequest, RefundVerdict, Request, Verdict};
use crate::secret::Secret;

/// The largest body that is read: a hundred times what the documents' longest sample takes.
pub const BODY_LEN_MAX: usize = 256 * 1024;

/// A gateway's codec, with everything from the configuration that it needs.
///
/// `Debug` shows no key.
#[derive(Clone, Debug)]
pub struct Gateway {
    kind: Kind,
    codec: Codec,
}

#[derive(Clone, Debug)]
enum Codec {
    Shouqianba(shouqianba::Shouqianba),
    Sosopay(sosopay::Sosopay),
}

impl Gateway {
    /// Takes the settings, if they are whole.
    pub fn new(settings: Settings) -> Result<Gateway, SettingsError> {
        settings.validate()?;
        let kind = settings.kind;
        let codec = match kind {
            Kind::Shouqianba => Codec::Shouqianba(shouqianba::Shouqianba::new(settings)?),
            Kind::SosopayJson | Kind::SosopayXml => {
                Codec::Sosopay(sosopay::Sosopay::new(settings)?)
            }
        };
        Ok(Gateway { kind, codec })
    }

    /// Which gateway it speaks to.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether the gateway can carry what every sale takes from the configuration: `merchant.name`
    /// as its subject, and `merchant.operator`. A till on others could start and sell nothing.
    pub fn check_merchant(&self, name: &str, operator: &str) -> Result<(), SettingsError> {
        let (name, operator) = match &self.codec {
            Codec::Shouqianba(codec) => (codec.check_subject(name), codec.check_operator(operator)),
            Codec::Sosopay(codec) => (codec.check_subject(name), codec.check_operator(operator)),
        };
        let wrong = |key, error: FieldError| SettingsError::new(key, error.to_string());
        name.map_err(|error| wrong("merchant.name", error))?;
        operator.map_err(|error| wrong("merchant.operator", error))
    }

    /// Whether the gateway can carry the request: lengths, characters, channels. Called before
    /// anything is journalled; [`Gateway::encode`] refuses for the same reasons and no others.
    pub fn check(&self, request: &Request) -> Result<(), FieldError> {
        self.check_with(request, &Extras::default())
    }

    /// [`Gateway::check`] of a charge that carries more than it needs. A query or a cancel carries
    /// no extras; they are checked and not sent.
    pub fn check_with(&self, request: &Request, extras: &Extras) -> Result<(), FieldError> {
        extras.check(self.kind)?;
        if let Request::Precreate { .. } = request {
            extras.check_order()?;
        }
        match &self.codec {
            Codec::Shouqianba(codec) => codec.check(request),
            Codec::Sosopay(codec) => codec.check(request),
        }
    }

    /// The bytes of a request, signed at `stamp`.
    pub fn encode(&self, request: &Request, stamp: Stamp) -> Result<HttpRequest, FieldError> {
        self.encode_with(request, &Extras::default(), stamp)
    }

    /// [`Gateway::encode`] of a charge that carries more than it needs.
    pub fn encode_with(
        &self,
        request: &Request,
        extras: &Extras,
        stamp: Stamp,
    ) -> Result<HttpRequest, FieldError> {
        self.check_with(request, extras)?;
        match &self.codec {
            Codec::Shouqianba(codec) => codec.encode(request, extras),
            Codec::Sosopay(codec) => codec.encode(request, extras, stamp),
        }
    }

    /// What an answer to `request` proves. Total: it never fails and never panics (I15).
    pub fn decode(&self, request: &Request, response: &HttpResponse) -> Verdict {
        if let Some(verdict) = http::refuse(response) {
            return verdict;
        }
        match &self.codec {
            Codec::Shouqianba(codec) => codec.decode(request, &response.body),
            Codec::Sosopay(codec) => codec.decode(request, &response.body),
        }
    }

    /// Whether the gateway can carry the refund: something, no more than is left (I12), and every
    /// field's length. Called before anything is journalled.
    pub fn check_refund(&self, request: &RefundRequest) -> Result<(), FieldError> {
        match &self.codec {
            Codec::Shouqianba(_) => shouqianba::refund::check(request),
            Codec::Sosopay(codec) => sosopay::refund::check(codec, request),
        }
    }

    /// The bytes of a refund's request, signed at `stamp`.
    pub fn encode_refund(
        &self,
        request: &RefundRequest,
        stamp: Stamp,
    ) -> Result<HttpRequest, FieldError> {
        self.check_refund(request)?;
        match &self.codec {
            Codec::Shouqianba(codec) => Ok(shouqianba::refund::encode(codec, request)),
            Codec::Sosopay(codec) => Ok(sosopay::refund::encode(codec, request, stamp)),
        }
    }

    /// What an answer proves of a refund. Total (I15). "Refunding" is not "refunded" (I12).
    ///
    /// A refusal is of this call: where an earlier call with the same number is still in doubt, a
    /// query has to say what became of that one.
    pub fn decode_refund(&self, request: &RefundRequest, response: &HttpResponse) -> RefundVerdict {
        if let Some(doubt) = http::doubt_of(response) {
            return RefundVerdict::Unknown(doubt);
        }
        match &self.codec {
            Codec::Shouqianba(_) => shouqianba::refund::decode(request, &response.body),
            Codec::Sosopay(codec) => sosopay::refund::decode(codec, request, &response.body),
        }
    }

    /// Whether the gateway has the operation and can carry it.
    pub fn check_operation(&self, operation: &Operation) -> Result<(), OperationError> {
        match &self.codec {
            Codec::Shouqianba(_) => shouqianba::operation::check(operation),
            Codec::Sosopay(codec) => sosopay::operation::check(codec, operation),
        }
    }

    /// The bytes of an operation, signed at `stamp`.
    pub fn encode_operation(
        &self,
        operation: &Operation,
        stamp: Stamp,
    ) -> Result<HttpRequest, OperationError> {
        self.check_operation(operation)?;
        match &self.codec {
            Codec::Shouqianba(codec) => shouqianba::operation::encode(codec, operation),
            Codec::Sosopay(codec) => sosopay::operation::encode(codec, operation, stamp),
        }
    }

    /// What an operation was answered. Total (I15).
    pub fn decode_operation(
        &self,
        operation: &Operation,
        response: &HttpResponse,
    ) -> Result<Answer, Failed> {
        if let Some(doubt) = http::doubt_of(response) {
            return Err(Failed::Unknown(doubt));
        }
        match &self.codec {
            Codec::Shouqianba(codec) => {
                shouqianba::operation::decode(codec, operation, &response.body)
            }
            Codec::Sosopay(codec) => sosopay::operation::decode(codec, operation, &response.body),
        }
    }

    /// Reads a notification: what stands behind the `?` of its address, and its body. Total (I15).
    pub fn decode_notification(
        &self,
        query_string: &str,
        body: &[u8],
    ) -> Result<Notification, Refused> {
        match &self.codec {
            Codec::Shouqianba(_) => Err(Refused::NoNotifications),
            Codec::Sosopay(codec) => sosopay::notify::decode(codec, query_string, body),
        }
    }

    /// The content type and body of the answer to a notification. The status is the caller's: 200
    /// only if `ok`, since that alone ends the JSON editions' retries.
    pub fn notification_answer(&self, ok: bool) -> (&'static str, Vec<u8>) {
        match &self.codec {
            Codec::Shouqianba(_) => ("text/plain; charset=UTF-8", Vec::new()),
            Codec::Sosopay(codec) => sosopay::notify::answer(codec, ok),
        }
    }

    /// The same codec with the key that a check-in gave. Both keys are masked from now on (I17).
    pub fn with_key(&self, key: Secret) -> Gateway {
        let codec = match &self.codec {
            Codec::Shouqianba(codec) => Codec::Shouqianba(codec.with_key(key)),
            Codec::Sosopay(codec) => Codec::Sosopay(codec.with_key(key)),
        };
        Gateway { kind: self.kind, codec }
    }

    /// The order's state in the gateway's own terms, for people: `order_status` (Upay v2 §4-3),
    /// `STATE` or `CHARGE_STATE` (JSON zh appendix 4). It decides nothing; the verdict does.
    pub fn order_state(&self, response: &HttpResponse) -> Option<OrderState> {
        match &self.codec {
            Codec::Shouqianba(_) => {
                let status = said::bounded(&shouqianba::order_state(&response.body)?)?;
                Some(OrderState::Shouqianba(shouqianba::dictionary::OrderStatus::read(&status)))
            }
            Codec::Sosopay(codec) => {
                let state = match codec.opened(&response.body) {
                    Some(plain) => sosopay::order_state(&plain)?,
                    None => sosopay::order_state(&response.body)?,
                };
                let state = said::bounded(&state)?;
                Some(OrderState::Sosopay(sosopay::dictionary::State::read(&state)))
            }
        }
    }

    /// A body of either direction as the journal may keep it: decrypted if it was encrypted, at
    /// most [`REDACTED_LEN_MAX`] bytes, without keys and signs, customers' codes masked
    /// (I17).
    pub fn redact(&self, raw: &[u8]) -> String {
        self.redact_answer(raw, None)
    }

    /// As [`Gateway::redact`], of what was answered to a charge: without its code, whatever that
    /// looks like. A phone's token, or a code of a wallet that no rule knows, looks like anything.
    pub fn redact_answer(&self, raw: &[u8], code: Option<&PaymentCode>) -> String {
        let opened = match &self.codec {
            Codec::Shouqianba(_) => None,
            Codec::Sosopay(codec) => codec.opened(raw),
        };
        redact::redact(opened.as_deref().unwrap_or(raw), &self.hidden(code))
    }

    /// As [`Gateway::redact_answer`], of a body whose end is missing: nor does what is left of a
    /// key or a code at that end get through. Not decrypted: the end that is missing closes a
    /// cipher.
    pub fn redact_part(&self, raw: &[u8], code: Option<&PaymentCode>) -> String {
        redact::redact_part(raw, &self.hidden(code))
    }

    /// What may stand nowhere but on the wire.
    fn hidden(&self, code: Option<&PaymentCode>) -> Vec<Secret> {
        let keys = match &self.codec {
            Codec::Shouqianba(codec) => codec.keys(),
            Codec::Sosopay(codec) => codec.keys(),
        };
        let code = code.map(|code| Secret::new(code.expose().to_owned()));
        keys.iter().cloned().chain(code).collect()
    }
}
