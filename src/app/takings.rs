//! What was taken: counts and sums of orders, by how they ended and by wallet. Pure, and in fen.
//!
//! An order counts where it was opened; what went back of it stands beside it, whenever that was.

use crate::journal::{State, Summary};
use serde::Serialize;
use std::collections::BTreeMap;

/// How many, and how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Total {
    /// How many orders.
    pub count: u64,
    /// What they are for, in fen.
    pub amount_fen: i64,
    /// What has certainly gone back of it, in fen.
    pub refunded_fen: i64,
    /// What is left of what was certainly taken, in fen; zero where nothing was.
    pub net_fen: i64,
}

impl Total {
    /// An order whose money was taken.
    fn add_taken(&mut self, order: &Summary) {
        self.add(order);
        self.net_fen = self.amount_fen.saturating_sub(self.refunded_fen);
    }

    fn add(&mut self, order: &Summary) {
        let (amount, refunded) = (order.amount.get(), order.refunded.get());
        self.count = self.count.saturating_add(1);
        self.amount_fen = self.amount_fen.saturating_add(amount);
        self.refunded_fen = self.refunded_fen.saturating_add(refunded);
    }
}

/// The sums of some orders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Takings {
    /// Paid, whatever went back since.
    pub paid: Total,
    /// Not paid, certainly.
    pub not_charged: Total,
    /// Not certain yet: money may have moved.
    pub unresolved: Total,
    /// What was paid, by wallet.
    pub wallets: BTreeMap<&'static str, Total>,
    /// Orders whose end the gateway contradicts (I6): a person has to look at them.
    pub discrepancies: u64,
}

impl Takings {
    /// One order more.
    pub fn add(&mut self, order: &Summary) {
        match order.state {
            State::Paid | State::Voiding | State::Voided => {
                self.paid.add_taken(order);
                self.wallets.entry(order.channel.name()).or_default().add_taken(order);
            }
            State::NotCharged | State::Reversed => self.not_charged.add(order),
            State::Open | State::Parked => self.unresolved.add(order),
        }
        self.discrepancies += u64::from(order.discrepancies > 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::OrderId;
    use crate::journal::WallTime;
    use crate::money::Fen;
    use crate::payment::Channel;
    use proptest::prelude::*;

    fn order(state: State, fen: i64, refunded: i64, channel: Channel) -> Summary {
        Summary {
            seq: 1,
            order: OrderId::parse("ORDER1").unwrap(),
            state,
            amount: Fen::new(fen),
            refunded: Fen::new(refunded),
            refunding: Fen::ZERO,
            channel,
            gateway_order: None,
            discrepancies: 0,
            created_at: WallTime::from_unix_ms(0),
        }
    }

    #[test]
    fn sums_are_kept_apart_by_end_and_wallet() {
        let mut takings = Takings::default();
        for it in [
            order(State::Paid, 1234, 0, Channel::Wechat),
            order(State::Paid, 500, 200, Channel::Alipay),
            order(State::Voided, 700, 700, Channel::Alipay),
            order(State::NotCharged, 9, 0, Channel::Alipay),
            order(State::Parked, 11, 0, Channel::Alipay),
        ] {
            takings.add(&it);
        }
        let total = |count, amount_fen, refunded_fen, net_fen| Total {
            count,
            amount_fen,
            refunded_fen,
            net_fen,
        };
        assert_eq!(takings.paid, total(3, 2434, 900, 1534));
        assert_eq!(takings.wallets["wechat"], total(1, 1234, 0, 1234));
        assert_eq!(takings.wallets["alipay"], total(2, 1200, 900, 300));
        assert_eq!(takings.not_charged, total(1, 9, 0, 0), "nothing was taken");
        assert_eq!(takings.unresolved, total(1, 11, 0, 0), "nothing was certainly taken");
    }

    proptest! {
        #[test]
        fn the_wallets_sum_up_to_what_was_paid(
            orders in proptest::collection::vec((0..5_usize, 1..10_000_i64, 0..3_usize), 0..40),
        ) {
            let channels = [Channel::Wechat, Channel::Alipay, Channel::Unknown("x".to_owned())];
            let states =
                [State::Paid, State::Voided, State::NotCharged, State::Open, State::Reversed];
            let mut takings = Takings::default();
            for (state, fen, channel) in &orders {
                takings.add(&order(states[*state], *fen, 0, channels[*channel].clone()));
            }
            let sum: i64 = takings.wallets.values().map(|total| total.amount_fen).sum();
            prop_assert_eq!(sum, takings.paid.amount_fen);
            let others = takings.not_charged.net_fen + takings.unresolved.net_fen;
            prop_assert_eq!(others, 0);
            let count = takings.paid.count + takings.not_charged.count + takings.unresolved.count;
            prop_assert_eq!(count, orders.len() as u64);
        }
    }
}
