//! The page of one order: how it stands, and what to do about it. Pure.
//!
//! How it ended is not how it stands: since then it may have been given back or contradicted, and
//! then nobody may be told to hand over the goods.

use crate::app::words::{self, Words};
use crate::journal::{Entry, State};
use crate::money::Fen;
use crate::payment::Outcome;
use ui::{Locale, Text};

/// The order in words. A small screen has room for few lines, so the first ones say most.
pub(super) fn lines(entry: &Entry, locale: Locale) -> Vec<String> {
    let summary = &entry.summary;
    let title = match summary.state {
        State::Open | State::Parked | State::Voiding => Text::Unresolved,
        State::Paid => Text::Paid,
        State::NotCharged => Text::NotCharged,
        State::Reversed | State::Voided => Text::Reversed,
    };
    let sum = |text: Text, fen: Fen| format!("{} ¥{}", text.text(locale), fen.yuan());
    let mut lines = vec![
        sum(title, summary.amount),
        format!("{} {}", Text::OrderNumber.text(locale), summary.order),
    ];
    for (text, fen) in [(Text::Refunded, summary.refunded), (Text::Refunding, summary.refunding)] {
        if fen > Fen::ZERO {
            lines.push(sum(text, fen));
        }
    }
    if let Some(words) = contradicted(entry) {
        lines.push(Text::Discrepancy.text(locale).to_owned());
        lines.extend(words.reason.map(|reason| reason.text(locale).to_owned()));
    }
    if let Some(outcome) = known(entry) {
        let reason = words::outcome(&outcome).reason;
        lines.extend(reason.map(|reason| reason.text(locale).to_owned()));
        lines.extend(words::detail(&outcome));
    }
    lines.extend(summary.gateway_order.clone());
    lines
}

/// What to do about it.
pub(super) fn advice(entry: &Entry) -> Option<Text> {
    let summary = &entry.summary;
    if summary.refunding > Fen::ZERO {
        return Some(Text::DoNotRefundAgain);
    }
    match summary.state {
        State::Open | State::Parked => Some(Text::DoNotHandOver),
        State::Voiding | State::Voided => None,
        State::Paid | State::NotCharged | State::Reversed if summary.refunded > Fen::ZERO => None,
        State::Paid | State::NotCharged | State::Reversed => match contradicted(entry) {
            Some(words) => words.advice,
            None => entry.outcome.as_ref().and_then(|outcome| words::outcome(outcome).advice),
        },
    }
}

/// How it ended, or why that is not known.
fn known(entry: &Entry) -> Option<Outcome> {
    let doubt = || entry.parked.clone().map(Outcome::Unresolved);
    entry.outcome.clone().or_else(doubt)
}

/// What the gateway said against its end (I6).
fn contradicted(entry: &Entry) -> Option<Words> {
    let last = entry.discrepancies.last()?;
    Some(words::found(entry.outcome.as_ref()?, &last.found))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::OrderId;
    use crate::journal::{Contradiction, Refusal, Summary, WallTime};
    use crate::payment::outcome::Returned;
    use crate::payment::record::{Direction, Found};
    use crate::payment::{Channel, Decline, Doubt, DoubtKind, Payment, Sale, Why};

    fn paid() -> Payment {
        Payment {
            amount: Fen::new(1234),
            channel: Channel::Wechat,
            gateway_order: None,
            trade_no: None,
            returned: Returned::Nothing,
        }
    }

    fn entry(state: State, outcome: Option<Outcome>) -> Entry {
        let order = OrderId::parse("ORDER1").expect("an order's number");
        let amount = Fen::new(1234);
        let sale =
            Sale { order: order.clone(), amount, operator: String::new(), subject: String::new() };
        let summary = Summary {
            seq: 1,
            order,
            state,
            amount,
            refunded: Fen::ZERO,
            refunding: Fen::ZERO,
            channel: Channel::Wechat,
            gateway_order: None,
            discrepancies: 0,
            created_at: WallTime::from_unix_ms(0),
        };
        Entry {
            summary,
            sale,
            direction: Direction::Present { channel: Channel::Wechat },
            outcome,
            cancels: 0,
            parked: None,
            void_refused: None,
            discrepancies: Vec::new(),
            refundable: Err(Refusal::UnknownOrder),
            refunds: Vec::new(),
        }
    }

    fn of_paid(state: State) -> Entry {
        entry(state, Some(Outcome::Paid(paid())))
    }

    #[test]
    fn goods_are_handed_over_only_for_what_is_paid_and_was_not_given_back() {
        assert_eq!(advice(&of_paid(State::Paid)), Some(Text::HandOverGoods));
        let given_back = |refunded, refunding| {
            let mut entry = of_paid(State::Paid);
            (entry.summary.refunded, entry.summary.refunding) = (refunded, refunding);
            entry
        };
        assert_eq!(advice(&given_back(Fen::new(34), Fen::ZERO)), None);
        let going_on = given_back(Fen::ZERO, Fen::new(34));
        assert_eq!(advice(&going_on), Some(Text::DoNotRefundAgain));
        assert!(lines(&going_on, Locale::En).contains(&"Refund in progress ¥0.34".to_owned()));
        assert_eq!(advice(&of_paid(State::Voided)), None);
        assert_eq!(advice(&of_paid(State::Voiding)), None);
    }

    #[test]
    fn what_is_open_keeps_the_goods_and_says_why() {
        let mut open = entry(State::Parked, None);
        open.parked = Some(Doubt::of(DoubtKind::NoAnswer));
        assert_eq!(advice(&open), Some(Text::DoNotHandOver));
        assert_eq!(
            lines(&open, Locale::En),
            ["NOT CERTAIN ¥12.34", "Order ORDER1", "No answer from the gateway"]
        );
        assert_eq!(advice(&entry(State::Open, None)), Some(Text::DoNotHandOver));
    }

    #[test]
    fn what_was_contradicted_says_what_to_do_about_that() {
        let mut contradicted = of_paid(State::Paid);
        let found = Found::NotPaid(Decline::ours(Why::PaymentDeclined));
        contradicted.discrepancies = vec![Contradiction { at: WallTime::from_unix_ms(0), found }];
        assert_eq!(advice(&contradicted), Some(Text::CallSupport));
        let said = lines(&contradicted, Locale::En);
        assert_eq!(said[2..], ["Discrepancy", Text::PaidNoMore.text(Locale::En)]);
    }
}
