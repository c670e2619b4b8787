//! What the configuration says of a gateway (`contract.md`, "Configuration").

use super::field;
use crate::secret::Secret;

/// Which gateway, and which edition of its protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 收钱吧, Upay v2.
    Shouqianba,
    /// SOSOPAY with JSON bodies.
    SosopayJson,
    /// SOSOPAY with XML bodies, first version.
    SosopayXml,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 3] = [Kind::Shouqianba, Kind::SosopayJson, Kind::SosopayXml];

    /// Whether its signs hold the time, so that they go bad with a wrong clock.
    pub fn signs_the_time(self) -> bool {
        match self {
            Kind::Shouqianba => false,
            Kind::SosopayJson | Kind::SosopayXml => true,
        }
    }

    /// The name in the configuration and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Shouqianba => "shouqianba",
            Kind::SosopayJson => "sosopay-json",
            Kind::SosopayXml => "sosopay-xml",
        }
    }
}

/// A name that is no [`Kind`]'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a gateway is one of shouqianba, sosopay-json, sosopay-xml")]
pub struct UnknownKind;

impl std::str::FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Kind, UnknownKind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name).ok_or(UnknownKind)
    }
}

/// The encoding that is asked for in answers (`_type`). Both are read, whichever is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResponseFormat {
    /// `_type=json`.
    Json,
    /// No `_type`: the gateway's default. A batch query, whose `_type` may not be empty, says so.
    Xml,
}

/// What XML v1 calls the operator: its tables and its samples disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperatorField {
    /// `OPER_ID`, as in the tables.
    OperId,
    /// `OPER_INFO`, as in the samples.
    OperInfo,
}

impl OperatorField {
    /// The element's name.
    pub fn name(self) -> &'static str {
        match self {
            OperatorField::OperId => "OPER_ID",
            OperatorField::OperInfo => "OPER_INFO",
        }
    }
}

/// How blocks are chained; Java's `DESede` defaults to ECB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CipherMode {
    /// Electronic codebook.
    Ecb,
    /// Cipher block chaining, with the settings' `iv`.
    Cbc,
}

/// How the configuration writes the cipher's key and iv.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyEncoding {
    /// The text's own bytes.
    Utf8,
    /// Two hexadecimal digits per byte.
    Hex,
    /// BASE64 with padding.
    Base64,
}

/// `encrypt=3DES`: what the documents leave open (protocol/README, "Sign first, then encrypt").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CipherSettings {
    /// `gateway.cipher.mode`.
    pub mode: CipherMode,
    /// `gateway.cipher.key`, 24 or 16 bytes; without one, the merchant key's UTF-8 bytes.
    pub key: Option<Secret>,
    /// `gateway.cipher.key_encoding`, of both `key` and `iv`.
    pub encoding: KeyEncoding,
    /// `gateway.cipher.iv`, 8 bytes; needed for [`CipherMode::Cbc`].
    pub iv: Option<Secret>,
}

/// Everything that a codec needs of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `gateway.kind`.
    pub kind: Kind,
    /// `gateway.base_url`, with or without the last `/`.
    pub base_url: String,
    /// `merchant.id`: `BUSI_ID` (SOSOPAY); not used by Upay v2.
    pub merchant_id: String,
    /// `merchant.store`: `REGISTER_ID`.
    pub store: Option<String>,
    /// `merchant.device`: `DEV_ID`, `device_id`.
    pub device: String,
    /// The merchant's (SOSOPAY) or terminal's (Upay v2) key.
    pub key: Secret,
    /// `gateway.terminal_sn` (Upay v2).
    pub terminal_sn: Option<String>,
    /// `gateway.encrypt` and `gateway.cipher` (SOSOPAY JSON).
    pub encrypt: Option<CipherSettings>,
    /// `gateway.response` (SOSOPAY JSON; XML v1 has no choice).
    pub response: ResponseFormat,
    /// `gateway.operator_field` (SOSOPAY XML).
    pub operator_field: OperatorField,
    /// `notify.public_url`: `NODIFY_URL` (SOSOPAY).
    pub notify_url: Option<String>,
    /// `gateway.paths` (SOSOPAY JSON).
    pub paths: Paths,
}

/// Where the operations are whose address no document gives, or that stand elsewhere
/// (protocol/README, "Batch query, channel list and login"). A path is taken from `base_url`, one
/// with a `/` in front from the host. There are no defaults but for the recharge's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    /// `gateway.paths.batch_query`.
    pub batch_query: Option<String>,
    /// `gateway.paths.channels`.
    pub channels: Option<String>,
    /// `gateway.paths.login`.
    pub login: Option<String>,
    /// `gateway.paths.recharge`; without it, `platService/flowRecharge` beside the `openService`
    /// that `base_url` ends in (JSON zh §8.1).
    pub recharge: Option<String>,
}

