//! How orders are told on the command line: JSON for programs, lines for people (`contract.md`,
//! "Commands").

use crate::app::words;
use crate::journal::{Entry, HistoryEntry, State, Summary};
use crate::money::Fen;
use crate::payment::outcome::{Outcome, Payment};
use crate::payment::record::{Direction, Found, RefundFound};
use crate::payment::{Channel, Decline, Doubt, Record, RefundOutcome, Why};
use serde::Serialize;
use std::process::ExitCode;
use ui::Locale;

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
            Outcome::NotCharged(decline) | Outcome::Reversed(decline) => match decline.why {
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
                | Why::QrExpired => Exit::Negative,
            },
            Outcome::Unresolved(_) => Exit::Open,
        }
    }

    /// The exit status of a cancel that found the order paid.
    pub fn of_return(returned: &Return) -> Exit {
        match returned {
            Return::Done => Exit::Done,
            Return::Kept(_) => Exit::Negative,
            Return::Open(_) => Exit::Open,
            Return::NotBegun(_) => Exit::Failed,
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
    /// The gateway's own words.
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
    /// What was given back.
    pub refunded_fen: Option<i64>,
    /// Whether the gateway contradicts how the order had ended (I6).
    pub discrepancy: bool,
}

impl Queried {
    /// For people: a line each.
    pub fn lines(&self, locale: Locale) -> String {
        let mut lines = vec![self.sold.lines(locale)];
        lines.extend(self.state.clone());
        if self.discrepancy {
            lines.push(ui::Text::Discrepancy.text(locale).to_owned());
        }
        lines.join("\n")
    }
}

/// What became of the payment of an order that was to be cancelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Return {
    /// All of it went back.
    Done,
    /// It did not: nobody asked for that, or the gateway refused.
    Kept(Option<Decline>),
    /// Not certain yet, and going on.
    Open(Doubt),
    /// Asked for, and given up before anything was sent.
    NotBegun(Doubt),
}

/// A paid order with what became of its payment, as `cancel` tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cancelled {
    /// The sale.
    #[serde(flatten)]
    pub sold: Sold,
    /// What was certainly given back.
    pub refunded_fen: i64,
    /// Whether all of it was; nothing while that is not certain.
    pub reversed: Option<bool>,
}

impl Cancelled {
    /// A paid order.
    pub fn new(sold: Sold, entry: &Entry, returned: &Return, locale: Locale) -> Cancelled {
        let mut cancelled = Cancelled {
            sold,
            refunded_fen: entry.summary.refunded.get(),
            reversed: match returned {
                Return::Done => Some(true),
                Return::Kept(_) | Return::NotBegun(_) => Some(false),
                Return::Open(_) => None,
            },
        };
        match returned {
            Return::Done => cancelled.sold.advice = None,
            Return::Kept(None) => {}
            Return::Kept(Some(why)) => {
                cancelled.sold.explain(&Outcome::NotCharged(why.clone()), locale);
                cancelled.sold.advice = Some(ui::Text::OfferRefund.text(locale).to_owned());
            }
            Return::Open(doubt) | Return::NotBegun(doubt) => {
                cancelled.sold.explain(&Outcome::Unresolved(doubt.clone()), locale);
                cancelled.sold.advice = None;
            }
        }
        cancelled
    }

