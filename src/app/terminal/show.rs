//! What stands on the screen and on receipts.

use super::{State, Terminal};
use crate::app::config::Config;
use crate::app::till::{Notice, Page};
use crate::app::{present, words};
use crate::id::OrderId;
use crate::journal::{State as Standing, Summary};
use crate::money::Fen;
use crate::payment::outcome::Outcome;
use crate::payment::view::Stage;
use crate::payment::{Payment, RefundOutcome, RefundView, View};
use hal::{HealthReport, PrintJob, PrintLine};
use ui::{Body, Light, Locale, Mark, Row, Screen, Severity, StatusBar, Text, Warning};

impl Terminal {
    pub(super) fn screen(&self) -> Screen {
        Screen { status: self.status(), body: self.body() }
    }

    fn status(&self) -> StatusBar {
        let exec = self.charges.exec();
        let network = match exec.online() {
            Some(false) => Light::Bad,
            Some(true) | None => Light::Good,
        };
        let warning = if !exec.may_sell() {
            Some(Warning::Journal)
        } else if self.config.plaintext {
            Some(Warning::Plaintext)
        } else {
            None
        };
        StatusBar {
            network,
            scanner: self.devices.scanner_light(),
            printer: self.devices.printer_light(),
            open: u32::try_from(self.charges.open()).unwrap_or(u32::MAX),
            clock: Some(time_of_day(exec.clock().unix_ms())),
            warning,
            trouble: self
                .devices
                .trouble()
                .or_else(|| self.receipts.are_held().then_some(Text::ReceiptsWaiting)),
        }
    }

    pub(super) fn body(&self) -> Body {
        let now = self.now();
        match self.till.page() {
            Page::Sale { order, caution } => match self.charges.get(order) {
                Some(charge) => {
                    present::body(now, &charge.view(), self.devices.takes_taps(), *caution)
                }
                // A sale that is gone without having ended is no state that can be; show the start.
                None => Body::Starting,
            },
            Page::Result { view, untrusted: true, .. } => present::untrusted(now, view),
            Page::Result { view, untrusted: false, .. } => present::body(now, view, false, None),
            Page::Idle
            | Page::Amount { .. }
            | Page::Menu { .. }
            | Page::List { .. }
            | Page::Reading { .. } => {
                self.till.body(&self.config.merchant_name).unwrap_or(Body::Starting)
            }
        }
    }

    pub(super) fn state_of(&self, body: &Body) -> State {
        let now = self.now();
        let view = match self.till.page() {
            Page::Sale { order, .. } => self.charges.get(order).map(|charge| charge.view()),
            Page::Result { view, .. } => Some(View::clone(view)),
            Page::Idle
            | Page::Amount { .. }
            | Page::Menu { .. }
            | Page::List { .. }
            | Page::Reading { .. } => None,
        };
        let typed = match self.till.page() {
            Page::Amount { entry, .. } => entry.amount().ok(),
            Page::Idle
            | Page::Sale { .. }
            | Page::Result { .. }
            | Page::Menu { .. }
            | Page::List { .. }
            | Page::Reading { .. } => None,
        };
        let stage = view.as_ref().map(|view| &view.stage);
        let (qr, until, outcome) = match stage {
            Some(Stage::Presenting { qr, until, .. }) => (qr.clone(), Some(*until), None),
            Some(Stage::AwaitCode { until } | Stage::Confirming { until }) => {
                (None, Some(*until), None)
            }
            Some(Stage::Ended(outcome) | Stage::Contradicted { outcome, .. }) => {
                (None, None, Some(outcome.name()))
            }
            Some(Stage::Charging { .. } | Stage::Reversing { .. }) | None => (None, None, None),
        };
        State {
            screen: present::screen_name(body),
            amount_fen: view.as_ref().map(|view| view.amount).or(typed).map(|fen| fen.get()),
            order: view.as_ref().map(|view| view.order.to_string()),
            outcome,
            qr,
            seconds_left: until.map(|until| present::left(now, until)),
            open: self.charges.open(),
            online: self.charges.exec().online().unwrap_or(true),
        }
    }
}

