//! What the machine shows of itself, as a screen. Pure.

use crate::app::words;
use crate::payment::outcome::Outcome;
use crate::payment::record::Found;
use crate::payment::view::Stage;
use crate::payment::{Moment, View};
use std::time::Duration;
use ui::{Body, OutcomeKind, Text};

/// The body of the screen for a charge, at a moment; `tap` is whether a phone can be held to a
/// reader, `caution` what was wrong with the last scan.
pub fn body(now: Moment, view: &View, tap: bool, caution: Option<Text>) -> Body {
    let amount = view.amount.yuan();
    match &view.stage {
        Stage::AwaitCode { until } => {
            Body::AwaitCode { amount, seconds_left: left(now, *until), tap, caution }
        }
        Stage::Charging { since, channel } => Body::Charging {
            amount,
            wallet: words::known_wallet(channel),
            seconds: waited(now, *since),
            caution,
        },
        Stage::Presenting { qr, channel, until } => Body::Present {
            amount,
            wallet: words::wallet(channel),
            qr: qr.clone(),
            seconds_left: left(now, *until),
        },
        Stage::Confirming { until } => Body::Confirming { amount, seconds_left: left(now, *until) },
        Stage::Reversing { since } => Body::Reversing { amount, seconds: waited(now, *since) },
        Stage::Ended(outcome) => Body::Outcome(ended(view, outcome)),
        Stage::Contradicted { outcome, found } => Body::Outcome(contradicted(view, outcome, found)),
    }
}

/// The body of the screen for a sale that was not sent because the gateway is not trusted.
pub fn untrusted(now: Moment, view: &View) -> Body {
    let mut body = body(now, view, false, None);
    if let Body::Outcome(outcome) = &mut body {
        (outcome.reason, outcome.advice) = (words::UNTRUSTED.reason, words::UNTRUSTED.advice);
    }
    body
}

fn ended(view: &View, outcome: &Outcome) -> ui::Outcome {
    let words = words::outcome(outcome);
    let (kind, wallet) = match outcome {
        Outcome::Paid(payment) => (OutcomeKind::Paid, words::known_wallet(&payment.channel)),
        Outcome::NotCharged(_) => (OutcomeKind::NotCharged, None),
        Outcome::Reversed(_) => (OutcomeKind::Reversed, None),
        Outcome::Unresolved(_) => (OutcomeKind::Unresolved, None),
    };
    ui::Outcome {
        kind,
        amount: view.amount.yuan(),
        wallet,
        reason: words.reason,
        detail: words::detail(outcome),
        advice: words.advice,
        order: view.order.to_string(),
    }
}

fn contradicted(view: &View, ended: &Outcome, found: &Found) -> ui::Outcome {
    let words = words::found(ended, found);
    let (wallet, detail) = match found {
        Found::Paid(payment) => (words::known_wallet(&payment.channel), payment.trade_no.clone()),
        Found::NotPaid(decline) => (None, decline.said.clone()),
    };
    ui::Outcome {
        kind: OutcomeKind::Discrepancy,
        amount: view.amount.yuan(),
        wallet,
        reason: words.reason,
        detail,
        advice: words.advice,
        order: view.order.to_string(),
    }
}

/// The screen's name in `state.json`.
pub fn screen_name(body: &Body) -> &'static str {
    match body {
        Body::Starting => "starting",
        Body::Idle { .. } => "idle",
        Body::Amount { .. } => "amount",
        Body::AwaitCode { .. } => "await_code",
        Body::Charging { .. } => "charging",
        Body::Present { .. } => "present",
        Body::Confirming { .. } => "confirming",
        Body::Reversing { .. } => "reversing",
        Body::Outcome(_) => "result",
        Body::Menu { .. } => "menu",
        Body::List { .. } => "list",
        Body::Notice { .. } => "notice",
    }
}

/// Whole seconds until a moment; the last one counts until it is over.
pub fn left(now: Moment, until: Moment) -> u32 {
    let left = until.since(now);
    let whole = left + Duration::from_millis(999);
    u32::try_from(whole.as_secs()).unwrap_or(u32::MAX)
}

/// Whole seconds since a moment.
pub fn waited(now: Moment, since: Moment) -> u32 {
    u32::try_from(now.since(since).as_secs()).unwrap_or(u32::MAX)
}

/// When what [`body`] shows changes by itself: the next whole second of a countdown.
pub fn next_tick(now: Moment, view: &View) -> Option<Moment> {
    let second = Duration::from_secs(1);
    let toward = |until: Moment| {
        let left = until.since(now);
        let part = Duration::from_nanos(u64::from(left.subsec_nanos()));
        now + if part.is_zero() { second } else { part }
    };
    let away = |since: Moment| {
        let part = Duration::from_nanos(u64::from(now.since(since).subsec_nanos()));
        now + second.saturating_sub(part)
    };
    match &view.stage {
        Stage::AwaitCode { until }
        | Stage::Presenting { until, .. }
        | Stage::Confirming { until } => (*until > now).then(|| toward(*until)),
        Stage::Charging { since, .. } | Stage::Reversing { since } => Some(away(*since)),
        Stage::Ended(_) | Stage::Contradicted { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::OrderId;
    use crate::money::Fen;
    use crate::payment::outcome::Returned;
    use crate::payment::{Channel, Decline, Payment, Why};

    fn raised(outcome: Outcome, found: Found) -> ui::Outcome {
        let order = OrderId::parse("ORDER1").expect("an order's number");
        let stage = Stage::Contradicted { outcome, found };
        let view = View { order, amount: Fen::new(100), stage, voids: false };
        match body(Moment::default(), &view, false, None) {
            Body::Outcome(outcome) => outcome,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_contradiction_says_what_was_found_against_what_was_shown() {
        let payment = Payment {
            amount: Fen::new(100),
            channel: Channel::Wechat,
            gateway_order: None,
            trade_no: None,
            returned: Returned::Nothing,
        };
        let declined = || Decline::ours(Why::PaymentDeclined);
        for (ended, found, reason, advice) in [
            (
                Outcome::Reversed(declined()),
                Found::Paid(payment.clone()),
                Text::PaidAfterReversal,
                Text::OfferRefund,
            ),
            (
                Outcome::NotCharged(declined()),
                Found::Paid(payment.clone()),
                Text::PaidLate,
                Text::HandOverOrRefund,
            ),
            (
                Outcome::Paid(payment),
                Found::NotPaid(declined()),
                Text::PaidNoMore,
                Text::CallSupport,
            ),
        ] {
            let shown = raised(ended, found);
            assert_eq!(shown.kind, OutcomeKind::Discrepancy);
            assert_eq!((shown.reason, shown.advice), (Some(reason), Some(advice)));
        }
    }
}
