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
    let (square, rest) = split(frame, payload);
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

/// The square for the code and the room for the words. The square is no larger than the code's whole
/// modules, so that none of a small screen is wasted on more than the quiet zone.
fn split(frame: &Frame, payload: Option<&str>) -> (Rectangle, Rectangle) {
    let gap = frame.scale.gap;
    let body = frame.body();
    let fitted = |room: u32| payload.and_then(|text| qr::side_px(text, room)).unwrap_or(room);
    if frame.is_wide() {
        let room = body.size.height.saturating_sub(gap).min(body.size.width * 2 / 3);
        let side = fitted(room);
        let (left, right) = cut_left(body, side + gap * 2);
        return (centred(left, Size::new_equal(side)), inset(right, gap / 3, gap));
    }
    let room = (body.size.width.saturating_sub(gap * 3)).min(body.size.height * 2 / 3);
    let (upper, lower) = cut_top(content(frame), room + gap);
    (centred(upper, Size::new_equal(fitted(room))), lower)
}

fn code(frame: &Frame, payload: Option<&str>, square: Rectangle) -> Vec<Element> {
    let radius = frame.scale.gap / 2;
    let side = square.size.width;
    let shown = payload.filter(|payload| qr::side_px(payload, side).is_some());
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
        .add(Part::Figure { figure, side_px: side / 4, ink: theme.active, back })
        .gap(2)
        .text(frame.say(words), Role::Body, theme.card.soft)
        .stretch();
    elements.extend(column.lay(inset(square, frame.scale.gap, frame.scale.gap)));
    elements
}
