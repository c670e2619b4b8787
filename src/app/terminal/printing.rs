//! Receipts and the light behind the screen: what the terminal does of its own accord with both.

use super::{Input, Terminal, show};
use crate::app::devices::DeviceEvent;
use crate::app::receipts::Receipt;
use crate::app::till::Notice;
use crate::id::OrderId;
use crate::payment::{Outcome, Payment};
use hal::PrinterEvent;
use tracing::{debug, info, warn};
use ui::{Severity, Text};

impl Terminal {
    /// Never holds up the sale: a receipt that the printer does not take now waits.
    pub(super) fn print(&mut self, order: &OrderId, payment: &Payment) {
        self.add_receipt(order, payment, false);
    }

    fn add_receipt(&mut self, order: &OrderId, payment: &Payment, again: bool) {
        if self.devices.printer.is_none() {
            return;
        }
        let locale = self.painter.locale();
        let job = show::receipt(&self.config, locale, order, payment);
        let mark = Text::ReprintMark.text(locale).to_owned();
        let given_up = self.receipts.add(Receipt { order: order.clone(), job, mark, again });
        self.tell_given_up(given_up);
        self.hand_receipts();
    }

    /// Gives the printer what it takes.
    fn hand_receipts(&mut self) {
        let Some(printer) = &mut self.devices.printer else { return };
        let mut given_up = Vec::new();
        while let Some(job) = self.receipts.next() {
            let answer = printer.print(&job);
            if let Err(fault) = &answer {
                info!(%fault, waiting = self.receipts.len(), "a receipt waits");
            }
            given_up.extend(self.receipts.handed(answer));
        }
        for receipt in given_up {
            self.tell_given_up(Some(receipt));
        }
    }

    pub(super) fn printer_said(&mut self, event: &PrinterEvent) {
        if let PrinterEvent::Failed(job, fault) | PrinterEvent::CutShort(job, fault) = event {
            warn!(?job, %fault, "a receipt is not on paper");
        }
        let printer = self.devices.printer.as_ref();
        let well = printer.is_some_and(|printer| printer.health().is_ready());
        let given_up = self.receipts.heard(event, well);
        self.tell_given_up(given_up);
        self.hand_receipts();
    }

    /// Whoever stands at the counter has to know that a receipt is missing; it can be printed again
    /// from the menu.
    fn tell_given_up(&mut self, receipt: Option<Receipt>) {
        let Some(receipt) = receipt else { return };
        warn!(order = %receipt.order, "a receipt is given up");
        let locale = self.painter.locale();
        let order = format!("{} {}", Text::OrderNumber.text(locale), receipt.order);
        let menu = format!("{}: {}", Text::Menu.text(locale), Text::Reprint.text(locale));
        let now = self.now();
        self.till.tell(
            Notice {
                title: Text::ReceiptNotPrinted,
                lines: vec![order, menu],
                advice: None,
                severity: Severity::Bad,
            },
            now,
        );
    }

    /// Prints the receipt of a paid sale again, marked as that.
    pub(super) fn reprint(&mut self, order: &OrderId) {
        let entry = match self.charges.exec().journal().find(order) {
            Ok(Some(entry)) => entry,
            Ok(None) => return,
            Err(error) => return warn!(%order, %error, "a receipt cannot be printed again"),
        };
        let Some(Outcome::Paid(payment)) = &entry.outcome else { return };
        self.add_receipt(order, payment, true);
        let printer = self.devices.printer.as_ref();
        let goes_out = printer.is_some_and(|printer| printer.fault().is_none());
        let locale = self.painter.locale();
        let lines = vec![
            format!("¥{}", entry.summary.amount.yuan()),
            format!("{} {order}", Text::OrderNumber.text(locale)),
        ];
        let (title, advice, severity) = if goes_out {
            (Text::ReceiptGoesOut, None, Severity::Info)
        } else {
            (Text::ReceiptNotPrinted, Some(Text::PrinterOut), Severity::Bad)
        };
        self.till.read(Notice { title, lines, advice, severity });
    }

    /// The screen is bright as soon as somebody does something; what else happens ([`outward`],
    /// below) comes to it by itself.
    ///
    /// [`outward`]: Terminal::outward
    pub(super) fn stir_light(&mut self, input: &Input) {
        let stirs = match input {
            Input::Device(
                DeviceEvent::Key(_)
                | DeviceEvent::Read(..)
                | DeviceEvent::Dropped(_)
                | DeviceEvent::Tapped(_)
                | DeviceEvent::TapFailed(_),
            )
            | Input::Told(_) => true,
            Input::Device(
                DeviceEvent::DisplayChanged | DeviceEvent::Printer(_) | DeviceEvent::HealthChanged,
            )
            | Input::Heard(_)
            | Input::Due => false,
        };
        if stirs {
            let now = self.now();
            self.dimmer.stir(now);
        }
    }

    /// Sets the light where it is not as it should be.
    pub(super) fn set_light(&mut self) {
        let now = self.now();
        // A customer may be looking for a code, or at one.
        if self.till.sale().is_some() {
            self.dimmer.stir(now);
        }
        let level = self.dimmer.level(now);
        let Some(backlight) = &mut self.devices.backlight else { return };
        if self.brightness == Some(level) {
            return;
        }
        match backlight.set(level) {
            Ok(()) => {
                debug!("the light is at {} %", level.percent());
                self.brightness = Some(level);
            }
            Err(fault) => debug!(%fault, "the light stays as it is"),
        }
    }
}
