//! What the cashier sees and does around a charge: typing the amount, choosing, the menu, lists.
//!
//! Pure: a key in, at most one [`Act`] out. It knows nothing of money moving; the charge's own
//! machine does. A scanner cannot reach this room (I16): it takes keys only.

use crate::app::words;
use crate::id::OrderId;
use crate::money::{AmountError, Fen};
use crate::payment::{Channel, Moment, View};
use hal::Key;
use std::collections::VecDeque;
use std::time::Duration;
use ui::{Body, MenuItem, Row, Severity, Text};

mod entry;
pub use entry::Entry;

/// What a key asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Begin a sale that scans the customer.
    Scan(Fen),
    /// Begin a sale that the customer scans.
    Present(Fen, Channel),
    /// The cashier wants out of the sale in front.
    CancelSale,
    /// While a code is awaited: show a QR instead.
    ShowQrInstead(Channel),
    /// An amount is being typed: a charge is near.
    Prepare,
    /// Fill a list.
    FillList(ListKind),
    /// Show one order of a list.
    ShowOrder(OrderId),
    /// Print the receipt of one order of a list again.
    Reprint(OrderId),
    /// Ask about all open charges now.
    SettleOpen,
    /// Show how the devices are.
    ShowHealth,
    /// Change the language.
    ChangeLanguage,
}

/// What a list lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// Charges that are not settled.
    Open,
    /// The last sales.
    Last,
    /// The last sales that have a receipt, to print one again.
    Reprint,
}

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What it is about.
    pub title: Text,
    /// In any words.
    pub lines: Vec<String>,
    /// What to do.
    pub advice: Option<Text>,
    /// Whether something is wrong.
    pub severity: Severity,
}

/// Where the cashier is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Page {
    /// Nothing going on.
    Idle,
    /// Typing an amount.
    Amount {
        /// What is typed.
        entry: Entry,
        /// Why it cannot be taken.
        problem: Option<Text>,
    },
    /// A sale is going on.
    Sale {
        /// Its order.
        order: OrderId,
        /// What was wrong with the last scan.
        caution: Option<Text>,
    },
    /// A sale ended.
    Result {
        /// How it stood at the end, and stands if it goes on being resolved.
        view: Box<View>,
        /// It was not sent, because the gateway is not trusted.
        untrusted: bool,
        /// Since when it is shown.
        since: Moment,
    },
    /// Choosing what to do.
    Menu {
        /// Counted from 0.
        selected: usize,
    },
    /// Reading a list.
    List {
        /// What it lists.
        kind: ListKind,
        /// The orders and their rows.
        rows: Vec<(OrderId, Row)>,
        /// Counted from 0.
        selected: usize,
    },
    /// Reading a notice.
    Reading {
        /// What it says.
        notice: Notice,
        /// Since when it is shown.
        since: Moment,
    },
}

/// The menu, from top to bottom.
const MENU: [(Text, Act); 6] = [
    (Text::OpenCharges, Act::FillList(ListKind::Open)),
    (Text::LastSales, Act::FillList(ListKind::Last)),
    (Text::SettleOpen, Act::SettleOpen),
    (Text::Reprint, Act::FillList(ListKind::Reprint)),
    (Text::Health, Act::ShowHealth),
    (Text::Language, Act::ChangeLanguage),
];

/// A cancel key pressed as the result came up was meant for the sale: for so long it does not
/// leave the result.
const RESULT_GUARD: Duration = Duration::from_millis(600);

/// How many late outcomes wait to be read; older ones stand in the list of last sales.
const NOTICES_MAX: usize = 20;

/// The state of the till.
#[derive(Clone, Debug)]
pub struct Till {
    page: Page,
    channels: Vec<Channel>,
    /// The wallet that `qr` shows now; the configured one after each sale.
    chosen: usize,
    notices: VecDeque<Notice>,
}

impl Till {
    /// A till at rest, with the wallets that a QR can be shown for, the first one first.
    pub fn new(channels: Vec<Channel>) -> Till {
        Till { page: Page::Idle, channels, chosen: 0, notices: VecDeque::new() }
    }

    /// Where the cashier is.
    pub fn page(&self) -> &Page {
        &self.page
    }

    /// The order of the sale in front, while it goes on.
    pub fn sale(&self) -> Option<&OrderId> {
        match &self.page {
            Page::Sale { order, .. } => Some(order),
            Page::Idle
            | Page::Amount { .. }
            | Page::Result { .. }
            | Page::Menu { .. }
            | Page::List { .. }
            | Page::Reading { .. } => None,
        }
    }

