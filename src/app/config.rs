//! The configuration: one TOML file, read whole before anything starts (`contract.md`,
//! "Configuration").
//!
//! A file with a mistake starts nothing: the error names the file, the line, the key, what was
//! found and what was expected. Paths are relative to the file. A key file that others can read is
//! refused (I17).

mod devices;
mod error;
mod file;
mod key;
mod mismatch;

#[cfg(test)]
mod tests;

use crate::app::http::{HttpSettings, HttpSettingsError};
use crate::gateway::{CipherSettings, Gateway, Kind, Settings};
use crate::payment::{Channel, CodeRules, Policy};
pub use devices::{
    BacklightConfig, BacklightDriver, BeeperConfig, DevicesConfig, DisplayConfig, KeypadConfig,
    NfcConfig, PrinterConfig, ScannerConfig, ScannerSource,
};
pub use error::ConfigError;
use error::{Place, expected};
use file::File;
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Everything that the firmware is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// The merchant's number (SOSOPAY).
    pub merchant_id: String,
    /// The merchant's name, shown and printed.
    pub merchant_name: String,
    /// Who sells, until someone logs in.
    pub operator: String,
    /// The language of screens, receipts and messages.
    pub locale: ui::Locale,
    /// The wallet whose QR is shown first.
    pub present_channel: Channel,
    /// The gateway's codec.
    pub gateway: Gateway,
    /// Where the terminal's own number and key come from.
    pub terminal: TerminalConfig,
    /// How to reach it.
    pub http: HttpSettings,
    /// Whether money travels without TLS, which the screen says (I18).
    pub plaintext: bool,
    /// The journal's file.
    pub journal: PathBuf,
    /// The number of this device, by which the gateway tells the merchant's orders apart.
    pub device: String,
    /// How long things may take.
    pub policy: Policy,
    /// What payment codes look like.
    pub codes: CodeRules,
    /// The devices.
    pub devices: DevicesConfig,
    /// Where the gateway's notifications come in, if anywhere.
    pub notify_listen: Option<SocketAddr>,
    /// Where the browser panel listens, if anywhere.
    pub panel: Option<PanelConfig>,
}

/// Where the terminal's own number and key come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TerminalConfig {
    /// `gateway.key_file`; none if the key stands in the configuration itself.
    pub key_file: Option<PathBuf>,
    /// `gateway.terminal_sn`, which goes before what an activation kept beside the key.
    pub terminal_sn: Option<String>,
}

/// What a configuration is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// To do business.
    Business,
    /// To activate a terminal, which has no number and no key yet.
    Activation,
}

/// The browser panel.
#[derive(Clone, Debug)]
pub struct PanelConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// What a browser has to present; needed when others than this host can connect.
    pub token: Option<crate::secret::Secret>,
}

impl Config {
    /// Reads the file.
    pub fn load(path: &Path) -> Result<Config, ConfigError> {
        Config::parse(path, &Config::text(path)?)
    }

    /// Reads the file of a terminal that may not have been activated: its number and key may be
    /// missing, and nothing but an activation can be sent with what comes back.
    pub fn load_to_activate(path: &Path) -> Result<Config, ConfigError> {
        Config::parse_for(Purpose::Activation, path, &Config::text(path)?)
    }

    fn text(path: &Path) -> Result<String, ConfigError> {
        read_bounded(path, FILE_LEN_MAX)
            .and_then(|bytes| String::from_utf8(bytes).map_err(std::io::Error::other))
            .map_err(|source| ConfigError::Read { path: path.to_owned(), source })
    }

    /// Reads a file's text; `path` is where relative paths start and what errors name.
    pub fn parse(path: &Path, text: &str) -> Result<Config, ConfigError> {
        Config::parse_for(Purpose::Business, path, text)
    }

    fn parse_for(purpose: Purpose, path: &Path, text: &str) -> Result<Config, ConfigError> {
        let place = Place { path, text };
        let file: File = toml::from_str(text).map_err(|error| place.toml(&error))?;
        let base = path.parent().unwrap_or(Path::new("."));
        let (gateway, http) = gateway(purpose, &place, base, &file)?;
        let plaintext = http.base_url.starts_with("http://");
        Ok(Config {
            merchant_id: file.merchant.id.clone(),
            merchant_name: file.merchant.name.clone(),
            operator: file.merchant.operator.clone(),
            locale: locale(&place, &file)?,
            present_channel: present_channel(&place, &file)?,
            gateway,
            terminal: TerminalConfig {
                key_file: file.gateway.key_file.as_ref().map(|key_file| base.join(key_file)),
                terminal_sn: file.gateway.terminal_sn.clone(),
            },
            http,
            plaintext,
            journal: base.join(&file.journal.path),
            device: file.merchant.device.clone(),
            policy: file.policy.policy(&place)?,
            codes: codes(&place, &file)?,
            devices: devices::devices(&place, base, &file)?,
            notify_listen: notify_listen(&place, &file)?,
            panel: panel(&place, &file)?,
        })
    }
}

/// No configuration and no bundle of certificates is larger.
const FILE_LEN_MAX: u64 = 4 * 1024 * 1024;

