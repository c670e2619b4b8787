//! The reasons of the machine in the words of the screen's table: what happened, and what to do.
//!
//! One place for the screen, the command line and receipts, so that they never disagree.

pub mod dictionary;

use crate::app::http::Unreachable;
use crate::gateway::Failed;
use crate::payment::code::NotACode;
use crate::payment::record::Found;
use crate::payment::{Channel, Decline, DoubtKind, Outcome, RefundOutcome, Why};
use hal::{Health, NfcFault};
use ui::{Text, Wallet};

/// What happened and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// What happened.
    pub reason: Option<Text>,
    /// What to do.
    pub advice: Option<Text>,
}

/// The words of an outcome.
pub fn outcome(outcome: &Outcome) -> Words {
    match outcome {
        Outcome::Paid(_) => Words { reason: None, advice: Some(Text::HandOverGoods) },
        Outcome::NotCharged(decline) | Outcome::Reversed(decline) => why(decline.why),
        Outcome::Unresolved(doubt) => doubt_words(doubt.kind),
    }
}

/// The words of what was not sent because the gateway is not trusted: looking after the network
/// would not help. What exactly is wrong is in the log.
pub const UNTRUSTED: Words =
    Words { reason: Some(Text::GatewayNotTrusted), advice: Some(Text::CallIntegrator) };

/// Whether the gateway is not trusted, if that is why nothing was sent.
pub fn is_untrusted(why: Why, unreachable: Option<&Unreachable>) -> bool {
    why == Why::NeverSent && matches!(unreachable, Some(Unreachable::Untrusted(_)))
}

/// The gateway's own words about an outcome, for support.
pub fn detail(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Paid(_) => None,
        Outcome::NotCharged(Decline { said, .. }) | Outcome::Reversed(Decline { said, .. }) => {
            said.clone()
        }
        Outcome::Unresolved(doubt) => doubt.said.clone(),
    }
}

/// The name of an outcome's reason in JSON.
pub fn reason_code(outcome: &Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::Paid(_) => None,
        Outcome::NotCharged(decline) | Outcome::Reversed(decline) => Some(decline.why.name()),
        Outcome::Unresolved(doubt) => Some(doubt.kind.name()),
    }
}

/// The words of a refund's outcome.
pub fn refund(outcome: &RefundOutcome) -> Words {
    match outcome {
        RefundOutcome::Refunded { .. } => Words { reason: None, advice: None },
        RefundOutcome::Refused(decline) => why(decline.why),
        RefundOutcome::Refunding => {
            Words { reason: Some(Text::Refunding), advice: Some(Text::DoNotRefundAgain) }
        }
        RefundOutcome::Unresolved(doubt) => {
            let advice = match doubt.kind {
                DoubtKind::WalletUncertain => Text::CallSupport,
                DoubtKind::JournalFailed => Text::StopSelling,
                DoubtKind::NoAnswer
                | DoubtKind::GatewayFault
                | DoubtKind::Unreadable
                | DoubtKind::Mismatch
                | DoubtKind::UnknownCode
                | DoubtKind::AskAgain
                | DoubtKind::StillPending
                | DoubtKind::NotFoundYet
                | DoubtKind::Interrupted => Text::DoNotRefundAgain,
            };
            Words { reason: Some(Text::RefundUnclear), advice: Some(advice) }
        }
    }
}

/// The gateway's own words about a refund, for support.
pub fn refund_detail(outcome: &RefundOutcome) -> Option<String> {
    match outcome {
        RefundOutcome::Refunded { .. } | RefundOutcome::Refunding => None,
        RefundOutcome::Refused(decline) => decline.said.clone(),
        RefundOutcome::Unresolved(doubt) => doubt.said.clone(),
    }
}

/// The name of the reason of a refund's outcome in JSON.
pub fn refund_reason_code(outcome: &RefundOutcome) -> Option<&'static str> {
    match outcome {
        RefundOutcome::Refunded { .. } | RefundOutcome::Refunding => None,
        RefundOutcome::Refused(decline) => Some(decline.why.name()),
        RefundOutcome::Unresolved(doubt) => Some(doubt.kind.name()),
    }
}

/// The words of a contradiction (I6): what the gateway found of an order that had ended.
pub fn found(ended: &Outcome, found: &Found) -> Words {
    let (reason, advice) = match found {
        Found::Paid(_) => match ended {
            Outcome::Reversed(_) => (Text::PaidAfterReversal, Text::OfferRefund),
            // Nothing of it was ever cancelled.
            Outcome::NotCharged(_) | Outcome::Unresolved(_) | Outcome::Paid(_) => {
                (Text::PaidLate, Text::HandOverOrRefund)
            }
        },
        Found::NotPaid(_) => (Text::PaidNoMore, Text::CallSupport),
    };
    Words { reason: Some(reason), advice: Some(advice) }
}

/// How a device is.
pub fn health(health: Health) -> Text {
    match health {
        Health::Ready => Text::Good,
        Health::Starting => Text::Starting,
        Health::Absent => Text::Absent,
        Health::Failed => Text::Bad,
    }
}

