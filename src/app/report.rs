//! How orders are told on the command line: JSON for programs, lines for people (`contract.md`,
//! "Commands").

mod cancelled;

pub use cancelled::{Cancelled, Return};

mod refunded;

pub use refunded::{Refunded, refund_outcome};

mod history;
mod operation;

pub use history::{Happened, Listed, Shown, iso8601};
pub use operation::Told;

use crate::app::words::{self, dictionary::InWords};
use crate::gateway::operation::OrderState;
use crate::money::Fen;
use crate::payment::outcome::{Outcome, Payment};
use crate::payment::record::Direction;
use crate::payment::{Channel, Why};
use serde::Serialize;
use std::process::ExitCode;
use ui::{Locale, Text};

/// What a command ended with (`contract.md`, "Exit status").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The outcome asked for is certain.
    Done,
    /// Certain and negative.
    Negative,
    /// Wrong usage or configuration.
    Usage,
    /// Not certain yet, kept in the journal.
    Open,
    /// A device, a file or the network failed before anything was sent.
    Failed,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Negative => 1,
            Exit::Usage => 2,
            Exit::Open => 3,
            Exit::Failed => 4,
        })
    }
}

impl Exit {
    /// The exit status of a sale that was asked for.
    pub fn of_sale(outcome: &Outcome) -> Exit {
        match outcome {
            Outcome::Paid(_) => Exit::Done,
            Outcome::NotCharged(decline) | Outcome::Reversed(decline) => {
                Exit::of_negative(decline.why)
            }
            Outcome::Unresolved(_) => Exit::Open,
        }
    }

    /// The exit status of a final negative: whether anything was sent at all.
    fn of_negative(why: Why) -> Exit {
        match why {
            Why::NeverSent | Why::JournalFailed => Exit::Failed,
            Why::CodeExpired
            | Why::CodeInvalid
            | Why::InsufficientFunds
            | Why::BuyerLimit
            | Why::SellerLimit
            | Why::PaymentDeclined
            | Why::TradeFailed
            | Why::TradeClosed
            | Why::BadSignature
            | Why::BadParameter
            | Why::UnknownTerminal
            | Why::UnknownMerchant
            | Why::InvalidContract
            | Why::AmountRejected
            | Why::ChannelUnavailable
            | Why::GatewayRefused
            | Why::NeverArrived
            | Why::CancelledByCashier
            | Why::AwaitTimeout
            | Why::CancelledOnTimeout
            | Why::QrExpired
            | Why::RefundNotAllowed
            | Why::RefundNoBalance
            | Why::RefundFailed
            | Why::LoginRefused => Exit::Negative,
        }
    }
}

/// A sale, as `sale`, `present`, `query` and `cancel` tell it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sold {
    /// Our number.
    pub order: String,
    /// `paid`, `not_charged`, `unresolved` or `pending`.
    pub outcome: &'static str,
    /// What was to be charged.
    pub amount_fen: i64,
    /// The gateway's number.
    pub gateway_order: Option<String>,
    /// The wallet.
    pub channel: &'static str,
    /// Why, in the merchant's language.
    pub reason: Option<String>,
    /// What to do, in the merchant's language.
    pub advice: Option<String>,
    /// The text of the QR.
    pub qr: Option<String>,
    /// Why, as a name that does not change.
    pub reason_code: Option<&'static str>,
    /// The gateway's own words; or why it could not be reached.
    pub detail: Option<String>,
}

/// A sale with what the gateway says of it now, as `query` tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Queried {
    /// The sale.
    #[serde(flatten)]
    pub sold: Sold,
    /// The order's state in the gateway's own terms.
    pub state: Option<String>,
    /// What that state means, in the merchant's language.
    pub state_text: Option<String>,
    /// What was given back.
    pub refunded_fen: Option<i64>,
    /// Whether the gateway contradicts how the order had ended (I6).
    pub discrepancy: bool,
}

impl Queried {
    /// A sale of which the gateway was asked.
    pub fn new(
        sold: Sold,
        state: Option<&OrderState>,
        refunded_fen: Option<i64>,
        discrepancy: bool,
        locale: Locale,
    ) -> Queried {
        let state_text = state.map(|state| state.words(locale).to_owned());
        let state = state.map(|state| state.text().to_owned());
        Queried { sold, state, state_text, refunded_fen, discrepancy }
    }

