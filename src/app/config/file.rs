//! The shape of the file: every table and key, with the defaults of `contract.md`.

use super::devices::{
    BacklightFile, BeeperFile, DisplayFile, KeypadFile, NfcFile, PrinterFile, ScannerFile,
};
use super::error::{ConfigError, Place, expected};
use crate::gateway::{
    CipherMode, CipherSettings, KeyEncoding, OperatorField, Paths, ResponseFormat,
};
use crate::payment::code::CodeRule;
use crate::payment::{Channel, Policy};
use crate::secret::Secret;
use serde::Deserialize;
use std::path::PathBuf;
use std::time::Duration;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    pub(super) merchant: MerchantFile,
    pub(super) gateway: GatewayFile,
    #[serde(default)]
    pub(super) journal: JournalFile,
    #[serde(default)]
    pub(super) policy: PolicyFile,
    #[serde(default)]
    pub(super) code: Vec<CodeFile>,
    #[serde(default)]
    pub(super) display: DisplayFile,
    #[serde(default)]
    pub(super) keypad: KeypadFile,
    #[serde(default)]
    pub(super) scanner: Vec<ScannerFile>,
    #[serde(default)]
    pub(super) nfc: NfcFile,
    #[serde(default)]
    pub(super) printer: PrinterFile,
    #[serde(default)]
    pub(super) beeper: BeeperFile,
    #[serde(default)]
    pub(super) backlight: BacklightFile,
    #[serde(default)]
    pub(super) notify: NotifyFile,
    #[serde(default)]
    pub(super) panel: PanelFile,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MerchantFile {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) store: Option<String>,
    pub(super) device: String,
    pub(super) operator: String,
    pub(super) locale: Spanned<String>,
    pub(super) present_channel: Spanned<String>,
}

