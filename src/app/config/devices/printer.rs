//! `[printer]`.

use super::super::error::{ConfigError, Place, expected};
use super::super::file::unplaced;
use super::no_such_driver;
use hal::printer::escpos::{Encoding, EscPosConfig, Way};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// Where receipts go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrinterConfig {
    /// Nowhere.
    None,
    /// To the browser panel.
    Virtual,
    /// To a receipt printer.
    EscPos(EscPosConfig),
    /// To a text file.
    File {
        /// The file.
        path: PathBuf,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::app::config) struct PrinterFile {
    driver: Spanned<String>,
    path: Option<PathBuf>,
    baud: Option<u32>,
    width: Option<u32>,
    encoding: Option<Spanned<String>>,
    answers: Option<bool>,
}

impl Default for PrinterFile {
    fn default() -> PrinterFile {
        let driver = unplaced("none");
        PrinterFile { driver, path: None, baud: None, width: None, encoding: None, answers: None }
    }
}

/// Dots across on paper of 58 mm and of 80 mm, at 203 dpi.
const WIDTHS: [u32; 2] = [384, 576];

/// The same in columns of the printer's own characters, each so many dots wide.
const COLUMNS: [u32; 2] = [32, 48];
const COLUMN_DOTS: u32 = 12;

impl PrinterFile {
    pub(super) fn config(
        &self,
        place: &Place<'_>,
        base: &Path,
    ) -> Result<PrinterConfig, ConfigError> {
        let drivers = ["escpos", "file", "virtual", "none"];
        match self.driver.get_ref().as_str() {
            "none" => Ok(PrinterConfig::None),
            "virtual" => Ok(PrinterConfig::Virtual),
            "file" => Ok(PrinterConfig::File { path: self.path(place, base, "receipts.txt")? }),
            "escpos" => self.escpos(place, base),
            _ => Err(no_such_driver(place, "printer.driver", &self.driver, &drivers)),
        }
    }

    fn escpos(&self, place: &Place<'_>, base: &Path) -> Result<PrinterConfig, ConfigError> {
        let path = self.path(place, base, "/dev/usb/lp0")?;
        let way = match self.baud {
            None => Way::Device,
            Some(0) => {
                return Err(place.key("printer.baud", "0 is found, such as 9600 expected"));
            }
            Some(baud) => Way::Serial { baud },
        };
        let width_dots = match self.width.unwrap_or(WIDTHS[0]) {
            dots if WIDTHS.contains(&dots) => dots,
            columns if COLUMNS.contains(&columns) => columns * COLUMN_DOTS,
            found => {
                let problem = format!(
                    "{found} is found, 384 dots or 32 columns (58 mm), or 576 or 48 (80 mm) expected"
                );
                return Err(place.key("printer.width", &problem));
            }
        };
        let encoding = match self.encoding.as_ref().map(|one| (one, one.get_ref().as_str())) {
            None | Some((_, "gb18030")) => Encoding::Gb18030,
            Some((_, "raster")) => Encoding::Raster,
            Some((found, _)) => {
                let known = expected(&["gb18030", "raster"]);
                return Err(place.value("printer.encoding", found, known));
            }
        };
        let answers = self.answers.unwrap_or(false);
        Ok(PrinterConfig::EscPos(EscPosConfig { path, way, width_dots, encoding, answers }))
    }

    fn path(&self, place: &Place<'_>, base: &Path, example: &str) -> Result<PathBuf, ConfigError> {
        let missing =
            || place.key("printer.path", &format!("is missing: a path, such as \"{example}\""));
        self.path.as_ref().map(|path| base.join(path)).ok_or_else(missing)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::{parsed_devices, refused_devices};
    use super::*;

    fn printer(table: &str) -> PrinterConfig {
        parsed_devices(&format!("[printer]\n{table}")).printer
    }

    #[test]
    fn each_driver_becomes_what_it_says() {
        assert_eq!(parsed_devices("").printer, PrinterConfig::None);
        assert_eq!(printer("driver = \"virtual\""), PrinterConfig::Virtual);
        let path = PathBuf::from("/var/lib/cashier/receipts.txt");
        let file = printer("driver = \"file\"\npath = \"/var/lib/cashier/receipts.txt\"");
        assert_eq!(file, PrinterConfig::File { path });
        let usb = EscPosConfig {
            path: PathBuf::from("/dev/usb/lp0"),
            way: Way::Device,
            width_dots: 384,
            encoding: Encoding::Gb18030,
            answers: false,
        };
        let short = "driver = \"escpos\"\npath = \"/dev/usb/lp0\"";
        assert_eq!(printer(short), PrinterConfig::EscPos(usb));
        let serial = EscPosConfig {
            path: PathBuf::from("/dev/ttyS1"),
            way: Way::Serial { baud: 115_200 },
            width_dots: 576,
            encoding: Encoding::Raster,
            answers: true,
        };
        let whole = "driver = \"escpos\"\npath = \"/dev/ttyS1\"\nbaud = 115200\nwidth = 576\n\
                     encoding = \"raster\"\nanswers = true";
        assert_eq!(printer(whole), PrinterConfig::EscPos(serial));
    }

    #[test]
    fn the_width_may_be_told_in_columns() {
        for (width, dots) in [(32, 384), (48, 576), (384, 384), (576, 576)] {
            let table = format!("driver = \"escpos\"\npath = \"/dev/usb/lp0\"\nwidth = {width}");
            let PrinterConfig::EscPos(config) = printer(&table) else { panic!("another driver") };
            assert_eq!(config.width_dots, dots);
        }
    }

    /// So that a device can be taken out, and put back, by one word.
    #[test]
    fn what_another_driver_needs_may_stay() {
        let rest = "path = \"/dev/usb/lp0\"\nbaud = 9600\nwidth = 384\nencoding = \"raster\"";
        assert_eq!(printer(&format!("driver = \"none\"\n{rest}")), PrinterConfig::None);
        assert_eq!(printer(&format!("driver = \"virtual\"\n{rest}")), PrinterConfig::Virtual);
    }

    #[test]
    fn what_does_not_go_together_is_named() {
        let usb = "driver = \"escpos\"\npath = \"/dev/usb/lp0\"\n";
        let rows = [
            ("driver = \"star\"".to_owned(), "printer.driver = \"star\": expected \"escpos\""),
            ("driver = \"escpos\"".to_owned(), "printer.path: is missing"),
            ("driver = \"file\"".to_owned(), "printer.path: is missing"),
            (format!("{usb}width = 400"), "printer.width: 400 is found"),
            (format!("{usb}baud = 0"), "printer.baud: 0 is found"),
            (format!("{usb}encoding = \"big5\""), "printer.encoding = \"big5\": expected"),
        ];
        for (table, expected) in rows {
            let said = refused_devices(&format!("[printer]\n{table}"));
            assert!(said.contains(expected), "{table}: {said}");
        }
    }
}