    /// For people: a line each.
    pub fn lines(&self, locale: Locale) -> String {
        let mut lines = vec![self.sold.lines(locale)];
        lines.extend(match (&self.state, &self.state_text) {
            (Some(state), Some(words)) if words != state => Some(format!("{state} {words}")),
            (state, _) => state.clone(),
        });
        if self.discrepancy {
            lines.push(Text::Discrepancy.text(locale).to_owned());
        }
        lines.join("\n")
    }
}

impl Sold {
    fn explain(&mut self, outcome: &Outcome, locale: Locale) {
        let words = words::outcome(outcome);
        self.reason = words.reason.map(|text| text.text(locale).to_owned());
        self.advice = words.advice.map(|text| text.text(locale).to_owned());
        self.reason_code = words::reason_code(outcome);
        self.detail = words::detail(outcome);
    }

    /// A sale with its outcome.
    pub fn new(
        order: &str,
        amount: Fen,
        channel: &Channel,
        outcome: &Outcome,
        locale: Locale,
    ) -> Sold {
        let words = words::outcome(outcome);
        let payment = match outcome {
            Outcome::Paid(payment) => Some(payment),
            Outcome::NotCharged(_) | Outcome::Reversed(_) | Outcome::Unresolved(_) => None,
        };
        Sold {
            order: order.to_owned(),
            outcome: outcome.name(),
            amount_fen: amount.get(),
            gateway_order: payment.and_then(|payment| payment.gateway_order.clone()),
            channel: payment.map_or(channel, |payment| known(&payment.channel, channel)).name(),
            reason: words.reason.map(|text| text.text(locale).to_owned()),
            advice: words.advice.map(|text| text.text(locale).to_owned()),
            qr: None,
            reason_code: words::reason_code(outcome),
            detail: words::detail(outcome),
        }
    }

    /// Says that it was not sent because the gateway is not trusted, if that is why.
    pub fn explain_untrusted(&mut self, locale: Locale) {
        [self.reason, self.advice] = untrusted(locale);
    }

    /// A sale whose QR is shown, and of which nothing else is known yet.
    pub fn pending(order: &str, amount: Fen, channel: &Channel) -> Sold {
        Sold {
            order: order.to_owned(),
            outcome: "pending",
            amount_fen: amount.get(),
            gateway_order: None,
            channel: channel.name(),
            reason: None,
            advice: None,
            qr: None,
            reason_code: None,
            detail: None,
        }
    }

    /// For people: a line each.
    pub fn lines(&self, locale: Locale) -> String {
        let title = match self.outcome {
            "paid" => Text::Paid,
            "not_charged" => Text::NotCharged,
            "pending" => Text::WaitingForCustomer,
            _ => Text::Unresolved,
        };
        let mut lines = vec![headline(title, self.amount_fen, &self.order, locale)];
        let more = [&self.reason, &self.advice, &self.detail, &self.qr];
        lines.extend(more.into_iter().flatten().cloned());
        if self.channel != "unknown" {
            lines.push(self.channel.to_owned());
        }
        lines.join("\n")
    }
}

/// Reason and advice where nothing was sent because the gateway is not trusted.
fn untrusted(locale: Locale) -> [Option<String>; 2] {
    [words::UNTRUSTED.reason, words::UNTRUSTED.advice]
        .map(|text| text.map(|text| text.text(locale).to_owned()))
}

/// The first line of what is told to people of an order or of a refund.
pub fn headline(title: Text, amount_fen: i64, order: &str, locale: Locale) -> String {
    let (title, number) = (title.text(locale), Text::OrderNumber.text(locale));
    format!("{title}  ¥{}  {number} {order}", Fen::new(amount_fen).yuan())
}

fn known<'a>(said: &'a Channel, expected: &'a Channel) -> &'a Channel {
    if let Channel::Unknown(_) = said { expected } else { said }
}

/// The wallet that a sale expected.
pub fn channel_of(direction: &Direction) -> &Channel {
    match direction {
        Direction::Scan { channel, .. }
        | Direction::Present { channel }
        | Direction::HandOut { channel } => channel,
    }
}

/// What was given back, as far as a payment tells.
pub fn refunded(payment: &Payment) -> Option<Fen> {
    use crate::payment::outcome::Returned;
    match payment.returned {
        Returned::Nothing => Some(Fen::ZERO),
        Returned::Part(fen) => fen,
        Returned::Everything => Some(payment.amount),
        Returned::Unclear => None,
    }
}