    /// The wallet that `qr` would show now.
    pub fn channel(&self) -> Channel {
        let unknown = Channel::Unknown(String::new());
        self.channels.get(self.chosen).cloned().unwrap_or(unknown)
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key, now: Moment) -> Option<Act> {
        match &mut self.page {
            Page::Idle => self.idle_key(key),
            Page::Amount { .. } => self.amount_key(key, now),
            Page::Sale { .. } => self.sale_key(key),
            Page::Result { since, .. } => {
                if key != Key::Cancel || now.since(*since) >= RESULT_GUARD {
                    self.rest(now);
                }
                None
            }
            Page::Menu { .. } => self.menu_key(key, now),
            Page::List { .. } => self.list_key(key, now),
            // A key pressed as the notice came up was not meant for it.
            Page::Reading { since, .. } if now.since(*since) < RESULT_GUARD => None,
            Page::Reading { .. } => match key {
                // Whoever types the next amount has read enough; what else waits comes up later.
                Key::Digit(_) | Key::Dot => self.idle_key(key),
                Key::DoubleZero
                | Key::Enter
                | Key::Clear
                | Key::Back
                | Key::Cancel
                | Key::Menu
                | Key::Up
                | Key::Down
                | Key::Scan
                | Key::Qr => {
                    self.rest(now);
                    None
                }
            },
        }
    }

    fn idle_key(&mut self, key: Key) -> Option<Act> {
        match key {
            Key::Digit(_) | Key::Dot => {
                let mut entry = Entry::default();
                entry.key(key);
                self.page = Page::Amount { entry, problem: None };
                Some(Act::Prepare)
            }
            Key::Enter | Key::Scan | Key::Qr | Key::DoubleZero | Key::Up | Key::Down => {
                self.page = Page::Amount { entry: Entry::default(), problem: None };
                Some(Act::Prepare)
            }
            Key::Menu => {
                self.page = Page::Menu { selected: 0 };
                None
            }
            Key::Clear | Key::Back | Key::Cancel => None,
        }
    }

    fn amount_key(&mut self, key: Key, now: Moment) -> Option<Act> {
        let count = self.channels.len().max(1);
        let Page::Amount { entry, problem } = &mut self.page else { return None };
        *problem = None;
        match key {
            Key::Digit(_) | Key::DoubleZero | Key::Dot | Key::Back | Key::Clear => {
                entry.key(key);
                None
            }
            Key::Up => {
                self.chosen = (self.chosen + count - 1) % count;
                None
            }
            Key::Down => {
                self.chosen = (self.chosen + 1) % count;
                None
            }
            Key::Enter | Key::Scan | Key::Qr => match entry.amount() {
                Ok(amount) if key == Key::Qr => Some(Act::Present(amount, self.channel())),
                Ok(amount) => Some(Act::Scan(amount)),
                Err(error) => {
                    *problem = Some(problem_text(error));
                    None
                }
            },
            Key::Cancel => {
                self.rest(now);
                None
            }
            Key::Menu => None,
        }
    }

    fn sale_key(&mut self, key: Key) -> Option<Act> {
        match key {
            Key::Cancel => Some(Act::CancelSale),
            Key::Qr => Some(Act::ShowQrInstead(self.channel())),
            Key::Digit(_)
            | Key::DoubleZero
            | Key::Dot
            | Key::Enter
            | Key::Clear
            | Key::Back
            | Key::Menu
            | Key::Up
            | Key::Down
            | Key::Scan => None,
        }
    }

    fn menu_key(&mut self, key: Key, now: Moment) -> Option<Act> {
        let Page::Menu { selected } = &mut self.page else { return None };
        match key {
            Key::Up => *selected = (*selected + MENU.len() - 1) % MENU.len(),
            Key::Down => *selected = (*selected + 1) % MENU.len(),
            Key::Enter => return MENU.get(*selected).map(|(_, act)| act.clone()),
            Key::Cancel | Key::Back | Key::Menu | Key::Clear => self.rest(now),
            Key::Digit(_) | Key::DoubleZero | Key::Dot | Key::Scan | Key::Qr => {}
        }
        None
    }

