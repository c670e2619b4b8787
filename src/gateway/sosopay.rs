//! SOSOPAY (快收, openGateway), JSON and XML v1: every operation of the documents.
//!
//! Sources: JSON zh §2 (preOrder), §3 (order), §7 (query), §8 (cancelTrade), appendices 2, 4, 5;
//! XML v1 §2, §3, §6, §7; SDK appendices 2 and 4 for the values that the others leave out.
//! [`dictionary`] has the words, `address` the URLs, `wire_json` and `wire_xml` the bodies, `sign`
//! and `cipher` what is done to them, `map` what an answer proves, `info` what it tells; `refund`,
//! `operation` and `notify` have both sides of theirs.

mod address;
mod cipher;
pub mod dictionary;
mod info;
mod map;
pub(super) mod notify;
pub(super) mod operation;
pub(super) mod refund;
mod sign;
mod wire_json;
mod wire_xml;

use super::http::{HttpRequest, Method};
use super::json;
use super::said::{self, a_doubt};
use super::settings::{Kind, OperatorField, Paths, ResponseFormat, Settings, SettingsError};
use super::tree::{Tree, TreeError};
use super::{BODY_LEN_MAX, Extras, FieldError, Stamp, field};
use crate::payment::{Channel, Doubt, DoubtKind, Request, Sale, Verdict};
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
    /// With what the gateway is to know of our encoding.
    notify_url: Option<String>,
    paths: Paths,
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
        let mut codec = Sosopay {
            edition,
            base_url: settings.base_url.trim_end_matches('/').to_owned(),
            merchant_id: settings.merchant_id,
            store: settings.store,
            device: settings.device,
            response: settings.response,
            operator_field: settings.operator_field,
            notify_url: None,
            paths: settings.paths,
            cipher,
            keys,
        };
        codec.notify_url = settings.notify_url.map(|url| notify::address(&codec, &url));
        Ok(codec)
    }

    pub fn with_key(&self, key: Secret) -> Sosopay {
        let mut codec = self.clone();
        codec.keys.insert(0, key);
        codec.keys.dedup();
        codec
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
        self.check_subject(&sale.subject)?;
        self.check_operator(&sale.operator)
    }

    pub fn check_subject(&self, subject: &str) -> Result<(), FieldError> {
        field::text("PAY_SUBJECT", subject, SUBJECT_CHARS_MAX)
    }

    pub fn check_operator(&self, operator: &str) -> Result<(), FieldError> {
        field::text(self.operator_name(), operator, OPERATOR_CHARS_MAX)
    }

    /// What the edition calls the operator.
    fn operator_name(&self) -> &'static str {
        match self.edition {
            Edition::Json => OperatorField::OperId.name(),
            Edition::XmlV1 => self.operator_field.name(),
        }
    }

    pub fn encode(
        &self,
        request: &Request,
        extras: &Extras,
        stamp: Stamp,
    ) -> Result<HttpRequest, FieldError> {
        let body = match self.edition {
            Edition::Json => wire_json::body(self, request, extras)?,
            Edition::XmlV1 => wire_xml::body(self, request, extras)?,
        };
        let sign = match &body {
            Some(body) => self.sign(body, stamp),
            None => self.sign_cancel(request.sale(), stamp),
        };
        let url = address::url(self, request, &sign);
        Ok(match body {
            None => get(url),
            Some(body) => self.post(url, body),
        })
    }

    /// A POST of a plain body that is signed already.
    fn post(&self, url: String, body: Vec<u8>) -> HttpRequest {
        let content_type = match self.edition {
            Edition::Json => "application/json; charset=UTF-8",
            Edition::XmlV1 => "application/xml; charset=UTF-8",
        };
        let body = match &self.cipher {
            Some(cipher) => cipher.seal(&body),
            None => body,
        };
        let headers = vec![("Content-Type", content_type.to_owned())];
        HttpRequest { method: Method::Post, url, headers, body }
    }

    /// The sign of a plain body.
    fn sign(&self, body: &[u8], stamp: Stamp) -> String {
        match self.edition {
            Edition::Json => sign::of_json(body, self.key(), stamp),
            Edition::XmlV1 => sign::of(body, self.key(), stamp),
        }
    }

    /// The sign of a cancel, over its own content.
    fn sign_cancel(&self, sale: &Sale, stamp: Stamp) -> String {
        let content = sign::cancel_content(sale.order.as_str(), &self.merchant_id);
        sign::of(content.as_bytes(), self.key(), stamp)
    }

    pub fn decode(&self, request: &Request, body: &[u8]) -> Verdict {
        match self.answer(body, |tree| map::said(request, tree)) {
            Ok(tree) => map::decode(&self.merchant_id, self.edition.unit(), request, &tree),
            Err(doubt) => Verdict::Unknown(doubt),
        }
    }

    /// The answer as a tree, decrypted if that was agreed. A body that was not encrypted as agreed
    /// proves nothing; what it says is for people.
    fn answer(&self, body: &[u8], said: impl FnOnce(&Tree) -> String) -> Result<Tree, Doubt> {
        let unreadable = |text: &str| a_doubt(DoubtKind::Unreadable, text);
        let Some(cipher) = &self.cipher else {
            return read(body).map_err(|error| unreadable(&error.to_string()));
        };
        if looks_plain(body) {
            let said = read(body).map(|tree| said(&tree)).unwrap_or_default();
            return Err(unreadable(&format!("the answer is not encrypted; {said}")));
        }
        let Some(plain) = cipher.open(body) else {
            return Err(unreadable("the answer cannot be decrypted"));
        };
        read(&plain).map_err(|error| unreadable(&error.to_string()))
    }

    /// The plain text of an encrypted body, for the journal.
    pub fn opened(&self, raw: &[u8]) -> Option<Vec<u8>> {
        let cipher = self.cipher.as_ref()?;
        if raw.len() > BODY_LEN_MAX || looks_plain(raw) { None } else { cipher.open(raw) }
    }
}

fn get(url: String) -> HttpRequest {
    HttpRequest { method: Method::Get, url, headers: vec![], body: vec![] }
}

/// The gateway's code and message, in an answer to what carried no code of a customer's.
fn words_of(tree: &Tree) -> String {
    match info::result(tree) {
        Some(result) => said::words(result.text("CODE"), result.text("INFO")),
        None => String::new(),
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
    ChannelType::of(channel).ok_or(FieldError::Channel {
        field: "CHANNEL_TYPE",
        given: channel.name(),
        possible: "alipay, wechat, unionpay, baidu, bestpay, qq",
    })
}