impl Paths {
    fn validate(&self) -> Result<(), SettingsError> {
        for (key, path) in [
            ("gateway.paths.batch_query", &self.batch_query),
            ("gateway.paths.channels", &self.channels),
            ("gateway.paths.login", &self.login),
            ("gateway.paths.recharge", &self.recharge),
        ] {
            let Some(path) = path else { continue };
            check_text(key, path, 256)?;
            let unfit = |byte: u8| !byte.is_ascii_graphic() || b"?#\\".contains(&byte);
            if path.bytes().any(unfit) || path.contains("://") || path.starts_with("//") {
                let problem = "must be a path, without a host, '?' or '#'";
                return Err(SettingsError::new(key, problem));
            }
        }
        Ok(())
    }
}

/// A setting that is missing or cannot be, by its key in the configuration file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct SettingsError {
    /// The key in the configuration file.
    pub key: &'static str,
    /// What is wrong with it and what it should be. Never a secret (I17).
    pub problem: String,
}

impl SettingsError {
    pub(super) fn new(key: &'static str, problem: impl Into<String>) -> SettingsError {
        SettingsError { key, problem: problem.into() }
    }
}

impl Settings {
    /// Checks what does not need the codec.
    pub(super) fn validate(&self) -> Result<(), SettingsError> {
        check_url("gateway.base_url", &self.base_url)?;
        if self.base_url.contains(['?', '#']) {
            return Err(SettingsError::new("gateway.base_url", "must not have '?' or '#'"));
        }
        if self.key.expose().is_empty() {
            return Err(SettingsError::new("gateway.key_file", "the key is empty"));
        }
        check_text("merchant.device", &self.device, 32)?;
        if let Some(store) = &self.store {
            check_text("merchant.store", store, 64)?;
        }
        if let Some(url) = &self.notify_url {
            check_url("notify.public_url", url)?;
            if url.contains('#') {
                return Err(SettingsError::new("notify.public_url", "must not have '#'"));
            }
            check_text("notify.public_url", url, 256)?;
        }
        self.paths.validate()?;
        match self.kind {
            Kind::Shouqianba => self.validate_shouqianba(),
            Kind::SosopayJson => self.validate_merchant(),
            Kind::SosopayXml => {
                self.validate_merchant()?;
                self.refuse_encryption()
            }
        }
    }

    fn validate_merchant(&self) -> Result<(), SettingsError> {
        if self.merchant_id.trim().is_empty() {
            let problem = "is needed for a sosopay gateway: the merchant's number (BUSI_ID), which \
                           came with the key";
            return Err(SettingsError::new("merchant.id", problem));
        }
        check_text("merchant.id", &self.merchant_id, 64)
    }

    fn validate_shouqianba(&self) -> Result<(), SettingsError> {
        let Some(terminal) = &self.terminal_sn else {
            let problem = "is needed for shouqianba; the terminal's activation gives it";
            return Err(SettingsError::new("gateway.terminal_sn", problem));
        };
        check_text("gateway.terminal_sn", terminal, 32)?;
        if !terminal.bytes().all(|byte| byte.is_ascii_graphic()) {
            let problem = "goes into a header, so it must be ASCII without spaces";
            return Err(SettingsError::new("gateway.terminal_sn", problem));
        }
        self.refuse_encryption()
    }

    fn refuse_encryption(&self) -> Result<(), SettingsError> {
        match self.encrypt {
            None => Ok(()),
            Some(_) => Err(SettingsError::new(
                "gateway.encrypt",
                format!("only sosopay-json encrypts bodies, and kind is {}", self.kind.name()),
            )),
        }
    }
}

fn check_text(key: &'static str, text: &str, max: usize) -> Result<(), SettingsError> {
    field::text("the value", text, max).map_err(|error| SettingsError::new(key, error.to_string()))
}

fn check_url(key: &'static str, url: &str) -> Result<(), SettingsError> {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let problem = match host {
        None => "must begin with https:// (or http://)",
        Some(host) if host.is_empty() || host.starts_with('/') => "has no host",
        Some(host) if !host.bytes().all(|byte| byte.is_ascii_graphic()) => {
            "must be ASCII without spaces"
        }
        Some(host) if host.contains('@') => "must not have a user or password",
        Some(_) => return Ok(()),
    };
    Err(SettingsError::new(key, problem))
}