impl Default for MerchantFile {
    fn default() -> MerchantFile {
        MerchantFile {
            id: String::new(),
            name: "cashier".to_owned(),
            store: None,
            device: "dev01".to_owned(),
            operator: "oper01".to_owned(),
            locale: unplaced("zh-CN"),
            present_channel: unplaced("wechat"),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GatewayFile {
    pub(super) kind: Spanned<String>,
    pub(super) base_url: Spanned<String>,
    pub(super) terminal_sn: Option<String>,
    pub(super) key_file: Option<PathBuf>,
    pub(super) key: Option<String>,
    pub(super) ca_file: Option<PathBuf>,
    #[serde(default)]
    pub(super) allow_plaintext: bool,
    #[serde(default)]
    pub(super) encrypt: bool,
    response: Option<Spanned<String>>,
    operator_field: Option<Spanned<String>>,
    pub(super) cipher: Option<CipherFile>,
    #[serde(default)]
    pub(super) paths: PathsFile,
}

/// The paths of operations that the documents leave open (protocol/README, "Batch query, channel
/// list and login").
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PathsFile {
    batch_query: Option<String>,
    channels: Option<String>,
    login: Option<String>,
    recharge: Option<String>,
}

impl PathsFile {
    pub(super) fn paths(&self) -> Paths {
        Paths {
            batch_query: self.batch_query.clone(),
            channels: self.channels.clone(),
            login: self.login.clone(),
            recharge: self.recharge.clone(),
        }
    }
}

#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct CipherFile {
    mode: Option<Spanned<String>>,
    key: Option<String>,
    key_encoding: Option<Spanned<String>>,
    iv: Option<String>,
}

impl CipherFile {
    pub(super) fn settings(&self, place: &Place<'_>) -> Result<CipherSettings, ConfigError> {
        let mode = choose(
            place,
            "gateway.cipher.mode",
            self.mode.as_ref(),
            &[("ecb", CipherMode::Ecb), ("cbc", CipherMode::Cbc)],
        )?;
        let encoding = choose(
            place,
            "gateway.cipher.key_encoding",
            self.key_encoding.as_ref(),
            &[
                ("utf8", KeyEncoding::Utf8),
                ("hex", KeyEncoding::Hex),
                ("base64", KeyEncoding::Base64),
            ],
        )?;
        let secret = |text: &Option<String>| text.clone().map(Secret::new);
        Ok(CipherSettings { mode, key: secret(&self.key), encoding, iv: secret(&self.iv) })
    }
}

pub(super) fn response(
    place: &Place<'_>,
    from: &GatewayFile,
) -> Result<ResponseFormat, ConfigError> {
    choose(
        place,
        "gateway.response",
        from.response.as_ref(),
        &[("json", ResponseFormat::Json), ("xml", ResponseFormat::Xml)],
    )
}

pub(super) fn operator_field(
    place: &Place<'_>,
    from: &GatewayFile,
) -> Result<OperatorField, ConfigError> {
    choose(
        place,
        "gateway.operator_field",
        from.operator_field.as_ref(),
        &[("OPER_ID", OperatorField::OperId), ("OPER_INFO", OperatorField::OperInfo)],
    )
}

/// The choice of that name; the first one is the default.
fn choose<T: Copy>(
    place: &Place<'_>,
    key: &str,
    value: Option<&Spanned<String>>,
    choices: &[(&str, T)],
) -> Result<T, ConfigError> {
    let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
    let chosen = match value {
        None => choices.first(),
        Some(value) => choices.iter().find(|(name, _)| name == value.get_ref()),
    };
    match (chosen, value) {
        (Some((_, choice)), _) => Ok(*choice),
        (None, Some(value)) => Err(place.value(key, value, expected(&names))),
        (None, None) => Err(place.key(key, "has no choices")),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct JournalFile {
    pub(super) path: PathBuf,
}

impl Default for JournalFile {
    fn default() -> JournalFile {
        JournalFile { path: PathBuf::from("/var/lib/cashier/journal.db") }
    }
}

/// Milliseconds; the defaults are those of [`Policy`], which names their sources.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PolicyFile {
    await_code_ms: u64,
    charge_timeout_ms: u64,
    charge_doubt_ms: u64,
    pub(super) connect_timeout_ms: u64,
    query_timeout_ms: u64,
    poll_first_ms: u64,
    poll_max_ms: u64,
    confirm_budget_ms: u64,
    present_budget_ms: u64,
    qr_life_ms: u64,
    in_flight_max_ms: u64,
    reverse_budget_ms: u64,
    resolve_max_ms: u64,
}

impl Default for PolicyFile {
    fn default() -> PolicyFile {
        let policy = Policy::default();
        let ms = |wait: Duration| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        PolicyFile {
            await_code_ms: ms(policy.await_code),
            charge_timeout_ms: ms(policy.charge_timeout),
            charge_doubt_ms: ms(policy.charge_doubt),
            connect_timeout_ms: 5_000,
            query_timeout_ms: ms(policy.query_timeout),
            poll_first_ms: ms(policy.poll_first),
            poll_max_ms: ms(policy.poll_max),
            confirm_budget_ms: ms(policy.confirm_budget),
            present_budget_ms: ms(policy.present_budget),
            qr_life_ms: ms(policy.qr_life),
            in_flight_max_ms: ms(policy.in_flight_max),
            reverse_budget_ms: ms(policy.reverse_budget),
            resolve_max_ms: ms(policy.resolve_max),
        }
    }
}

impl PolicyFile {
    pub(super) fn policy(&self, place: &Place<'_>) -> Result<Policy, ConfigError> {
        let wait = |key: &str, ms: u64| match ms {
            // A day is longer than any of these can mean; zero would ask without end.
            1..=86_400_000 => Ok(Duration::from_millis(ms)),
            _ => Err(place.key(key, &format!("{ms} ms: expected 1 to 86400000"))),
        };
        wait("policy.connect_timeout_ms", self.connect_timeout_ms)?;
        let policy = Policy {
            await_code: wait("policy.await_code_ms", self.await_code_ms)?,
            charge_timeout: wait("policy.charge_timeout_ms", self.charge_timeout_ms)?,
            charge_doubt: wait("policy.charge_doubt_ms", self.charge_doubt_ms)?,
            query_timeout: wait("policy.query_timeout_ms", self.query_timeout_ms)?,
            poll_first: wait("policy.poll_first_ms", self.poll_first_ms)?,
            poll_max: wait("policy.poll_max_ms", self.poll_max_ms)?,
            confirm_budget: wait("policy.confirm_budget_ms", self.confirm_budget_ms)?,
            present_budget: wait("policy.present_budget_ms", self.present_budget_ms)?,
            qr_life: wait("policy.qr_life_ms", self.qr_life_ms)?,
            in_flight_max: wait("policy.in_flight_max_ms", self.in_flight_max_ms)?,
            reverse_budget: wait("policy.reverse_budget_ms", self.reverse_budget_ms)?,
            resolve_max: wait("policy.resolve_max_ms", self.resolve_max_ms)?,
        };
        if policy.poll_max < policy.poll_first {
            return Err(place.key("policy.poll_max_ms", "is less than policy.poll_first_ms"));
        }
        Ok(policy)
    }
}

/// A row for the table of payment codes: `channel = "bestpay"`, `prefix = [51, 51]`,
/// `digits = [18, 18]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeFile {
    channel: Spanned<String>,
    prefix: Spanned<Vec<u8>>,
    digits: Spanned<Vec<usize>>,
}

impl CodeFile {
    pub(super) fn rule(&self, place: &Place<'_>) -> Result<CodeRule, ConfigError> {
        let Some(channel) = Channel::parse(self.channel.get_ref()) else {
            let names: Vec<&str> = Channel::NAMED.iter().map(Channel::name).collect();
            return Err(place.value("code.channel", &self.channel, expected(&names)));
        };
        let prefix = range(place, "code.prefix", &self.prefix)?;
        let digits = range(place, "code.digits", &self.digits)?;
        Ok(CodeRule { channel, prefix, digits })
    }
}

/// The first and the last of a range; a list with more or less than that was meant otherwise.
fn range<T: Copy + Ord>(
    place: &Place<'_>,
    key: &str,
    value: &Spanned<Vec<T>>,
) -> Result<(T, T), ConfigError> {
    match value.get_ref().as_slice() {
        [first, last] if first <= last => Ok((*first, *last)),
        _ => {
            let expected = "a list of two whole numbers, the least and the greatest";
            Err(place.value_at(key, value.span(), expected))
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct NotifyFile {
    pub(super) listen: Option<Spanned<String>>,
    pub(super) public_url: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PanelFile {
    pub(super) listen: Option<Spanned<String>>,
    pub(super) token: Option<String>,
}

/// A default: it stands nowhere in the file.
pub(super) fn unplaced(text: &str) -> Spanned<String> {
    Spanned::new(0..0, text.to_owned())
}
