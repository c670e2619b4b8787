//! What ends while the cashier is there, elsewhere, or was not there yet: results and notices.

use super::{Terminal, show};
use crate::app::till::Notice;
use crate::app::words;
use crate::payment::refunding::RefundStage;
use crate::payment::view::Stage;
use crate::payment::{Moment, Outcome, RefundOutcome, RefundView, Signal, View};
use tracing::info;
use ui::{Severity, Text};

/// How many cut-off sales a notice names; the list has them all.
const RESTORED_LINES_MAX: usize = 5;

impl Terminal {
    /// I7: whoever stood at the terminal when it was cut off has to know that a sale is open, and
    /// must not charge the customer again.
    pub(super) fn tell_restored(&mut self) {
        let locale = self.painter.locale();
        let orders = self.charges.open_orders();
        let lines = orders.iter().filter_map(|order| {
            let charge = self.charges.get(order)?;
            let sale = charge.sale();
            // Of a payment that is being returned nobody could charge the customer again.
            (!charge.view().voids).then(|| format!("¥{}  {}", sale.amount.yuan(), sale.order))
        });
        let mut lines: Vec<String> = lines.take(RESTORED_LINES_MAX).collect();
        if lines.is_empty() {
            return;
        }
        // First, because a small screen may not have room for all of them.
        lines.insert(0, Text::KeepGoods.text(locale).to_owned());
        self.till.tell(
            Notice {
                title: Text::Interrupted,
                lines,
                advice: Some(Text::AskCustomerApp),
                severity: Severity::Bad,
            },
            Moment::default(),
        );
    }

    pub(super) fn finished(&mut self, outcome: &Outcome, view: View, in_front: bool) {
        let order = &view.order;
        info!(%order, outcome = outcome.name(), reason = words::reason_code(outcome), "ended");
        let now = self.now();
        if in_front {
            self.devices.await_code(false);
            let unreachable = self.charges.exec().unreachable();
            let untrusted = match outcome {
                Outcome::NotCharged(decline) => words::is_untrusted(decline.why, unreachable),
                Outcome::Paid(_) | Outcome::Reversed(_) | Outcome::Unresolved(_) => false,
            };
            self.till.sale_ended(view, untrusted, now);
        } else {
            let notice = show::late_notice(&view, outcome, self.painter.locale());
            let (order, voids) = (view.order.clone(), view.voids);
            let still_in_front = self.till.parked_ended(view, now, notice);
            if let (true, Outcome::Paid(payment)) = (still_in_front && !voids, outcome) {
                self.signal(Signal::Paid);
                self.print(&order, payment);
            }
        }
    }

    /// I6: a contradiction is raised wherever the cashier is.
    pub(super) fn contradicted(&mut self, view: &View) {
        if let Stage::Contradicted { outcome, found } = &view.stage {
            let words = words::found(outcome, found);
            let notice = Notice {
                title: Text::Discrepancy,
                lines: show::notice_lines(view, words.reason, self.painter.locale()),
                advice: words.advice,
                severity: Severity::Bad,
            };
            let now = self.now();
            self.till.parked_ended(view.clone(), now, notice);
        }
    }

    /// A refund ended while the cashier was elsewhere.
    pub(super) fn refund_finished(&mut self, outcome: &RefundOutcome, view: &RefundView) {
        let (order, refund) = (&view.order, &view.id);
        let reason = words::refund_reason_code(outcome);
        info!(%order, %refund, outcome = outcome.name(), reason, "refund ended");
        let notice = show::refund_notice(view, outcome, self.painter.locale());
        let now = self.now();
        self.till.tell(notice, now);
    }

    /// I6: as for charges.
    pub(super) fn refund_contradicted(&mut self, view: &RefundView) {
        if let RefundStage::Contradicted { .. } = &view.stage {
            let notice = Notice {
                title: Text::Discrepancy,
                lines: show::refund_lines(view, None, self.painter.locale()),
                advice: Some(Text::CallSupport),
                severity: Severity::Bad,
            };
            let now = self.now();
            self.till.tell(notice, now);
        }
    }
}
