//! A code for the customer to scan: as large as the screen allows, with the amount, the wallet and the
//! seconds beside or around it.

use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;

use super::{content, page, panel};
use crate::element::{Align, Content, Element};
use crate::figure::Figure;
use crate::layout::{Column, Frame, Part, Role, centred, cut_left, cut_top, inset};
use crate::locale::Text;
use crate::qr;
use crate::screen::Wallet;
use crate::theme::PAPER;

/// The code with what the customer must know.
pub(super) fn present(
    frame: &Frame,
    amount: &str,
    wallet: Wallet,
    payload: Option<&str>,
    seconds_left: u32,
) -> Vec<Element> {
    let mut elements = vec![page(frame)];
    let (square, rest) = split(frame);
    elements.extend(code(frame, payload, square));
    let pair = frame.theme.page;
    let ticking = Part::Ticking {
        text: Text::SecondsLeft.with(frame.locale, seconds_left),
        role: Role::Body,
        ink: pair.soft,
    };
    let words = Column::new(frame, Align::Centre)
        .stretch()
        .amount(amount, pair.strong)
        .gap(1)
        .add(Part::Wallet { wallet, pair: frame.theme.card })
        .gap(1)
        .text(frame.say(Text::CustomerScansThis), Role::Strong, pair.strong)
        .add(ticking)
        .stretch();
    elements.extend(words.lay(rest));
    elements
}

/// The square for the code and the room for the words.
fn split(frame: &Frame) -> (Rectangle, Rectangle) {
    let gap = frame.scale.gap;
    let body = frame.body();
    if frame.is_wide() {
        let side = body.size.height.saturating_sub(gap / 3 * 2).min(body.size.width * 2 / 3);
        let (left, right) = cut_left(body, side + gap);
        return (centred(left, Size::new_equal(side)), inset(right, gap, gap));
    }
    let side = (body.size.width.saturating_sub(gap * 4)).min(body.size.height * 2 / 3);
    let (upper, lower) = cut_top(content(frame), side);
    (centred(upper, Size::new_equal(side)), lower)
}

fn code(frame: &Frame, payload: Option<&str>, square: Rectangle) -> Vec<Element> {
    let radius = frame.scale.gap / 2;
    let side = square.size.width;
    let shown = payload.filter(|payload| qr::module_px(payload, side).is_some());
    if let Some(payload) = shown {
        let content = Content::Qr { payload: payload.to_owned() };
        return vec![Element { bounds: square, content }];
    }
    let theme = &frame.theme;
    let mut elements = vec![panel(square, theme.card.back, radius)];
    let (figure, words) = match payload {
        None => (Figure::Spinner { turn: 0 }, Text::FetchingCode),
        Some(_) => (Figure::Triangle, Text::CodeNotShown),
    };
    let back = if payload.is_none() { theme.rule } else { PAPER };
    let column = Column::new(frame, Align::Centre)
        .stretch()
        .add(Part::Figure { figure, side_px: side / 4, ink: theme.accent.back, back })
        .gap(2)
        .text(frame.say(words), Role::Body, theme.card.soft)
        .stretch();
    elements.extend(column.lay(inset(square, frame.scale.gap, frame.scale.gap)));
    elements
}