/// Reads a file, but not one without an end (I15).
fn read_bounded(path: &Path, len_max: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(len_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > len_max {
        return Err(std::io::Error::other(format!("is larger than {len_max} bytes")));
    }
    Ok(bytes)
}

fn locale(place: &Place<'_>, file: &File) -> Result<ui::Locale, ConfigError> {
    let value = &file.merchant.locale;
    value
        .get_ref()
        .parse()
        .map_err(|_| place.value("merchant.locale", value, expected(&["zh-CN", "en"])))
}

fn present_channel(place: &Place<'_>, file: &File) -> Result<Channel, ConfigError> {
    let value = &file.merchant.present_channel;
    Channel::parse(value.get_ref()).ok_or_else(|| {
        let names: Vec<&str> = Channel::NAMED.iter().map(Channel::name).collect();
        place.value("merchant.present_channel", value, expected(&names))
    })
}

fn gateway(
    purpose: Purpose,
    place: &Place<'_>,
    base: &Path,
    file: &File,
) -> Result<(Gateway, HttpSettings), ConfigError> {
    let from = &file.gateway;
    let kind = from.kind.get_ref().parse::<Kind>().map_err(|_| {
        let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        place.value("gateway.kind", &from.kind, expected(&names))
    })?;
    let (key, terminal_sn) = match purpose {
        Purpose::Business => (key::read(place, base, from)?, key::terminal_sn(place, base, from)?),
        // The vendor signs an activation, and no terminal is named in it.
        Purpose::Activation => {
            let key = crate::secret::Secret::new("not activated".to_owned());
            (key, Some("not-activated".to_owned()))
        }
    };
    let settings = Settings {
        kind,
        base_url: from.base_url.get_ref().clone(),
        merchant_id: file.merchant.id.clone(),
        store: file.merchant.store.clone(),
        device: file.merchant.device.clone(),
        key,
        terminal_sn,
        encrypt: cipher(place, from)?,
        response: file::response(place, from)?,
        operator_field: file::operator_field(place, from)?,
        notify_url: file.notify.public_url.clone(),
        paths: from.paths.paths(),
    };
    let gateway = Gateway::new(settings)
        .and_then(|gateway| {
            gateway.check_merchant(&file.merchant.name, &file.merchant.operator).map(|()| gateway)
        })
        .map_err(|error| place.key(error.key, &error.problem))?;
    let http = http(place, base, file)?;
    Ok((gateway, http))
}

fn http(place: &Place<'_>, base: &Path, file: &File) -> Result<HttpSettings, ConfigError> {
    let from = &file.gateway;
    let url = from.base_url.get_ref();
    if url.starts_with("http://") && !from.allow_plaintext {
        return Err(place.value(
            "gateway.base_url",
            &from.base_url,
            "an https:// address (http:// needs gateway.allow_plaintext = true, for tests only)"
                .to_owned(),
        ));
    }
    let mut http = HttpSettings::new(url.clone());
    http.allow_plaintext = from.allow_plaintext;
    http.connect_timeout = Duration::from_millis(file.policy.connect_timeout_ms);
    if let Some(ca_file) = &from.ca_file {
        let path = base.join(ca_file);
        let pem = read_bounded(&path, FILE_LEN_MAX).map_err(|error| {
            let problem = format!("cannot read {}: {error}", path.display());
            place.key("gateway.ca_file", &problem)
        })?;
        http.ca_pem = Some(pem);
    }
    // Builds a client only to hear now what is wrong with the settings.
    crate::app::http::Http::new(&http).map_err(|error| {
        let key = match error {
            HttpSettingsError::CaPem(_) => "gateway.ca_file",
            HttpSettingsError::BaseUrl(_)
            | HttpSettingsError::Plaintext
            | HttpSettingsError::Tls(_)
            | HttpSettingsError::Client(_) => "gateway.base_url",
        };
        place.key(key, &error.to_string())
    })?;
    Ok(http)
}

fn cipher(
    place: &Place<'_>,
    from: &file::GatewayFile,
) -> Result<Option<CipherSettings>, ConfigError> {
    if from.encrypt {
        return Ok(Some(from.cipher.clone().unwrap_or_default().settings(place)?));
    }
    match &from.cipher {
        Some(_) => Err(place.key("gateway.cipher", "is set, but gateway.encrypt is false")),
        None => Ok(None),
    }
}

fn notify_listen(place: &Place<'_>, file: &File) -> Result<Option<SocketAddr>, ConfigError> {
    let Some(listen) = &file.notify.listen else { return Ok(None) };
    if file.gateway.kind.get_ref() == Kind::Shouqianba.name() {
        let why = "nothing: shouqianba sends no notifications";
        return Err(place.value("notify.listen", listen, why.to_owned()));
    }
    let address = listen.get_ref().parse().map_err(|_| {
        place.value("notify.listen", listen, "an address and port, such as 0.0.0.0:8390".into())
    })?;
    Ok(Some(address))
}

fn codes(place: &Place<'_>, file: &File) -> Result<CodeRules, ConfigError> {
    let rules = file.code.iter().map(|row| row.rule(place)).collect::<Result<Vec<_>, _>>()?;
    Ok(CodeRules::default().with(rules))
}

fn panel(place: &Place<'_>, file: &File) -> Result<Option<PanelConfig>, ConfigError> {
    let Some(listen) = &file.panel.listen else { return Ok(None) };
    let address: SocketAddr = listen.get_ref().parse().map_err(|_| {
        place.value("panel.listen", listen, "an address and port, such as 127.0.0.1:8380".into())
    })?;
    if file.panel.token.as_ref().is_some_and(|token| token.trim().is_empty()) {
        let why = "is empty: everybody has such a token; set a long one, or leave it out";
        return Err(place.key("panel.token", why));
    }
    let token = file.panel.token.clone().map(crate::secret::Secret::new);
    if !address.ip().is_loopback() && token.is_none() {
        let why = "a loopback address, or a panel.token beside it: whoever reaches the panel can \
                   press the keys";
        return Err(place.value("panel.listen", listen, why.to_owned()));
    }
    Ok(Some(PanelConfig { listen: address, token }))
}
