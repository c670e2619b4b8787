//! A code for the customer to scan: as large as the screen allows, with the amount, the wallet and
//! the seconds beside or around it.

use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;

use super::{content, keys, page, panel, sale};
use crate::element::{Align, Content, Element};
use crate::figure::Figure;
use crate::layout::{Column, Frame, Part, Role, centred, cut_left, cut_top, inset};
use crate::locale::Text;
use crate::qr;
use crate::screen::Wallet;

/// The code with what the customer must know.
pub(super) fn present(
    frame: &Frame,
    amount: &str,
    wallet: Wallet,
    payload: Option<&str>,
    seconds_left: u32,
) -> Vec<Element> {
    let mut elements = vec![page(frame)];
    let (room, side) = sides(frame, payload);
    let (square, rest) = split(frame, side.unwrap_or(room));
    elements.extend(match (payload, side) {
        (Some(payload), Some(_)) => {
            vec![Element { bounds: square, content: Content::Qr { payload: payload.to_owned() } }]
        }
        (None, _) => instead(frame, Figure::Spinner { turn: 0 }, Text::FetchingCode, square),
        (Some(_), None) => instead(frame, Figure::Triangle, Text::CodeNotShown, square),
    });
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
    elements.extend(with_key(frame, &words, rest));
    elements
}

/// The words, and the key that cancels where it takes no room of theirs: the code and the amount
/// are for the customer, and matter more.
fn with_key(frame: &Frame, words: &Column<'_>, area: Rectangle) -> Vec<Element> {
    let theme = &frame.theme;
    let without = words.lay(area);
    let mut with = Vec::new();
    let above = keys::hints(frame, &sale::CANCELS, area, theme.page, theme.key, &mut with);
    with.extend(words.lay(above));
    let smaller = amount_px(&with) < amount_px(&without);
    if smaller || with.iter().any(Element::is_cut) { without } else { with }
}

fn amount_px(elements: &[Element]) -> Option<u32> {
    elements.iter().find_map(|element| match &element.content {
        Content::Amount { px, .. } => Some(*px),
        Content::Panel { .. }
        | Content::Text { .. }
        | Content::Figure { .. }
        | Content::Qr { .. } => None,
    })
}

/// The room for the code, and the side of the code in it: whole modules with the quiet zone, so
/// that none of a small screen is wasted.
fn sides(frame: &Frame, payload: Option<&str>) -> (u32, Option<u32>) {
    let gap = frame.scale.gap;
    let Size { width, height } = frame.body().size;
    let room = if frame.is_wide() {
        height.saturating_sub(gap).min(width * 2 / 3)
    } else {
        width.saturating_sub(gap * 3).min(height * 2 / 3)
    };
    match payload {
        Some(payload) => (room, qr::side_px(payload, room)),
        // About what a code will take, so that the words do not jump when it comes.
        None if frame.is_wide() => (room.min(width * 7 / 12), None),
        None => (room * 15 / 16, None),
    }
}

/// The square for the code and the room for the words.
fn split(frame: &Frame, side: u32) -> (Rectangle, Rectangle) {
    let gap = frame.scale.gap;
    if frame.is_wide() {
        let (left, right) = cut_left(frame.body(), side + gap * 2);
        return (centred(left, Size::new_equal(side)), inset(right, gap / 3, gap));
    }
    // What the code leaves of its room goes to the words: small screens need it.
    let (upper, lower) = cut_top(content(frame), side + gap / 2);
    (centred(upper, Size::new_equal(side)), lower)
}

/// What stands where the code will be, or would be.
fn instead(frame: &Frame, figure: Figure, words: Text, square: Rectangle) -> Vec<Element> {
    let theme = &frame.theme;
    let gap = frame.scale.gap;
    let back = if figure == Figure::Triangle { theme.card.back } else { theme.rule };
    let column = Column::new(frame, Align::Centre)
        .stretch()
        .add(Part::Figure { figure, side_px: square.size.width / 4, ink: theme.active, back })
        .gap(2)
        .text(frame.say(words), Role::Body, theme.card.soft)
        .stretch();
    let mut elements = vec![panel(square, theme.card.back, gap)];
    elements.extend(column.lay(inset(square, gap, gap)));
    elements
}