    /// For people: a line each.
    pub fn lines(&self, locale: Locale) -> String {
        use ui::Text;
        let title = match self.reversed {
            Some(true) => Text::Reversed,
            Some(false) => Text::VoidRefused,
            None => Text::Cancelling,
        };
        format!("{}\n{}", title.text(locale), self.sold.lines(locale))
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
        use ui::Text;
        let title = match self.outcome {
            "paid" => Text::Paid,
            "not_charged" => Text::NotCharged,
            "pending" => Text::WaitingForCustomer,
            _ => Text::Unresolved,
        };
        let mut lines = vec![format!(
            "{}  ¥{}  {} {}",
            title.text(locale),
            Fen::new(self.amount_fen).yuan(),
            Text::OrderNumber.text(locale),
            self.order
        )];
        let more = [&self.reason, &self.advice, &self.detail, &self.qr];
        lines.extend(more.into_iter().flatten().cloned());
        if self.channel != "unknown" {
            lines.push(self.channel.to_owned());
        }
        lines.join("\n")
    }
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

/// One order in `journal list`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Our number.
    pub order: String,
    /// `sale` or `refund`.
    pub kind: &'static str,
    /// As for sales; nothing while it is open.
    pub outcome: Option<&'static str>,
    /// What was charged.
    pub amount_fen: i64,
    /// What was given back.
    pub refunded_fen: i64,
    /// The wallet.
    pub channel: &'static str,
    /// The gateway's number.
    pub gateway_order: Option<String>,
    /// When it began, ISO 8601 in UTC.
    pub created_at: String,
    /// Whether all of it is being given back, which is not certain yet.
    pub voiding: bool,
    /// How often the gateway contradicted the outcome (I6).
    pub discrepancies: u32,
}

impl Listed {
    /// One order.
    pub fn new(summary: &Summary) -> Listed {
        Listed {
            order: summary.order.to_string(),
            kind: "sale",
            outcome: summary.state.outcome(),
            amount_fen: summary.amount.get(),
            refunded_fen: summary.refunded.get(),
            channel: summary.channel.name(),
            gateway_order: summary.gateway_order.clone(),
            created_at: iso8601(summary.created_at.unix_ms()),
            voiding: summary.state == State::Voiding,
            discrepancies: summary.discrepancies,
        }
    }

    /// For people: one line.
    pub fn line(&self) -> String {
        let outcome = self.outcome.unwrap_or("open");
        let returned = match (self.voiding, self.refunded_fen) {
            (true, _) => "  being returned".to_owned(),
            (false, 0) => String::new(),
            (false, fen) => format!("  returned {}", Fen::new(fen).yuan()),
        };
        let mark = if self.discrepancies > 0 { "  !" } else { "" };
        format!(
            "{}  {}  {:>12}  {outcome:<11}  {}{returned}{mark}",
            self.created_at,
            self.order,
            Fen::new(self.amount_fen).yuan(),
            self.channel
        )
    }
}

/// One order with its history, as `journal show` tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The order.
    #[serde(flatten)]
    pub listed: Listed,
    /// Who sold.
    pub operator: String,
    /// Why it ended so.
    pub reason_code: Option<&'static str>,
    /// The gateway's own words.
    pub detail: Option<String>,
    /// Every entry, oldest first.
    pub history: Vec<Happened>,
}

/// One entry of a history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Happened {
    /// When, ISO 8601 in UTC.
    pub at: String,
    /// What kind of entry.
    pub kind: String,
    /// What it says.
    pub text: String,
}

impl Shown {
    /// One order.
    pub fn new(entry: &Entry, history: &[HistoryEntry]) -> Shown {
        Shown {
            listed: Listed::new(&entry.summary),
            operator: entry.sale.operator.clone(),
            reason_code: entry.outcome.as_ref().and_then(words::reason_code),
            detail: entry.outcome.as_ref().and_then(words::detail),
            history: history.iter().map(Happened::new).collect(),
        }
    }

    /// For people: the order, and a line for each entry.
    pub fn lines(&self) -> String {
        let events = self.history.iter();
        let told = events.map(|it| format!("  {}  {:<14}  {}", it.at, it.kind, it.text));
        std::iter::once(self.listed.line()).chain(told).collect::<Vec<String>>().join("\n")
    }
}

impl Happened {
    fn new(entry: &HistoryEntry) -> Happened {
        use crate::journal::Content;
        let text = match &entry.content {
            Ok(Content::Record(record)) => told(record),
            Ok(Content::Note { operation, text }) => format!("{operation}: {text}"),
            Err(damage) => format!("cannot be read: {damage}"),
        };
        Happened { at: iso8601(entry.at.unix_ms()), kind: entry.kind.clone(), text }
    }
}

