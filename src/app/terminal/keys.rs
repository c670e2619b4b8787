//! What the keys do.

use super::{Terminal, order_page, show};
use crate::app::till::{Act, ListKind, Notice};
use crate::id::OrderId;
use crate::journal::State;
use crate::money::Fen;
use crate::payment::{Channel, Charge, Event, Request};
use hal::Key;
use tracing::warn;
use ui::{Locale, Severity, Text};

/// How many sales the list of the last ones shows.
const LAST_SALES: u32 = 100;

impl Terminal {
    pub(super) fn key(&mut self, key: Key) {
        let now = self.now();
        let Some(act) = self.till.key(key, now) else { return };
        match act {
            Act::Scan(amount) => self.begin_scan(amount),
            Act::Present(amount, channel) => self.begin_present(amount, channel),
            Act::CancelSale => self.cancel_sale(),
            Act::ShowQrInstead(channel) => self.show_qr_instead(channel),
            Act::Prepare => self.prime(),
            Act::FillList(kind) => self.fill_list(kind),
            Act::ShowOrder(order) => self.show_order(&order),
            Act::Reprint(order) => self.reprint(&order),
            Act::SettleOpen => self.settle_open(),
            Act::ShowHealth => self.show_health(),
            Act::ChangeLanguage => self.change_language(),
        }
    }

    /// A journal that cannot be written, or is damaged: no sale starts (I10, I11).
    fn may_sell(&mut self) -> bool {
        if self.charges.exec().may_sell() {
            return true;
        }
        self.till.read(Notice {
            title: Text::JournalUnwritable,
            lines: Vec::new(),
            advice: Some(Text::StopSelling),
            severity: Severity::Bad,
        });
        false
    }

    fn begin_scan(&mut self, amount: Fen) {
        if !self.may_sell() {
            return;
        }
        let Some(sale) = self.new_sale(amount) else { return };
        let order = sale.order.clone();
        let charge = Charge::await_code(self.now(), sale, self.config.policy.clone());
        self.devices.await_code(true);
        self.till.sale_begun(order.clone());
        let outward = self.charges.begin(charge);
        self.outward(&order, outward);
    }

    fn begin_present(&mut self, amount: Fen, channel: Channel) {
        if !self.may_sell() {
            return;
        }
        if !self.can_present(amount, &channel) {
            return self.till.amount_refused(Text::ChannelUnavailable);
        }
        let Some(sale) = self.new_sale(amount) else { return };
        let order = sale.order.clone();
        let charge = Charge::present(self.now(), sale, channel, self.config.policy.clone());
        self.till.sale_begun(order.clone());
        let outward = self.charges.begin(charge);
        self.outward(&order, outward);
    }

    /// Whether the gateway has a QR for the wallet.
    fn can_present(&mut self, amount: Fen, channel: &Channel) -> bool {
        let Some(sale) = self.new_sale(amount) else { return false };
        let life = self.config.policy.present_budget;
        let request = Request::Precreate { sale, channel: channel.clone(), life };
        let checked = self.charges.exec().gateway().check(&request);
        if let Err(error) = &checked {
            warn!(%error, channel = channel.name(), "no QR for this wallet");
        }
        checked.is_ok()
    }

    fn cancel_sale(&mut self) {
        let Some(order) = self.till.sale().cloned() else { return };
        // Before a code was scanned nothing is recorded or sent: the cashier is back at once.
        let unsent = self.awaiting_code().is_some();
        let outward = self.charges.handle(&order, Event::CancelPressed);
        if unsent {
            self.devices.await_code(false);
            self.till.rest(self.now());
        } else {
            self.outward(&order, outward);
        }
    }

    fn show_qr_instead(&mut self, channel: Channel) {
        let Some(order) = self.awaiting_code() else { return };
        let Some(amount) = self.charges.get(&order).map(|charge| charge.sale().amount) else {
            return;
        };
        if !self.can_present(amount, &channel) {
            return self.till.caution(Some(Text::ChannelUnavailable));
        }
        // Nothing was recorded or sent for the one that waits for a scan; it ends here.
        self.charges.handle(&order, Event::CancelPressed);
        self.devices.await_code(false);
        self.begin_present(amount, channel);
    }

    fn fill_list(&mut self, kind: ListKind) {
        let rows = match kind {
            ListKind::Open => {
                let mut parked = self.charges.open_orders();
                parked.extend(self.charges.orders_of_open_refunds());
                let find = |order: &OrderId| self.charges.exec().journal().find(order);
                let found = parked.iter().filter_map(|order| find(order).ok().flatten());
                found.map(|entry| show::row(&entry.summary)).collect()
            }
            ListKind::Last | ListKind::Reprint => {
                match self.charges.exec().journal().list(LAST_SALES, None) {
                    Ok(list) => {
                        let all = kind == ListKind::Last;
                        let shown = list.items.iter().filter(|one| all || one.state == State::Paid);
                        shown.map(show::row).collect()
                    }
                    Err(error) => {
                        warn!(%error, "the last sales cannot be listed");
                        Vec::new()
                    }
                }
            }
        };
        self.till.list(kind, rows);
    }

    fn show_order(&mut self, order: &OrderId) {
        let entry = match self.charges.exec().journal().find(order) {
            Ok(Some(entry)) => entry,
            Ok(None) => return,
            Err(error) => return warn!(%order, %error, "an order cannot be shown"),
        };
        let locale = self.painter.locale();
        self.till.read(Notice {
            title: Text::SaleDetail,
            lines: order_page::lines(&entry, locale),
            advice: order_page::advice(&entry),
            severity: Severity::Info,
        });
    }

    /// Asks about every parked charge now instead of after its pause.
    fn settle_open(&mut self) {
        for order in self.charges.open_orders() {
            let outward = self.charges.handle(&order, Event::Notified);
            self.outward(&order, outward);
        }
        self.charges.hurry_refunds(None);
        self.fill_list(ListKind::Open);
    }

    fn show_health(&mut self) {
        let lines = show::health_lines(self.devices.report(), self.painter.locale());
        self.till.read(Notice {
            title: Text::Health,
            lines,
            advice: None,
            severity: Severity::Info,
        });
    }

    fn change_language(&mut self) {
        let other = match self.painter.locale() {
            Locale::ZhCn => Locale::En,
            Locale::En => Locale::ZhCn,
        };
        self.painter.set_locale(other);
        self.painter.invalidate();
    }
}
