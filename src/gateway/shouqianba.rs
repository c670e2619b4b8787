//! 收钱吧, Upay v2: pay, precreate, query, cancel.
//!
//! Source: Upay v2 §2 (transport, sign, answers), §3-2, §3-4, §3-5, §3-6 (operations), §4
//! (dictionaries). [`dictionary`] has the words, `wire` the bytes out, `sign` the header, `map`
//! and `bearing` what an answer proves.

mod bearing;
pub mod dictionary;
mod map;
mod sign;
mod wire;

use super::settings::{Settings, SettingsError};
use super::{FieldError, HttpRequest};
use crate::payment::{Request, Verdict};
use crate::secret::Secret;

/// The codec.
#[derive(Clone, Debug)]
pub(super) struct Shouqianba {
    base_url: String,
    terminal_sn: String,
    device: String,
    keys: [Secret; 1],
}

impl Shouqianba {
    pub fn new(settings: Settings) -> Result<Shouqianba, SettingsError> {
        let missing = || SettingsError::new("gateway.terminal_sn", "is needed for shouqianba");
        Ok(Shouqianba {
            base_url: settings.base_url.trim_end_matches('/').to_owned(),
            terminal_sn: settings.terminal_sn.ok_or_else(missing)?,
            device: settings.device,
            keys: [settings.key],
        })
    }

    pub fn keys(&self) -> &[Secret] {
        &self.keys
    }

    pub fn check(&self, request: &Request) -> Result<(), FieldError> {
        wire::check(request)
    }

    pub fn encode(&self, request: &Request) -> Result<HttpRequest, FieldError> {
        wire::encode(self, request)
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
