//! A gateway and the wallet behind it, as a ledger of one order.
//!
//! It is honest: what it answers was true when it looked, and a cancel that it accepts is carried
//! out. Everything else that the documents and the field know of, it may do (protocol/README, "What
//! each answer proves", "In the field").

use cashier::money::Fen;
use cashier::payment::outcome::Returned;
use cashier::payment::{Channel, Decline, Doubt, DoubtKind, Payment, Verdict, Why};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    Absent,
    /// Waiting for the customer.
    Open {
        since_ms: u64,
    },
    Paid,
    /// The wallet is uncertain; the gateway will close it.
    Uncertain,
    Declined,
    /// Closed without money, or with the money returned.
    Closed,
}

/// The manners of one gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Manners {
    /// Accepts the cancel of an order that it does not have, and forgets that it did.
    pub accepts_cancel_of_nothing: bool,
    /// Refuses to cancel what is paid, instead of returning the money.
    pub keeps_paid: bool,
    /// Says "does not exist" of a QR that nobody paid yet, even to a cancel.
    pub forgets_unscanned: bool,
    /// Closes what nobody paid in this time.
    pub closes_after_ms: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Gateway {
    pub order: Order,
    pub manners: Manners,
    /// The customer scans a QR of ours.
    pub presents: bool,
}

impl Gateway {
    pub fn new(manners: Manners, presents: bool) -> Gateway {
        Gateway { order: Order::Absent, manners, presents }
    }

    /// Time passed.
    pub fn tick(&mut self, now_ms: u64) {
        if let (Order::Open { since_ms }, Some(life)) = (self.order, self.manners.closes_after_ms)
            && now_ms >= since_ms + life
        {
            self.order = Order::Closed;
        }
    }

    /// Pay or precreate arrives.
    pub fn charge(&mut self, now_ms: u64) -> Verdict {
        self.tick(now_ms);
        if self.order != Order::Absent {
            return Verdict::Unknown(Doubt::of(DoubtKind::AskAgain));
        }
        self.order = Order::Open { since_ms: now_ms };
        if self.presents {
            Verdict::Presented { qr: "https://qr.example/1".into(), gateway_order: None }
        } else {
            Verdict::Pending
        }
    }

    pub fn query(&mut self, now_ms: u64) -> Verdict {
        self.tick(now_ms);
        match self.order {
            Order::Absent => Verdict::NotFound,
            Order::Open { .. } if self.forgets() => Verdict::NotFound,
            Order::Open { .. } => Verdict::Pending,
            Order::Paid => Verdict::Paid(payment()),
            Order::Uncertain => Verdict::Unknown(Doubt::of(DoubtKind::WalletUncertain)),
            Order::Declined => Verdict::Declined(Decline::ours(Why::PaymentDeclined)),
            Order::Closed => Verdict::Reversed(Decline::ours(Why::TradeClosed)),
        }
    }

    pub fn cancel(&mut self, now_ms: u64) -> Verdict {
        self.tick(now_ms);
        let accepted = Verdict::Reversed(Decline::ours(Why::TradeClosed));
        match self.order {
            Order::Absent if self.manners.accepts_cancel_of_nothing => accepted,
            Order::Absent => Verdict::NotFound,
            Order::Open { .. } if self.forgets() => Verdict::NotFound,
            Order::Paid if self.manners.keeps_paid => {
                Verdict::Unknown(Doubt::of(DoubtKind::AskAgain))
            }
            Order::Uncertain => Verdict::Unknown(Doubt::of(DoubtKind::WalletUncertain)),
            Order::Declined => Verdict::Unknown(Doubt::of(DoubtKind::AskAgain)),
            Order::Open { .. } | Order::Paid | Order::Closed => {
                self.order = Order::Closed;
                accepted
            }
        }
    }

    fn forgets(&self) -> bool {
        self.presents && self.manners.forgets_unscanned
    }

    /// The customer finishes; whether money moved.
    pub fn customer_pays(&mut self, now_ms: u64) -> bool {
        self.tick(now_ms);
        let open = matches!(self.order, Order::Open { .. });
        if open {
            self.order = Order::Paid;
        }
        open
    }

    /// The customer, or the wallet, refuses.
    pub fn customer_fails(&mut self, now_ms: u64) {
        self.tick(now_ms);
        if matches!(self.order, Order::Open { .. }) {
            self.order = Order::Declined;
        }
    }

    pub fn becomes_uncertain(&mut self, now_ms: u64) {
        self.tick(now_ms);
        if matches!(self.order, Order::Open { .. }) {
            self.order = Order::Uncertain;
        }
    }

    /// 收钱吧 reverses what the wallet left uncertain.
    pub fn clears_up(&mut self) {
        if self.order == Order::Uncertain {
            self.order = Order::Closed;
        }
    }

    pub fn holds_money(&self) -> bool {
        match self.order {
            Order::Paid => true,
            Order::Absent
            | Order::Open { .. }
            | Order::Uncertain
            | Order::Declined
            | Order::Closed => false,
        }
    }
}

pub fn payment() -> Payment {
    Payment {
        amount: Fen::new(1250),
        channel: Channel::Wechat,
        gateway_order: None,
        trade_no: None,
        returned: Returned::Nothing,
    }
}
