//! 收钱吧, Upay v2: pay, precreate, query, cancel, refund, and the terminal's own keys.
//!
//! Source: Upay v2 §2 (transport, sign, answers), §3-2 to §3-6 (operations), §4 (dictionaries).
//! [`dictionary`] has the words, `wire` the bytes out, `sign` the header, `map` and `bearing` what
//! an answer proves; `refund` and `operation` have both sides of theirs.

mod bearing;
pub mod dictionary;
mod map;
pub(super) mod operation;
pub(super) mod refund;
mod sign;
mod wire;

use super::settings::{Settings, SettingsError};
use super::{Extras, FieldError, HttpRequest};
use crate::payment::{Request, Verdict};
use crate::secret::Secret;

/// How many keys are remembered for masking: a key is rotated once a day, at most.
const KEYS_MAX: usize = 8;

/// The codec.
#[derive(Clone, Debug)]
pub(super) struct Shouqianba {
    base_url: String,
    terminal_sn: String,
    device: String,
    /// The key in use.
    key: Secret,
    /// It, and those that it replaced: they stay masked (I17).
    keys: Vec<Secret>,
}

impl Shouqianba {
    pub fn new(settings: Settings) -> Result<Shouqianba, SettingsError> {
        let missing = || SettingsError::new("gateway.terminal_sn", "is needed for shouqianba");
        Ok(Shouqianba {
            base_url: settings.base_url.trim_end_matches('/').to_owned(),
            terminal_sn: settings.terminal_sn.ok_or_else(missing)?,
            device: settings.device,
            keys: vec![settings.key.clone()],
            key: settings.key,
        })
    }

    pub fn keys(&self) -> &[Secret] {
        &self.keys
    }

    pub fn with_key(&self, key: Secret) -> Shouqianba {
        let mut codec = self.clone();
        codec.keys.insert(0, key.clone());
        codec.key = key;
        codec.keys.dedup();
        codec.keys.truncate(KEYS_MAX);
        codec
    }

    pub fn check(&self, request: &Request) -> Result<(), FieldError> {
        wire::check(request)
    }

    pub fn check_subject(&self, subject: &str) -> Result<(), FieldError> {
        wire::check_subject(subject)
    }

    pub fn check_operator(&self, operator: &str) -> Result<(), FieldError> {
        wire::check_operator(operator)
    }

    pub fn encode(&self, request: &Request, extras: &Extras) -> Result<HttpRequest, FieldError> {
        wire::encode(self, request, extras)
    }

    pub fn decode(&self, request: &Request, body: &[u8]) -> Verdict {
        map::decode(&self.terminal_sn, request, body)
    }
}

/// The order's state as an answer names it.
pub(super) fn order_state(body: &[u8]) -> Option<String> {
    let tree = map::read(body).ok()?;
    let data = tree.object("biz_response")?.object("data")?;
    data.text("order_status").map(str::to_owned)
}
