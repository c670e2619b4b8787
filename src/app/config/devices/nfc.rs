//! `[nfc]`.

use super::super::error::{ConfigError, Place};
use super::super::file::unplaced;
use super::no_such_driver;
use hal::Pn532Config;
use hal::nfc::Aid;
use hal::scanner::{SerialConfig, Terminator};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::Spanned;

const DRIVERS: [&str; 4] = ["pn532", "line", "virtual", "none"];

/// What a PN532 speaks out of power-up, and most other readers do.
const BAUD: u32 = 115_200;

/// The contactless reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NfcConfig {
    /// There is none.
    None,
    /// The browser panel's.
    Virtual,
    /// A PN532 on a serial line.
    Pn532(Pn532Config),
    /// One that sends each token as a line.
    Line(SerialConfig),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::app::config) struct NfcFile {
    driver: Spanned<String>,
    path: Option<PathBuf>,
    baud: Option<Spanned<u32>>,
    aid: Option<Spanned<String>>,
}

impl Default for NfcFile {
    fn default() -> NfcFile {
        NfcFile { driver: unplaced("none"), path: None, baud: None, aid: None }
    }
}

impl NfcFile {
    pub(super) fn config(&self, place: &Place<'_>, base: &Path) -> Result<NfcConfig, ConfigError> {
        let driver = self.driver.get_ref().as_str();
        match driver {
            "pn532" => self.pn532(place, base),
            "line" => self.line(place, base),
            "none" => Ok(NfcConfig::None),
            "virtual" => Ok(NfcConfig::Virtual),
            _ => Err(no_such_driver(place, "nfc.driver", &self.driver, &DRIVERS)),
        }
    }

    fn pn532(&self, place: &Place<'_>, base: &Path) -> Result<NfcConfig, ConfigError> {
        let path = self.path(place, base)?;
        let Some(aid) = &self.aid else {
            let problem = "is missing: the identifier of the application that gives the token, 5 \
                           to 16 bytes in hexadecimal";
            return Err(place.key("nfc.aid", problem));
        };
        let parsed: Result<Aid, _> = aid.get_ref().parse();
        let aid = parsed.map_err(|error| place.value("nfc.aid", aid, error.to_string()))?;
        Ok(NfcConfig::Pn532(Pn532Config { path, baud: self.baud(place)?, aid }))
    }

    fn line(&self, place: &Place<'_>, base: &Path) -> Result<NfcConfig, ConfigError> {
        let (path, baud) = (self.path(place, base)?, self.baud(place)?);
        Ok(NfcConfig::Line(SerialConfig { path, baud, terminator: Terminator::Any }))
    }

    fn path(&self, place: &Place<'_>, base: &Path) -> Result<PathBuf, ConfigError> {
        match &self.path {
            Some(path) => Ok(base.join(path)),
            None => Err(place.key("nfc.path", "is missing: the serial device's path")),
        }
    }

    fn baud(&self, place: &Place<'_>) -> Result<u32, ConfigError> {
        let Some(baud) = &self.baud else { return Ok(BAUD) };
        match *baud.get_ref() {
            0 => Err(place.key("nfc.baud", "expected bits a second, such as 115200")),
            baud => Ok(baud),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::config::Config;

    /// What a file needs besides; it comes last, so that lines count from the table's first.
    const REST: &str = "[merchant]\nid = \"1\"\n[gateway]\nkind = \"sosopay-json\"\n\
                        base_url = \"https://gateway.example/\"\nkey = \"0123456789abcdef\"\n";

    fn parse(nfc: &str) -> Result<NfcConfig, String> {
        let path = Path::new("/etc/cashier/cashier.toml");
        let config = Config::parse(path, &format!("{nfc}{REST}"));
        config.map(|config| config.devices.nfc).map_err(|error| error.to_string())
    }

    #[test]
    fn a_pn532_has_a_path_a_speed_and_an_application() {
        let config = |path: &str, baud| {
            let aid = "F0010203040506".parse().expect("an AID");
            NfcConfig::Pn532(Pn532Config { path: path.into(), baud, aid })
        };
        let text = "[nfc]\ndriver = \"pn532\"\npath = \"reader\"\naid = \"f0010203040506\"\n";
        assert_eq!(parse(text), Ok(config("/etc/cashier/reader", 115_200)));
        let text = format!("{text}baud = 9600\n").replace("reader", "/dev/ttyS1");
        assert_eq!(parse(&text), Ok(config("/dev/ttyS1", 9600)));
    }

    #[test]
    fn a_reader_that_sends_lines_has_a_path_and_a_speed() {
        let path = "/dev/ttyUSB0".into();
        let line = SerialConfig { path, baud: 115_200, terminator: Terminator::Any };
        let text = "[nfc]\ndriver = \"line\"\npath = \"/dev/ttyUSB0\"\n";
        assert_eq!(parse(text), Ok(NfcConfig::Line(line)));
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let pn532 = "driver = \"pn532\"\npath = \"/dev/ttyS1\"";
        for (text, said) in [
            ("driver = \"pn531\"", ":2: nfc.driver = \"pn531\": expected \"pn532\", \"line\""),
            ("driver = \"pn532\"", ":1: nfc.path: is missing"),
            ("driver = \"line\"", ":1: nfc.path: is missing"),
            (pn532, ":1: nfc.aid: is missing"),
            (&format!("{pn532}\naid = \"F001\""), ":4: nfc.aid = \"F001\": expected 5 to 16"),
            (&format!("{pn532}\naid = \"F0 01 02 03\""), "5 to 16 bytes in hexadecimal"),
            (&format!("{pn532}\naid = \"{}\"", "00".repeat(17)), "5 to 16 bytes"),
            (&format!("{pn532}\naid = \"F001020304\"\nbaud = 0"), ":5: nfc.baud: expected"),
        ] {
            let error = parse(&format!("[nfc]\n{text}\n")).expect_err("a refusal");
            assert!(error.contains(said), "{text}: {error}");
        }
    }
}