fn why(why: Why) -> Words {
    let (reason, advice) = match why {
        Why::CodeExpired => (Text::CodeExpired, Some(Text::AskRefreshCode)),
        Why::CodeInvalid => (Text::CodeInvalid, Some(Text::AskRefreshCode)),
        Why::InsufficientFunds => (Text::InsufficientFunds, Some(Text::AskOtherWallet)),
        Why::BuyerLimit => (Text::BuyerLimit, Some(Text::AskOtherWallet)),
        Why::SellerLimit => (Text::SellerLimit, Some(Text::CallSupport)),
        Why::PaymentDeclined => (Text::PaymentDeclined, Some(Text::TryAgain)),
        Why::TradeFailed => (Text::TradeFailed, Some(Text::TryAgain)),
        Why::TradeClosed => (Text::TradeClosed, Some(Text::TryAgain)),
        Why::BadSignature => (Text::BadSignature, Some(Text::CheckClockAndKey)),
        Why::BadParameter => (Text::BadParameter, Some(Text::CallIntegrator)),
        Why::UnknownTerminal => (Text::UnknownTerminal, Some(Text::CallIntegrator)),
        Why::UnknownMerchant => (Text::UnknownMerchant, Some(Text::CallIntegrator)),
        Why::InvalidContract => (Text::InvalidContract, Some(Text::CallSupport)),
        Why::AmountRejected => (Text::AmountRejected, Some(Text::EnterLess)),
        Why::ChannelUnavailable => (Text::ChannelUnavailable, Some(Text::AskOtherWallet)),
        Why::GatewayRefused => (Text::GatewayRefused, Some(Text::CallSupport)),
        Why::NeverSent => (Text::NeverSent, Some(Text::CheckNetwork)),
        Why::NeverArrived => (Text::NeverArrived, Some(Text::TryAgain)),
        Why::CancelledByCashier => (Text::CancelledByCashier, None),
        Why::AwaitTimeout => (Text::AwaitTimeout, Some(Text::TryAgain)),
        Why::CancelledOnTimeout => (Text::CancelledOnTimeout, Some(Text::TryAgain)),
        Why::QrExpired => (Text::QrExpired, Some(Text::TryAgain)),
        Why::JournalFailed => (Text::JournalFailed, Some(Text::StopSelling)),
        Why::RefundNotAllowed => (Text::RefundNotAllowed, Some(Text::CallSupport)),
        Why::RefundNoBalance => (Text::RefundNoBalance, Some(Text::CallSupport)),
        Why::RefundFailed => (Text::RefundFailed, Some(Text::CallSupport)),
        Why::LoginRefused => (Text::LoginRefused, Some(Text::TryAgain)),
    };
    Words { reason: Some(reason), advice }
}

fn doubt_words(kind: DoubtKind) -> Words {
    let (reason, advice) = match kind {
        DoubtKind::NoAnswer => (Text::NoAnswer, Text::DoNotHandOver),
        DoubtKind::GatewayFault => (Text::GatewayFault, Text::DoNotHandOver),
        DoubtKind::Unreadable => (Text::Unreadable, Text::DoNotHandOver),
        DoubtKind::UnknownCode => (Text::NoClearAnswer, Text::DoNotHandOver),
        DoubtKind::Mismatch => (Text::Mismatch, Text::DoNotHandOver),
        DoubtKind::AskAgain => (Text::NoClearAnswer, Text::DoNotHandOver),
        DoubtKind::WalletUncertain => (Text::WalletUncertain, Text::CallSupport),
        DoubtKind::StillPending => (Text::StillPending, Text::DoNotHandOver),
        DoubtKind::NotFoundYet => (Text::NotFoundYet, Text::DoNotHandOver),
        DoubtKind::Interrupted => (Text::Interrupted, Text::DoNotHandOver),
        DoubtKind::JournalFailed => (Text::JournalUnwritable, Text::StopSelling),
    };
    Words { reason: Some(reason), advice: Some(advice) }
}

/// The words of an operation that did not work, or of which that is not known. Nothing goes on
/// asking about it, so the advice is another than a sale's.
pub fn failed(failed: &Failed) -> Words {
    match failed {
        Failed::Refused(decline) => why(decline.why),
        Failed::NotFound => Words { reason: Some(Text::OrderNotFound), advice: None },
        Failed::Unknown(doubt) => {
            Words { advice: Some(Text::CallSupport), ..doubt_words(doubt.kind) }
        }
    }
}

/// What is said of a tap that gave nothing.
pub fn not_a_tap(fault: NfcFault) -> Text {
    match fault {
        NfcFault::PlainCard | NfcFault::NoApplication => Text::TapCannotPay,
        NfcFault::StillThere => Text::TapStillThere,
        NfcFault::Interrupted | NfcFault::Unreadable | NfcFault::Protocol | NfcFault::Overrun => {
            Text::TapNotRead
        }
    }
}

/// What a scan that is no payment code is called.
pub fn not_a_code(refusal: NotACode) -> Text {
    match refusal {
        NotACode::Empty => Text::ScanNoRead,
        NotACode::Product => Text::ScanIsProduct,
        NotACode::Url => Text::ScanIsUrl,
        NotACode::TooLong => Text::ScanIsTooLong,
        NotACode::Other => Text::ScanIsNotACode,
    }
}

/// A channel as the screen knows it.
pub fn wallet(channel: &Channel) -> Wallet {
    match channel {
        Channel::Alipay => Wallet::Alipay,
        Channel::Wechat => Wallet::Wechat,
        Channel::UnionPay => Wallet::UnionPay,
        Channel::Baidu => Wallet::Baidu,
        Channel::BestPay => Wallet::BestPay,
        Channel::Qq => Wallet::Qq,
        Channel::Jd => Wallet::Jd,
        Channel::Bank => Wallet::Bank,
        Channel::Unknown(_) => Wallet::Unknown,
    }
}

/// A channel as the screen knows it, if it is known.
pub fn known_wallet(channel: &Channel) -> Option<Wallet> {
    match wallet(channel) {
        Wallet::Unknown => None,
        wallet @ (Wallet::Alipay
        | Wallet::Wechat
        | Wallet::UnionPay
        | Wallet::Baidu
        | Wallet::BestPay
        | Wallet::Qq
        | Wallet::Jd
        | Wallet::Bank) => Some(wallet),
    }
}