/// An entry in words that do not change with the code's own names.
fn told(record: &Record) -> String {
    match record {
        Record::Opened { sale, direction } => {
            let how = match direction {
                Direction::Scan { kind, masked, channel } => {
                    format!("charge {} {masked} {}", kind.name(), channel.name())
                }
                Direction::Present { channel } => format!("show a QR {}", channel.name()),
                Direction::HandOut { channel } => format!("hand out a QR {}", channel.name()),
            };
            format!("{how} {} yuan by {}: {}", sale.amount.yuan(), sale.operator, sale.subject)
        }
        Record::CancelIntent { attempt, why, .. } => {
            format!("cancel, attempt {attempt}, {}", declined(why))
        }
        Record::Parked { doubt, .. } => match &doubt.said {
            Some(said) => format!("{}: {said}", doubt.kind.name()),
            None => doubt.kind.name().to_owned(),
        },
        Record::Settled { outcome, .. } => match outcome {
            Outcome::Paid(payment) => format!("paid {}", numbers(payment)),
            Outcome::NotCharged(decline) => format!("not charged, {}", declined(decline)),
            Outcome::Reversed(decline) => format!("reversed, {}", declined(decline)),
            Outcome::Unresolved(doubt) => format!("unresolved, {}", doubt.kind.name()),
        },
        Record::VoidIntent { attempt, .. } => format!("return the payment, attempt {attempt}"),
        Record::Voided { .. } => "the payment was returned".to_owned(),
        Record::VoidRefused { why, .. } => format!("still paid, {}", declined(why)),
        Record::Discrepancy { found, .. } => match found {
            Found::Paid(payment) => format!("the gateway says paid {}", numbers(payment)),
            Found::NotPaid(decline) => {
                format!("the gateway says not paid, {}", declined(decline))
            }
        },
        Record::RefundIntent { refund } => format!(
            "refund {} of {} yuan by {}: {}",
            refund.id,
            refund.amount.yuan(),
            refund.sale.operator,
            refund.subject
        ),
        Record::RefundParked { id, doubt: None, .. } => format!("refund {id} is going on"),
        Record::RefundParked { id, doubt: Some(doubt), .. } => match &doubt.said {
            Some(said) => format!("refund {id}: {}: {said}", doubt.kind.name()),
            None => format!("refund {id}: {}", doubt.kind.name()),
        },
        Record::RefundSettled { id, outcome, .. } => match outcome {
            RefundOutcome::Refunded { gateway_refund: None } => format!("refund {id} refunded"),
            RefundOutcome::Refunded { gateway_refund: Some(number) } => {
                format!("refund {id} refunded, {number}")
            }
            RefundOutcome::Refused(decline) => {
                format!("refund {id} refused, {}", declined(decline))
            }
            RefundOutcome::Refunding | RefundOutcome::Unresolved(_) => {
                format!("refund {id} {}", outcome.name())
            }
        },
        Record::RefundDiscrepancy { id, found, .. } => match found {
            RefundFound::Refunded => format!("the gateway says refund {id} went back"),
            RefundFound::NotRefunded(decline) => {
                format!("the gateway says refund {id} did not go back, {}", declined(decline))
            }
        },
    }
}

fn declined(decline: &Decline) -> String {
    match &decline.said {
        Some(said) => format!("{}: {said}", decline.why.name()),
        None => decline.why.name().to_owned(),
    }
}

fn numbers(payment: &Payment) -> String {
    let numbers = [&payment.gateway_order, &payment.trade_no].into_iter().flatten();
    let numbers: Vec<&str> = numbers.map(String::as_str).collect();
    format!("{} yuan {} {}", payment.amount.yuan(), payment.channel.name(), numbers.join(" "))
}

/// A wall-clock time in ISO 8601, UTC, whole seconds (proleptic Gregorian; H. Hinnant's
/// `civil_from_days`).
pub fn iso8601(unix_ms: i64) -> String {
    let seconds = unix_ms.div_euclid(1000);
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_iso_8601() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_449_569_460_430, "2015-12-08T10:11:00Z"),
            (4_102_444_799_999, "2099-12-31T23:59:59Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(iso8601(ms), text);
        }
    }
}
