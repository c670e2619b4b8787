//! SOSOPAY (快收, openGateway), JSON and XML v1: preOrder, order, query, cancelTrade.
//!
//! Sources: JSON zh §2 (preOrder), §3 (order), §7 (query), §8 (cancelTrade), appendices 2, 4, 5;
//! XML v1 §2, §3, §6, §7; SDK appendices 2 and 4 for the values that the others leave out.
//! [`dictionary`] has the words, `address` the URLs, `wire_json` and `wire_xml` the bodies, `sign`
//! and `cipher` what is done to them, `map` what an answer proves.

mod address;
mod cipher;
pub mod dictionary;
mod map;
mod sign;
mod wire_json;
mod wire_xml;

use super::http::{HttpRequest, Method};
use super::json;
use super::said::doubt;
use super::settings::{Kind, OperatorField, ResponseFormat, Settings, SettingsError};
use super::tree::{Tree, TreeError};
use super::{BODY_LEN_MAX, FieldError, Stamp, field};
use crate::payment::{Channel, DoubtKind, Request, Sale, Verdict};
use crate::secret::Secret;
use cipher::Cipher;
use dictionary::ChannelType;
use map::Unit;

/// The longest `PAY_SUBJECT` sent. No document bounds it; Upay's `subject` takes 64 characters,
/// which is taken here too.
const SUBJECT_CHARS_MAX: usize = 64;

/// The longest `OPER_ID` sent; no document bounds it.
const OPERATOR_CHARS_MAX: usize = 64;

/// Which edition is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edition {
    Json,
    XmlV1,
}

impl Edition {
    /// What amounts are in, in answers: of the edition, whichever encoding an answer comes in.
    fn unit(self) -> Unit {
        match self {
            Edition::Json => Unit::Fen,
            Edition::XmlV1 => Unit::Yuan,
        }
    }
}

/// The codec.
#[derive(Clone, Debug)]
pub(super) struct Sosopay {
    edition: Edition,
    base_url: String,
    merchant_id: String,
    store: Option<String>,
    device: String,
    response: ResponseFormat,
    operator_field: OperatorField,
    notify_url: Option<String>,
    cipher: Option<Cipher>,
    /// The merchant's key, then the cipher's own if it has one.
    keys: Vec<Secret>,
}

impl Sosopay {
    pub fn new(settings: Settings) -> Result<Sosopay, SettingsError> {
        let edition = match settings.kind {
            Kind::SosopayXml => Edition::XmlV1,
            Kind::SosopayJson | Kind::Shouqianba => Edition::Json,
        };
        let mut keys = vec![settings.key.clone()];
        let cipher = match &settings.encrypt {
            None => None,
            Some(wanted) => {
                keys.extend(wanted.key.clone());
                Some(Cipher::new(wanted, &settings.key)?)
            }
        };
        Ok(Sosopay {
            edition,
            base_url: settings.base_url.trim_end_matches('/').to_owned(),
            merchant_id: settings.merchant_id,
            store: settings.store,
            device: settings.device,
            response: settings.response,
            operator_field: settings.operator_field,
            notify_url: settings.notify_url,
            cipher,
            keys,
        })
    }

    pub fn keys(&self) -> &[Secret] {
        &self.keys
    }

    /// The merchant's key. There is always one; an empty one would only spoil the sign.
    fn key(&self) -> &str {
        self.keys.first().map_or("", Secret::expose)
    }

    pub fn check(&self, request: &Request) -> Result<(), FieldError> {
        match request {
            Request::Pay { sale, code } => {
                self.check_sale(sale)?;
                field::text("DYNAMIC_ID", code.expose(), 32)
            }
            Request::Precreate { sale, channel, life: _ } => {
                self.check_sale(sale)?;
                channel_type(channel).map(|_| ())
            }
            Request::Query { .. } | Request::Cancel { .. } => Ok(()),
        }
    }

    fn check_sale(&self, sale: &Sale) -> Result<(), FieldError> {
        field::amount("AMT", sale.amount)?;
        field::text("PAY_SUBJECT", &sale.subject, SUBJECT_CHARS_MAX)?;
        let operator = match self.edition {
            Edition::Json => OperatorField::OperId,
            Edition::XmlV1 => self.operator_field,
        };
        field::text(operator.name(), &sale.operator, OPERATOR_CHARS_MAX)
    }

