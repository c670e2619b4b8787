//! The languages of the screen and of everything else that is read by people.
//!
//! Owns the table of strings (`locale/table.rs`) and the names of wallets. Source: `ui.md`, "every
//! string in both locales from one table".

mod table;

use std::fmt;
use std::str::FromStr;

pub use table::Text;

use crate::screen::Wallet;

/// A language. Written `zh-CN` or `en` in the configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Locale {
    /// Simplified Chinese, `zh-CN`.
    #[default]
    ZhCn,
    /// English, `en`.
    En,
}

/// The name of a language that the product does not speak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownLocale(String);

impl fmt::Display for UnknownLocale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown locale {:?}: use \"zh-CN\" or \"en\"", self.0)
    }
}

impl std::error::Error for UnknownLocale {}

impl FromStr for Locale {
    type Err = UnknownLocale;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "zh-CN" => Ok(Locale::ZhCn),
            "en" => Ok(Locale::En),
            other => Err(UnknownLocale(other.chars().take(32).collect())),
        }
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Locale::ZhCn => "zh-CN",
            Locale::En => "en",
        })
    }
}

impl Text {
    /// The words in a language. `{}` in them stands for a number; see [`Text::with`].
    pub fn text(self, locale: Locale) -> &'static str {
        match locale {
            Locale::ZhCn => self.zh_cn(),
            Locale::En => self.en(),
        }
    }

    /// The words with their `{}` replaced.
    pub fn with(self, locale: Locale, number: impl fmt::Display) -> String {
        self.text(locale).replacen("{}", &number.to_string(), 1)
    }
}

impl Wallet {
    /// What the wallet is called in a language.
    pub fn name(self, locale: Locale) -> &'static str {
        let text = match self {
            Wallet::Alipay => Text::WalletAlipay,
            Wallet::Wechat => Text::WalletWechat,
            Wallet::UnionPay => Text::WalletUnionPay,
            Wallet::Baidu => Text::WalletBaidu,
            Wallet::BestPay => Text::WalletBestPay,
            Wallet::Qq => Text::WalletQq,
            Wallet::Jd => Text::WalletJd,
            Wallet::Bank => Text::WalletBank,
            Wallet::Unknown => Text::WalletUnknown,
        };
        text.text(locale)
    }
}
