//! A sale under way: typing, waiting for a code, charging, confirming, cancelling.

use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;

use super::{content, keys, page, panel};
use crate::element::{Align, Element};
use crate::figure::Figure;
use crate::layout::{Column, Frame, Part, Role, cut_left, inset};
use crate::locale::Text;
use crate::screen::Wallet;
use crate::theme::Pair;

/// The one key of a sale under way.
pub(super) const CANCELS: [keys::Hint; 1] = [(Text::KeyCancel, Text::DoCancelSale)];

/// The cashier types.
pub(super) fn amount(
    frame: &Frame,
    amount: &str,
    wallet: Wallet,
    problem: Option<Text>,
) -> Vec<Element> {
    let theme = &frame.theme;
    let mut elements = vec![page(frame)];
    let hints = [
        (Text::KeyEnter, Text::DoScan),
        (Text::KeyQr, Text::DoShowCode),
        (Text::KeyUpDown, Text::DoWallet),
        (Text::KeyCancel, Text::DoBack),
    ];
    let area = keys::hints(frame, &hints, content(frame), theme.page, theme.key, &mut elements);
    let (card, within) = card(frame, area);
    elements.push(card);
    let digits = if amount.is_empty() { "0" } else { amount };
    let mut column = Column::new(frame, Align::Centre)
        .stretch()
        .text(frame.say(Text::AmountToCharge), Role::Body, theme.card.soft)
        .gap(1)
        .add(Part::Amount {
            digits: digits.to_owned(),
            ink: theme.card.strong,
            cursor: Some(theme.active),
        })
        .gap(1);
    column = match problem {
        Some(problem) => column.add(caution(frame, problem)),
        None => column.add(Part::Wallet { wallet, pair: theme.key }),
    };
    elements.extend(column.stretch().lay(within));
    elements
}

/// A scan or a tap is awaited.
pub(super) fn await_code(
    frame: &Frame,
    amount: &str,
    seconds_left: u32,
    tap: bool,
    problem: Option<Text>,
) -> Vec<Element> {
    let theme = &frame.theme;
    let pair = theme.card;
    let mut elements = vec![page(frame)];
    let hints = [(Text::KeyQr, Text::DoShowCode), (Text::KeyCancel, Text::DoBack)];
    let area = keys::hints(frame, &hints, content(frame), theme.page, theme.key, &mut elements);
    let (card, within) = card(frame, area);
    elements.push(card);
    let sign = Part::Figure {
        figure: Figure::Viewfinder,
        side_px: frame.scale.amount * 6 / 5,
        ink: theme.active,
        back: pair.back,
    };
    let seconds = ticking(frame, Text::SecondsLeft, seconds_left, pair);
    let mut words = Column::new(frame, Align::Centre).amount(amount, pair.strong).gap(1).text(
        frame.say(Text::ScanCustomerCode),
        Role::Strong,
        pair.strong,
    );
    words = match problem {
        Some(problem) => words.gap(1).add(caution(frame, problem)),
        None if tap => words.text(frame.say(Text::OrTapPhone), Role::Caption, pair.soft),
        None => words,
    };
    elements.extend(beside(frame, sign, words.gap(1).add(seconds), within));
    elements
}

/// The gateway was asked to charge and has not answered.
pub(super) fn charging(
    frame: &Frame,
    amount: &str,
    wallet: Option<Wallet>,
    seconds: u32,
    problem: Option<Text>,
) -> Vec<Element> {
    let pair = frame.theme.card;
    let mut words = Column::new(frame, Align::Centre).amount(amount, pair.strong).gap(1);
    if let Some(wallet) = wallet {
        words = words.add(Part::Wallet { wallet, pair: frame.theme.key }).gap(1);
    }
    words = words.text(frame.say(Text::Charging), Role::Title, pair.strong);
    words = match problem {
        Some(problem) => words.gap(1).add(caution(frame, problem)),
        None => words.text(frame.say(Text::MayBeEnteringPassword), Role::Body, pair.soft),
    };
    waiting(
        frame,
        spinner(frame, seconds),
        words,
        ticking(frame, Text::SecondsWaited, seconds, pair),
        &CANCELS,
    )
}

