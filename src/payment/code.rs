//! Payment codes: what a customer's code looks like, and what other scans are.
//!
//! Source: protocol/README, "Payment codes (DYNAMIC_ID), by what they look like". A scan that is
//! none is named for what it is and goes no further (I16). A code is masked everywhere but on the
//! wire (I17).

use super::Channel;
use crate::secret::Secret;
use std::fmt;

/// How a code came to us: `DYNAMIC_ID_TYPE` (JSON zh table 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodeKind {
    /// A bar code or QR on the customer's screen.
    Barcode,
    /// Sonic.
    Sonic,
    /// NFC.
    Nfc,
}

impl CodeKind {
    /// The name on the command line and in the journal.
    pub fn name(self) -> &'static str {
        match self {
            CodeKind::Barcode => "barcode",
            CodeKind::Sonic => "sonic",
            CodeKind::Nfc => "nfc",
        }
    }

    /// The kind of a [`CodeKind::name`].
    pub fn parse(name: &str) -> Option<CodeKind> {
        [CodeKind::Barcode, CodeKind::Sonic, CodeKind::Nfc]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// A customer's code. `Debug` and `Display` mask it.
#[derive(Clone, PartialEq, Eq)]
pub struct PaymentCode {
    text: Secret,
    kind: CodeKind,
    channel: Channel,
}

/// Why a scan is no payment code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NotACode {
    /// Nothing in it.
    #[error("the scan is empty")]
    Empty,
    /// A product's bar code: EAN-13, EAN-8 or UPC-A with a right check digit.
    #[error("that is a product's bar code, not a payment code")]
    Product,
    /// A link, such as the QR of a web page or of a merchant's own stand.
    #[error("that is a web link, not a payment code")]
    Url,
    /// Longer than any code.
    #[error("the scan is longer than any payment code")]
    TooLong,
    /// Something else.
    #[error("that is not a payment code")]
    Other,
}

/// One row of the table of codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRule {
    /// The wallet.
    pub channel: Channel,
    /// The smallest and the largest value of the first two digits.
    pub prefix: (u8, u8),
    /// The least and the greatest number of digits.
    pub digits: (usize, usize),
}

/// The table of codes; configuration may add rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRules(Vec<CodeRule>);

impl Default for CodeRules {
    fn default() -> CodeRules {
        let rule = |channel, prefix, digits| CodeRule { channel, prefix, digits };
        CodeRules(vec![
            rule(Channel::Wechat, (10, 15), (18, 18)),
            rule(Channel::Alipay, (25, 30), (16, 24)),
            rule(Channel::UnionPay, (62, 62), (19, 19)),
            rule(Channel::Baidu, (31, 31), (16, 18)),
        ])
    }
}

impl CodeRules {
    /// The table with more rows in front.
    pub fn with(mut self, rules: Vec<CodeRule>) -> CodeRules {
        self.0.splice(0..0, rules);
        self
    }

    /// Reads a scan. An all-digit text of 16 to 32 that no row matches passes with
    /// [`Channel::Unknown`], which the screen shows a caution for.
    pub fn parse(&self, text: &str, kind: CodeKind) -> Result<PaymentCode, NotACode> {
        let text = text.trim_matches([' ', '\r', '\n', '\t']);
        if kind != CodeKind::Barcode {
            return token(text, kind);
        }
        if text.is_empty() {
            return Err(NotACode::Empty);
        }
        if looks_like_a_link(text) {
            return Err(NotACode::Url);
        }
        if text.len() > CODE_LEN_MAX {
            return Err(NotACode::TooLong);
        }
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotACode::Other);
        }
        if is_product(text) {
            return Err(NotACode::Product);
        }
        let channel = self.0.iter().find(|rule| rule.matches(text)).map(|rule| &rule.channel);
        match channel {
            Some(channel) => Ok(PaymentCode::new(text, kind, channel.clone())),
            None if text.len() >= 16 => {
                Ok(PaymentCode::new(text, kind, Channel::Unknown(String::new())))
            }
            None => Err(NotACode::Other),
        }
    }
}

impl CodeRule {
    fn matches(&self, text: &str) -> bool {
        let prefix = text.get(..2).and_then(|prefix| prefix.parse::<u8>().ok());
        let (least, greatest) = self.digits;
        let (from, to) = self.prefix;
        (least..=greatest).contains(&text.len())
            && prefix.is_some_and(|prefix| (from..=to).contains(&prefix))
    }
}

/// The longest code: Upay v2 §3-2.2 gives `dynamic_id` String(32).
pub const CODE_LEN_MAX: usize = 32;