/// "12:34" in China's time, which is UTC+8 in the whole country and all the year.
fn time_of_day(unix_ms: u64) -> String {
    let minutes = (unix_ms / 60_000 + 8 * 60) % (24 * 60);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A sale in a list.
pub(super) fn row(summary: &Summary) -> (OrderId, Row) {
    let mark = match summary.state {
        _ if summary.refunding > Fen::ZERO => Mark::Open,
        Standing::Open | Standing::Parked | Standing::Voiding => Mark::Open,
        Standing::Voided => Mark::Refunded,
        Standing::Paid if summary.refunded.get() > 0 => Mark::Refunded,
        Standing::Paid => Mark::Paid,
        Standing::NotCharged | Standing::Reversed => Mark::NotCharged,
    };
    let at = u64::try_from(summary.created_at.unix_ms()).unwrap_or(0);
    let tail: String = {
        let text = summary.order.as_str();
        text.chars().skip(text.chars().count().saturating_sub(6)).collect()
    };
    let row = Row {
        left: format!("{}  {tail}", time_of_day(at)),
        right: format!("¥{}", summary.amount.yuan()),
        mark,
    };
    (summary.order.clone(), row)
}

/// Each device and how it is. What is not well comes first: a small screen has room for few lines.
pub(super) fn health_lines(
    mut reports: Vec<(String, HealthReport)>,
    locale: Locale,
) -> Vec<String> {
    reports.sort_by_key(|(_, report)| report.is_ready());
    let line = |(name, report): (String, HealthReport)| {
        let how = words::health(report.health).text(locale);
        format!("{name}: {how} {}", report.detail)
    };
    reports.into_iter().map(line).collect()
}

/// Which sale a notice is about, and what happened.
pub(super) fn notice_lines(view: &View, reason: Option<Text>, locale: Locale) -> Vec<String> {
    let mut lines = vec![
        format!("¥{}", view.amount.yuan()),
        format!("{} {}", Text::OrderNumber.text(locale), view.order),
    ];
    lines.extend(reason.map(|reason| reason.text(locale).to_owned()));
    lines
}

/// A parked charge ended while the cashier was elsewhere.
pub(super) fn late_notice(view: &View, outcome: &Outcome, locale: Locale) -> Notice {
    let mut words = words::outcome(outcome);
    if let (true, Outcome::Paid(_)) = (view.voids, outcome) {
        words.reason = Some(Text::GatewayRefused);
    }
    let (title, advice, severity) = match outcome {
        Outcome::Paid(_) if view.voids => {
            (Text::VoidRefused, Some(Text::OfferRefund), Severity::Bad)
        }
        Outcome::Paid(_) => (Text::PaidLate, Some(Text::HandOverOrRefund), Severity::Info),
        Outcome::NotCharged(_) => (Text::NotCharged, words.advice, Severity::Info),
        Outcome::Reversed(_) => (Text::Reversed, words.advice, Severity::Info),
        Outcome::Unresolved(_) => (Text::Unresolved, words.advice, Severity::Bad),
    };
    Notice { title, lines: notice_lines(view, words.reason, locale), advice, severity }
}

/// Which refund a notice is about, and what happened.
pub(super) fn refund_lines(view: &RefundView, reason: Option<Text>, locale: Locale) -> Vec<String> {
    let mut lines = vec![
        format!("¥{}", view.amount.yuan()),
        format!("{} {}", Text::OrderNumber.text(locale), view.order),
        view.id.to_string(),
    ];
    lines.extend(reason.map(|reason| reason.text(locale).to_owned()));
    lines
}

/// A refund ended while the cashier was elsewhere.
pub(super) fn refund_notice(view: &RefundView, outcome: &RefundOutcome, locale: Locale) -> Notice {
    let words = words::refund(outcome);
    let (title, severity) = match outcome {
        RefundOutcome::Refunded { .. } => (Text::Refunded, Severity::Info),
        RefundOutcome::Refused(_) => (Text::RefundRefused, Severity::Bad),
        RefundOutcome::Refunding => (Text::Refunding, Severity::Info),
        RefundOutcome::Unresolved(_) => (Text::RefundUnclear, Severity::Bad),
    };
    let lines = refund_lines(view, words.reason, locale);
    Notice { title, lines, advice: words.advice, severity }
}

/// The receipt of a payment.
pub(super) fn receipt(
    config: &Config,
    locale: Locale,
    order: &OrderId,
    payment: &Payment,
) -> PrintJob {
    let mut lines = vec![
        PrintLine::heading(&config.merchant_name),
        PrintLine::Rule,
        PrintLine::heading(format!("¥{}", payment.amount.yuan())),
        PrintLine::pair(Text::Paid.text(locale), words::wallet(&payment.channel).name(locale)),
        PrintLine::pair(Text::OrderNumber.text(locale), order.as_str()),
    ];
    if let Some(gateway_order) = &payment.gateway_order {
        lines.push(PrintLine::pair(Text::Gateway.text(locale), gateway_order));
    }
    lines.push(PrintLine::Feed(3));
    PrintJob { lines, cut: true }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hal::Health;

    #[test]
    fn devices_that_are_not_well_come_first_and_speak_the_screens_language() {
        let reports = || {
            [("display", Health::Ready, "480x800"), ("scanner", Health::Absent, "no file")]
                .map(|(name, health, detail)| (name.to_owned(), HealthReport::new(health, detail)))
                .to_vec()
        };
        let chinese = health_lines(reports(), Locale::ZhCn);
        assert_eq!(chinese, ["scanner: 未连接 no file", "display: 正常 480x800"]);
        let english = health_lines(reports(), Locale::En);
        assert_eq!(english, ["scanner: Not connected no file", "display: Good 480x800"]);
    }
}
