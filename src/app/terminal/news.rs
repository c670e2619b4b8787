//! What the terminal hears without having asked: the gateway's notifications (I13), what was cut off
//! before it started (I7), what contradicts an end (I6).

use super::{Terminal, show};
use crate::app::notify::{Inbox, Taken, Told};
use crate::app::till::Notice;
use crate::app::words;
use crate::payment::view::Stage;
use crate::payment::{Event, Moment, View};
use ui::{Severity, Text};

/// How many cut-off sales a notice names; the list has them all.
const RESTORED_LINES_MAX: usize = 5;

impl Terminal {
    /// I13: durable, then acknowledged, then asked about.
    pub(super) fn told(&mut self, told: Told) {
        let Told { order, text, taken } = told;
        let became = self.charges.notified(&order, &text, &self.config.policy);
        // Whoever does not wait for the answer any more is told again by the gateway.
        let _ = taken.send(became);
        if became == Taken::Durable {
            let outward = self.charges.handle(&order, Event::Notified);
            self.outward(&order, outward);
        }
        self.stale = true;
    }

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
        lines.push(Text::KeepGoods.text(locale).to_owned());
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

    /// I6: a contradiction is raised wherever the cashier is.
    pub(super) fn contradicted(&mut self, view: &View) {
        if let Stage::Contradicted { found, .. } = &view.stage {
            let words = words::found(found);
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
}

pub(super) async fn next_told(inbox: &mut Option<Inbox>) -> Option<Told> {
    match inbox {
        Some(inbox) => inbox.recv().await,
        None => std::future::pending().await,
    }
}