/// It is not known yet whether money moved.
pub(super) fn confirming(frame: &Frame, amount: &str, seconds_left: u32) -> Vec<Element> {
    let pair = frame.theme.card;
    let words = Column::new(frame, Align::Centre)
        .amount(amount, pair.strong)
        .gap(1)
        .text(frame.say(Text::CheckingWithGateway), Role::Title, pair.strong)
        .gap(1)
        .add(caution(frame, Text::KeepGoods));
    let dial = Part::Dial {
        figure: Figure::Dial { filled: seconds_left.min(60) as u8 },
        number: seconds_left,
        side_px: frame.scale.amount * 4 / 3,
        ink: pair.strong,
        arc: frame.theme.open,
        rest: frame.theme.rule,
    };
    waiting(frame, dial, words, ticking(frame, Text::SecondsLeft, seconds_left, pair), &CANCELS)
}

/// The charge is being cancelled: no key does anything until that is done.
pub(super) fn reversing(frame: &Frame, amount: &str, seconds: u32) -> Vec<Element> {
    let pair = frame.theme.card;
    let words = Column::new(frame, Align::Centre)
        .amount(amount, pair.strong)
        .gap(1)
        .text(frame.say(Text::Cancelling), Role::Title, pair.strong)
        .gap(1)
        .add(caution(frame, Text::KeepGoods));
    waiting(
        frame,
        spinner(frame, seconds),
        words,
        ticking(frame, Text::SecondsWaited, seconds, pair),
        &[],
    )
}

/// A sign, the words, and the seconds, with the keys that do something.
fn waiting(
    frame: &Frame,
    sign: Part,
    words: Column<'_>,
    seconds: Part,
    hints: &[keys::Hint],
) -> Vec<Element> {
    let theme = &frame.theme;
    let mut elements = vec![page(frame)];
    let area = keys::hints(frame, hints, content(frame), theme.page, theme.key, &mut elements);
    let (card, within) = card(frame, area);
    elements.push(card);
    elements.extend(beside(frame, sign, words.gap(1).add(seconds), within));
    elements
}

/// A sign above the words, or to their left on a wide screen.
fn beside(frame: &Frame, sign: Part, words: Column<'_>, area: Rectangle) -> Vec<Element> {
    if frame.is_wide() {
        let (left, right) = cut_left(area, area.size.width * 3 / 10);
        let sign = Column::new(frame, Align::Centre).stretch().add(sign).stretch();
        let mut elements = sign.lay(inset(left, frame.scale.gap, 0));
        elements.extend(words.middle().lay(right));
        return elements;
    }
    words.under(sign).lay(area)
}

/// The surface that a sale stands on, and the room on it.
fn card(frame: &Frame, area: Rectangle) -> (Element, Rectangle) {
    let gap = frame.scale.gap;
    let bounds =
        Rectangle::new(area.top_left, area.size - Size::new(0, (gap / 2).min(area.size.height)));
    (panel(bounds, frame.theme.card.back, gap * 3 / 2), inset(bounds, gap * 3 / 2, gap))
}

fn caution(frame: &Frame, text: Text) -> Part {
    let text = frame.say(text).to_owned();
    Part::Band {
        text,
        figure: Some(Figure::Triangle),
        role: Role::Strong,
        pair: frame.theme.caution,
    }
}

fn ticking(frame: &Frame, text: Text, seconds: u32, pair: Pair) -> Part {
    Part::Ticking { text: text.with(frame.locale, seconds), role: Role::Body, ink: pair.soft }
}

/// Waited so far: an arc that moves on with every second.
fn spinner(frame: &Frame, seconds: u32) -> Part {
    Part::Dial {
        figure: Figure::Spinner { turn: (seconds % 8) as u8 },
        number: seconds,
        side_px: frame.scale.amount * 4 / 3,
        ink: frame.theme.card.strong,
        arc: frame.theme.active,
        rest: frame.theme.rule,
    }
}