    fn list_key(&mut self, key: Key, now: Moment) -> Option<Act> {
        let Page::List { kind, rows, selected } = &mut self.page else { return None };
        match key {
            Key::Up => *selected = selected.saturating_sub(1),
            Key::Down => *selected = (*selected + 1).min(rows.len().saturating_sub(1)),
            Key::Enter => {
                let order = rows.get(*selected).map(|(order, _)| order.clone());
                return order.map(match kind {
                    ListKind::Open | ListKind::Last => Act::ShowOrder,
                    ListKind::Reprint => Act::Reprint,
                });
            }
            Key::Cancel | Key::Back | Key::Menu | Key::Clear => self.rest(now),
            Key::Digit(_) | Key::DoubleZero | Key::Dot | Key::Scan | Key::Qr => {}
        }
        None
    }

    /// Back to the start: no amount of the last customer stays armed; what waits to be read comes
    /// up.
    pub fn rest(&mut self, now: Moment) {
        self.chosen = 0;
        self.page = match self.notices.pop_front() {
            Some(notice) => Page::Reading { notice, since: now },
            None => Page::Idle,
        };
    }

    /// A sale has begun.
    pub fn sale_begun(&mut self, order: OrderId) {
        self.page = Page::Sale { order, caution: None };
    }

    /// A scan was no payment code, or one worth a second look.
    pub fn caution(&mut self, text: Option<Text>) {
        if let Page::Sale { caution, .. } = &mut self.page {
            *caution = text;
        }
    }

    /// The amount cannot be charged.
    pub fn amount_refused(&mut self, text: Text) {
        if let Page::Amount { problem, .. } = &mut self.page {
            *problem = Some(text);
        }
    }

    /// The sale in front ended; `untrusted`: it was not sent, because the gateway is not trusted.
    pub fn sale_ended(&mut self, view: View, untrusted: bool, now: Moment) {
        self.page = Page::Result { view: Box::new(view), untrusted, since: now };
    }

    /// A parked charge ended, or an ended one was contradicted. If its own sale is still on the
    /// screen it is shown there, and this says so; otherwise it waits for the cashier to be free.
    pub fn parked_ended(&mut self, view: View, now: Moment, notice: Notice) -> bool {
        if let Page::Result { view: shown, .. } = &self.page
            && shown.order == view.order
        {
            self.sale_ended(view, false, now);
            return true;
        }
        self.tell(notice, now);
        false
    }

    /// Something to read, now if the till is at rest.
    pub fn tell(&mut self, notice: Notice, now: Moment) {
        if self.page == Page::Idle {
            self.page = Page::Reading { notice, since: now };
        } else {
            if self.notices.len() == NOTICES_MAX {
                self.notices.pop_front();
            }
            self.notices.push_back(notice);
        }
    }

    /// Shows a notice now, because a key asked for it.
    pub fn read(&mut self, notice: Notice) {
        self.page = Page::Reading { notice, since: Moment::default() };
    }

    /// Shows a list.
    pub fn list(&mut self, kind: ListKind, rows: Vec<(OrderId, Row)>) {
        self.page = Page::List { kind, rows, selected: 0 };
    }

    /// The body of the screen, but for a sale that goes on or has ended.
    pub fn body(&self, merchant: &str) -> Option<Body> {
        match &self.page {
            Page::Idle => Some(Body::Idle { merchant: merchant.to_owned() }),
            Page::Amount { entry, problem } => Some(Body::Amount {
                amount: entry.text().to_owned(),
                wallet: words::wallet(&self.channel()),
                problem: *problem,
            }),
            Page::Sale { .. } | Page::Result { .. } => None,
            Page::Menu { selected } => Some(Body::Menu {
                items: MENU.iter().map(|(text, _)| MenuItem { text: *text }).collect(),
                selected: *selected,
            }),
            Page::List { kind, rows, selected } => Some(Body::List {
                title: match kind {
                    ListKind::Open => Text::OpenCharges,
                    ListKind::Last => Text::LastSales,
                    ListKind::Reprint => Text::Reprint,
                },
                rows: rows.iter().map(|(_, row)| row.clone()).collect(),
                selected: *selected,
            }),
            Page::Reading { notice, .. } => Some(Body::Notice {
                title: notice.title,
                lines: notice.lines.clone(),
                advice: notice.advice,
                severity: notice.severity,
            }),
        }
    }
}

fn problem_text(error: AmountError) -> Text {
    match error {
        AmountError::Zero | AmountError::Empty => Text::AmountIsZero,
        AmountError::TooLarge => Text::AmountTooBig,
        AmountError::NotDecimal | AmountError::TooPrecise => Text::AmountNotValid,
    }
}

#[cfg(test)]
mod tests;
