//! Orders and their histories, as `journal list`, `show` and `export` tell them.

use crate::app::words;
use crate::journal::{Entry, HistoryEntry, RefundState, RefundSummary, State, Summary};
use crate::money::Fen;
use crate::payment::outcome::{Outcome, Payment};
use crate::payment::record::{Direction, Found, RefundFound};
use crate::payment::{Decline, Record, RefundOutcome};
use serde::Serialize;

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
    /// Our number of the refund, if it is one.
    pub refund_no: Option<String>,
    /// What is on its way back, which is not certain yet.
    pub refunding_fen: i64,
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
            refund_no: None,
            refunding_fen: summary.refunding.get(),
            voiding: summary.state == State::Voiding,
            discrepancies: summary.discrepancies,
        }
    }

    /// One refund: it gives back its amount, or nothing.
    pub fn refund(summary: &RefundSummary) -> Listed {
        let (refunded, refunding) = match summary.state {
            RefundState::Refunded => (summary.amount, Fen::ZERO),
            RefundState::Refused => (Fen::ZERO, Fen::ZERO),
            RefundState::Open | RefundState::Refunding | RefundState::Parked => {
                (Fen::ZERO, summary.amount)
            }
        };
        Listed {
            order: summary.order.to_string(),
            kind: "refund",
            outcome: summary.state.outcome(),
            amount_fen: summary.amount.get(),
            refunded_fen: refunded.get(),
            channel: summary.channel.name(),
            gateway_order: summary.gateway_order.clone(),
            created_at: iso8601(summary.created_at.unix_ms()),
            refund_no: Some(summary.id.to_string()),
            refunding_fen: refunding.get(),
            voiding: false,
            discrepancies: summary.discrepancies,
        }
    }

    /// For people: one line.
    pub fn line(&self) -> String {
        let outcome = self.outcome.unwrap_or("open");
        let returned = match (&self.refund_no, self.voiding, self.refunded_fen) {
            (Some(refund_no), _, _) => format!("  refund {refund_no}"),
            (None, true, _) => "  being returned".to_owned(),
            (None, false, 0) => String::new(),
            (None, false, fen) => format!("  returned {}", Fen::new(fen).yuan()),
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

    /// For people: the order, and a line for each entry; what a gateway said in several lines is
    /// indented beneath its own.
    pub fn lines(&self) -> String {
        let events = self.history.iter();
        let told = events.map(|it| format!("  {}  {:<14}  {}", it.at, it.kind, harmless(&it.text)));
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

/// A text as a terminal may be shown it: a gateway's raw text can neither move its cursor nor pass
/// for an entry of the history.
fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => shown.push_str("\n      "),
            c if c.is_control() => shown.extend(c.escape_default()),
            c => shown.push(c),
        }
    }
    shown
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

    #[test]
    fn a_raw_text_can_neither_move_the_cursor_nor_pass_for_an_entry() {
        let raw = "query: HTTP 200\n\u{1b}[2J\r\u{9b}A支付成功\t{}\0";
        let shown = "query: HTTP 200\n      \\u{1b}[2J\\r\\u{9b}A支付成功\\t{}\\u{0}";
        assert_eq!(harmless(raw), shown);
    }
}
