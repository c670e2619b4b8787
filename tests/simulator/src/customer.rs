//! The customers: what the phone behind a payment code, or behind a QR on the terminal, does.
//!
//! A behaviour is looked up when the order is made: first the script for that very code, then (only
//! with `Settings::magic_codes`) its ending, then the default. The ledger plays it out on its
//! clock. Prefixes and lengths of the codes are README "Payment codes".

use serde::{Deserialize, Serialize};

/// Why a payment is declined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decline {
    /// Not enough money.
    InsufficientFunds,
    /// The code is older than a minute.
    ExpiredCode,
    /// The wallet does not know the code, or it was used before.
    InvalidCode,
    /// The buyer's daily limit.
    OverDailyLimit,
    /// The buyer's limit for one payment.
    OverTransactionLimit,
    /// The seller's daily limit.
    SellerOverLimit,
    /// The customer pressed "no", or the wallet gives no reason.
    Refused,
}

/// What a customer does with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// Pays at once.
    Approve,
    /// Pays so many milliseconds after the order.
    ApproveAfter {
        /// Milliseconds after the order was made.
        ms: u64,
    },
    /// Types a password: the order waits until `approve` or `decline`.
    Password,
    /// The wallet declines at once.
    Decline(Decline),
    /// Declines so many milliseconds after the order.
    DeclineAfter {
        /// Milliseconds after the order was made.
        ms: u64,
        /// The reason the wallet gives.
        reason: Decline,
    },
    /// Never answers.
    Never,
    /// The payment lands just before the cancel is carried out; the cancel then returns the money.
    PayOnCancel,
    /// The payment lands after a cancel that was answered as done, or after the gateway's own
    /// revoke: the fault "paid after cancel".
    PayLate {
        /// Milliseconds after the cancel.
        ms: u64,
    },
}

impl Behaviour {
    /// The behaviour that a code's ending asks for (the table of `Settings::magic_codes`).
    pub fn of_magic_code(code: &str) -> Option<Self> {
        let ending = code.get(code.len().checked_sub(2)?..)?;
        Some(match ending {
            "01" => Self::Decline(Decline::InsufficientFunds),
            "02" => Self::Decline(Decline::ExpiredCode),
            "03" => Self::Decline(Decline::InvalidCode),
            "04" => Self::Decline(Decline::OverDailyLimit),
            "05" => Self::Decline(Decline::OverTransactionLimit),
            "06" => Self::DeclineAfter { ms: 3_000, reason: Decline::Refused },
            "07" => Self::ApproveAfter { ms: 3_000 },
            "08" => Self::Password,
            "09" => Self::Never,
            "10" => Self::PayOnCancel,
            "11" => Self::PayLate { ms: 3_000 },
            _ => return None,
        })
    }
}

/// A wallet behind a payment code or a QR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wallet {
    /// 支付宝.
    Alipay,
    /// 微信支付.
    Wechat,
    /// 银联.
    Unionpay,
    /// 百付宝, 百度钱包.
    Baidu,
    /// 京东.
    Jd,
    /// QQ钱包.
    Qq,
    /// 翼支付.
    Bestpay,
    /// One of the banks of SOSOPAY's channel table, by its CHANNEL_TYPE.
    Bank(u8),
}

impl Wallet {
    /// The wallet of a payment code (README "Payment codes"), or `None` if no rule matches.
    pub fn of_code(code: &str) -> Option<Self> {
        if !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let prefix: u8 = code.get(..2)?.parse().ok()?;
        match (prefix, code.len()) {
            (10..=15, 18) => Some(Self::Wechat),
            (25..=30, 16..=24) => Some(Self::Alipay),
            (62, 19) => Some(Self::Unionpay),
            (31, 16..=18) => Some(Self::Baidu),
            (_, _) => None,
        }
    }

    /// The length and prefix of a code that the phone of this wallet shows, where one is known.
    pub(crate) fn code_shape(self) -> Option<(&'static str, usize)> {
        match self {
            Self::Wechat => Some(("13", 18)),
            Self::Alipay => Some(("28", 18)),
            Self::Unionpay => Some(("62", 19)),
            Self::Baidu => Some(("31", 18)),
            Self::Jd | Self::Qq | Self::Bestpay | Self::Bank(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_names_its_wallet_by_prefix_and_length() {
        for (code, wallet) in [
            ("130730865806264036", Some(Wallet::Wechat)),
            ("284214903060794755", Some(Wallet::Alipay)),
            ("2542149030607947", Some(Wallet::Alipay)),
            ("6212345678901234567", Some(Wallet::Unionpay)),
            ("3112345678901234", Some(Wallet::Baidu)),
            ("13073086580626403", None),
            ("6901234567892", None),
            ("9912345678901234", None),
            ("28421490306079475x", None),
            ("达美乐", None),
            ("", None),
        ] {
            assert_eq!(Wallet::of_code(code), wallet, "{code}");
        }
    }

    #[test]
    fn a_magic_ending_needs_two_characters_that_the_table_lists() {
        assert_eq!(
            Behaviour::of_magic_code("284214903060794701"),
            Some(Behaviour::Decline(Decline::InsufficientFunds))
        );
        assert_eq!(Behaviour::of_magic_code("284214903060794799"), None);
        assert_eq!(Behaviour::of_magic_code("1"), None);
        assert_eq!(Behaviour::of_magic_code("达美"), None);
    }
}