/// A sonic or NFC token: its shape is the wallet's own affair, its characters are not.
fn token(text: &str, kind: CodeKind) -> Result<PaymentCode, NotACode> {
    if text.is_empty() {
        return Err(NotACode::Empty);
    }
    if text.len() > CODE_LEN_MAX {
        return Err(NotACode::TooLong);
    }
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(NotACode::Other);
    }
    Ok(PaymentCode::new(text, kind, Channel::Unknown(String::new())))
}

fn looks_like_a_link(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|s| !s.is_empty() && s.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        || text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www."))
}

/// EAN-13, EAN-8 and UPC-A with a right check digit (GS1 General Specifications §7.9).
fn is_product(digits: &str) -> bool {
    if ![8, 12, 13].contains(&digits.len()) {
        return false;
    }
    let weighted =
        |(place, byte): (usize, u8)| u32::from(byte - b'0') * if place % 2 == 0 { 1 } else { 3 };
    digits.bytes().rev().enumerate().map(weighted).sum::<u32>() % 10 == 0
}

impl PaymentCode {
    fn new(text: &str, kind: CodeKind, channel: Channel) -> PaymentCode {
        PaymentCode { text: Secret::new(text.to_owned()), kind, channel }
    }

    /// The code itself, for the wire only.
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    /// How it was read.
    pub fn kind(&self) -> CodeKind {
        self.kind
    }

    /// The wallet that it looks like; [`Channel::Unknown`] deserves a caution.
    pub fn channel(&self) -> &Channel {
        &self.channel
    }

    /// The first two and the last four characters: enough to tell two codes apart on a receipt,
    /// too little to charge.
    pub fn masked(&self) -> String {
        let text = self.text.expose();
        match (text.get(..2), text.len().checked_sub(4).and_then(|at| text.get(at..))) {
            (Some(start), Some(end)) if text.len() >= 12 => format!("{start}****{end}"),
            _ => "****".to_owned(),
        }
    }
}

impl fmt::Debug for PaymentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PaymentCode({})", self.masked())
    }
}

impl fmt::Display for PaymentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Channel, NotACode> {
        CodeRules::default().parse(text, CodeKind::Barcode).map(|code| code.channel().clone())
    }

    #[test]
    fn each_wallet_is_known_by_its_code() {
        for (text, channel) in [
            ("130730865806264036", Channel::Wechat),
            ("284214903060794755", Channel::Alipay),
            ("2842149030607947", Channel::Alipay),
            ("300000000000000000000000", Channel::Alipay),
            ("6212345678901234567", Channel::UnionPay),
            ("3112345678901234", Channel::Baidu),
            ("9912345678901234", Channel::Unknown(String::new())),
            ("13073086580626403", Channel::Unknown(String::new())),
            (" 284214903060794755\r\n", Channel::Alipay),
        ] {
            assert_eq!(read(text), Ok(channel), "{text}");
        }
    }

    #[test]
    fn i16_what_is_no_code_is_named_for_what_it_is() {
        for (text, error) in [
            ("", NotACode::Empty),
            ("6901234567892", NotACode::Product),
            ("036000291452", NotACode::Product),
            ("96385074", NotACode::Product),
            ("https://example.com/a", NotACode::Url),
            ("weixin://wxpay/bizpayurl?pr=1", NotACode::Url),
            ("WWW.example.com", NotACode::Url),
            ("6901234567893", NotACode::Other),
            ("hello", NotACode::Other),
            ("28421490306079475x", NotACode::Other),
            ("2842149030607947552842149030607947", NotACode::TooLong),
            ("２８４２１４９０３０", NotACode::Other),
        ] {
            assert_eq!(read(text), Err(error), "{text}");
        }
    }

    #[test]
    fn i17_a_code_prints_masked() {
        let code = CodeRules::default().parse("284214903060794755", CodeKind::Barcode);
        let code = code.expect("a code");
        assert_eq!(format!("{code} {code:?}"), "28****4755 PaymentCode(28****4755)");
    }

    #[test]
    fn configuration_may_add_a_wallet() {
        let rule = CodeRule { channel: Channel::BestPay, prefix: (51, 51), digits: (18, 18) };
        let rules = CodeRules::default().with(vec![rule]);
        let code = rules.parse("510000000000000000", CodeKind::Barcode).expect("a code");
        assert_eq!(code.channel(), &Channel::BestPay);
    }

    proptest! {
        #[test]
        fn i15_no_scan_panics(text in ".*") {
            for kind in [CodeKind::Barcode, CodeKind::Sonic, CodeKind::Nfc] {
                let _ = CodeRules::default().parse(&text, kind);
            }
        }
    }
}