    pub fn encode(&self, request: &Request, stamp: Stamp) -> Result<HttpRequest, FieldError> {
        let body = match self.edition {
            Edition::Json => wire_json::body(self, request)?,
            Edition::XmlV1 => wire_xml::body(self, request)?,
        };
        let sign = self.sign(request, body.as_deref(), stamp);
        let url = address::url(self, request, &sign);
        let Some(body) = body else {
            return Ok(HttpRequest { method: Method::Get, url, headers: vec![], body: vec![] });
        };
        let content_type = match self.edition {
            Edition::Json => "application/json; charset=UTF-8",
            Edition::XmlV1 => "application/xml; charset=UTF-8",
        };
        let body = match &self.cipher {
            Some(cipher) => cipher.seal(&body),
            None => body,
        };
        let headers = vec![("Content-Type", content_type.to_owned())];
        Ok(HttpRequest { method: Method::Post, url, headers, body })
    }

    /// The sign of a request: over the plain body, or over a cancel's own content.
    fn sign(&self, request: &Request, body: Option<&[u8]>, stamp: Stamp) -> String {
        let cancel;
        let content = match (request, body) {
            (_, Some(body)) => match self.edition {
                Edition::Json => return sign::of_json(body, self.key(), stamp),
                Edition::XmlV1 => body,
            },
            (_, None) => {
                cancel = sign::cancel_content(request.sale().order.as_str(), &self.merchant_id);
                cancel.as_bytes()
            }
        };
        sign::of(content, self.key(), stamp)
    }

    pub fn decode(&self, request: &Request, body: &[u8]) -> Verdict {
        let unreadable =
            |error: &dyn std::fmt::Display| doubt(DoubtKind::Unreadable, &error.to_string());
        let Some(cipher) = &self.cipher else {
            return match read(body) {
                Ok(tree) => map::decode(&self.merchant_id, self.edition.unit(), request, &tree),
                Err(error) => unreadable(&error),
            };
        };
        // A body that was not encrypted as agreed proves nothing; what it says is for people.
        if looks_plain(body) {
            let said = read(body).map(|tree| map::said(request, &tree)).unwrap_or_default();
            return unreadable(&format_args!("the answer is not encrypted; {said}"));
        }
        let Some(plain) = cipher.open(body) else {
            return unreadable(&"the answer cannot be decrypted");
        };
        match read(&plain) {
            Ok(tree) => map::decode(&self.merchant_id, self.edition.unit(), request, &tree),
            Err(error) => unreadable(&error),
        }
    }

    /// The plain text of an encrypted body, for the journal.
    pub fn opened(&self, raw: &[u8]) -> Option<Vec<u8>> {
        let cipher = self.cipher.as_ref()?;
        if raw.len() > BODY_LEN_MAX || looks_plain(raw) { None } else { cipher.open(raw) }
    }
}

fn first_byte(body: &[u8]) -> Option<u8> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    body.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

fn looks_plain(body: &[u8]) -> bool {
    matches!(first_byte(body), Some(b'{' | b'<'))
}

/// Reads an answer in whichever encoding it is.
fn read(body: &[u8]) -> Result<Tree, TreeError> {
    let text = std::str::from_utf8(body).map_err(|_| TreeError::Encoding)?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    match first_byte(body) {
        Some(b'{') => json::read(text),
        Some(b'<') => wire_xml::read(text),
        Some(_) | None => Err(TreeError::Malformed),
    }
}

/// The order's state as an answer to a query names it.
pub(super) fn order_state(body: &[u8]) -> Option<String> {
    let tree = read(body).ok()?;
    let fields = tree.object("QUERY_RESP")?;
    fields.text("STATE").or_else(|| fields.text("CHARGE_STATE")).map(str::to_owned)
}

/// The `CHANNEL_TYPE` that makes a QR for a wallet: JSON zh appendix 2.
fn channel_type(channel: &Channel) -> Result<ChannelType, FieldError> {
    match channel {
        Channel::Alipay => Ok(ChannelType::Alipay),
        Channel::Wechat => Ok(ChannelType::Wechat),
        Channel::UnionPay => Ok(ChannelType::UnionPay),
        Channel::Baidu => Ok(ChannelType::Baidu),
        Channel::BestPay => Ok(ChannelType::BestPay),
        Channel::Qq => Ok(ChannelType::Qq),
        Channel::Jd | Channel::Bank | Channel::Unknown(_) => Err(FieldError::Channel {
            field: "CHANNEL_TYPE",
            given: channel.name(),
            possible: "alipay, wechat, unionpay, baidu, bestpay, qq",
        }),
    }
}
