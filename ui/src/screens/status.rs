//! The line at the top: what works, what is open, what to know, the time.

use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;

use super::panel;
use crate::element::{Align, Content, Element};
use crate::figure::Figure;
use crate::layout::{Frame, Role, centred, cut_left, inset};
use crate::locale::Text;
use crate::screen::{Light, StatusBar, Warning};
use crate::text::{clean, shorten, width};
use crate::theme::Pair;

/// The status bar. From the left: signs and the number of open charges; from the right: the clock and the
/// warning, which gets what is left.
pub(super) fn bar(frame: &Frame, status: &StatusBar) -> Vec<Element> {
    let pair = frame.theme.bar;
    let gap = frame.scale.gap;
    let mut elements = vec![panel(frame.bar(), pair.back, 0)];
    let mut rest = inset(frame.bar(), gap, 0);
    let lights = [
        (status.network, Figure::Network),
        (status.scanner, Figure::Scanner),
        (status.printer, Figure::Printer),
    ];
    for (light, figure) in lights {
        rest = sign(frame, light, figure, rest, &mut elements);
    }
    if let Some(clock) = &status.clock {
        let clock = clean(clock, 8);
        let face = frame.face(Role::Caption, 0);
        let (left, right) = cut_left(rest, rest.size.width.saturating_sub(width(&clock, face)));
        rest = inset_right(left, gap);
        words(frame, &clock, pair, right, Align::Right, &mut elements);
    }
    if status.open > 0 {
        let caution = Pair { back: frame.theme.caution.back, ..frame.theme.caution };
        let text = Text::OpenCount.with(frame.locale, status.open.min(999));
        rest = pill(frame, &text, caution, rest, &mut elements);
    }
    if let Some(warning) = status.warning {
        let (text, pair) = match warning {
            Warning::Plaintext => (Text::WarnPlaintext, frame.theme.caution),
            Warning::TestGateway => (Text::WarnTestGateway, frame.theme.accent),
            Warning::Journal => {
                (Text::WarnJournal, frame.theme.outcome(crate::screen::OutcomeKind::NotCharged))
            }
        };
        pill(frame, frame.say(text), pair, rest, &mut elements);
    }
    elements
}

/// A sign, struck through when the part fails; none for a part that there is not.
fn sign(
    frame: &Frame,
    light: Light,
    figure: Figure,
    rest: Rectangle,
    elements: &mut Vec<Element>,
) -> Rectangle {
    let pair = frame.theme.bar;
    let side = frame.scale.caption * 11 / 10;
    let (bounds, after) = cut_left(rest, side);
    let (_, after) = cut_left(after, frame.scale.gap);
    let bounds = centred(bounds, Size::new_equal(side));
    let add =
        |figure, ink| Element { bounds, content: Content::Figure { figure, ink, back: pair.back } };
    match light {
        Light::Good => elements.push(add(figure, pair.soft)),
        Light::Bad => {
            elements.push(add(figure, frame.theme.bar_bad));
            elements.push(add(Figure::Strike, frame.theme.bar_bad));
        }
        Light::Absent => return rest,
    }
    after
}

/// A text on a surface of its own, cut short if there is no room; what is left to its right.
fn pill(
    frame: &Frame,
    text: &str,
    pair: Pair,
    rest: Rectangle,
    elements: &mut Vec<Element>,
) -> Rectangle {
    let face = frame.face(Role::Caption, 0);
    let pad = face.px / 2;
    let wanted = width(text, face) + 2 * pad;
    let (bounds, after) = cut_left(rest, wanted);
    let bounds = inset(bounds, 0, bounds.size.height.saturating_sub(face.line_px()) / 2);
    if bounds.size.width < 3 * pad {
        return rest;
    }
    elements.push(panel(bounds, pair.back, face.px / 3));
    words(frame, text, pair, inset(bounds, pad, 0), Align::Centre, elements);
    cut_left(after, frame.scale.gap).1
}

fn words(
    frame: &Frame,
    text: &str,
    pair: Pair,
    bounds: Rectangle,
    align: Align,
    elements: &mut Vec<Element>,
) {
    let face = frame.face(Role::Caption, 0);
    let bounds = centred(bounds, Size::new(bounds.size.width, face.line_px()));
    let line = shorten(text, face, bounds.size.width);
    let cut = line != text;
    let content = Content::Text { lines: vec![line], face, ink: pair.strong, align, cut };
    elements.push(Element { bounds, content });
}

fn inset_right(area: Rectangle, px: u32) -> Rectangle {
    cut_left(area, area.size.width.saturating_sub(px)).0
}
