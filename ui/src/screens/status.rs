//! The line at the top: what works, what is open, what to know, the time.
//!
//! The warning is never left out or cut while the screen has room for it at all (I18): before that,
//! gaps and text shrink, the number of open charges loses its word, the clock goes, and then the
//! words about a device in trouble, whose sign still stands.

use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;

use super::panel;
use crate::element::{Align, Content, Element};
use crate::figure::Figure;
use crate::layout::{Frame, Role, centred, cut_left, inset};
use crate::locale::Text;
use crate::screen::{Light, OutcomeKind, StatusBar, Warning};
use crate::text::{Face, clean, shorten, width};
use crate::theme::Pair;

/// The smallest text of the bar, if captions are not smaller still.
const LEAST_PX: u32 = 16;
/// More open charges than these are shown as these.
const OPEN_MAX: u32 = 999;

/// A way to fill the bar.
struct Fit {
    face: Face,
    gap: u32,
    open: Option<String>,
    clock: Option<String>,
    trouble: Option<&'static str>,
}

/// The status bar. From the left: signs, open charges, the warning, a device in trouble; at the
/// right end the clock.
pub(super) fn bar(frame: &Frame, status: &StatusBar) -> Vec<Element> {
    let warning = status.warning.map(|warning| dress(frame, warning));
    let room = inset(frame.bar(), frame.scale.gap, 0);
    let fit = fit(frame, status, warning.map(|(words, _)| words), room.size.width);
    let mut elements = vec![panel(frame.bar(), frame.theme.bar.back, 0)];
    let mut rest = room;
    for (light, figure) in lights(status) {
        rest = sign(frame, light, figure, &fit, rest, &mut elements);
    }
    if let Some(clock) = &fit.clock {
        let (left, right) = cut_left(rest, rest.size.width.saturating_sub(width(clock, fit.face)));
        words(clock, fit.face, frame.theme.bar, right, Align::Right, &mut elements);
        rest = cut_left(left, left.size.width.saturating_sub(fit.gap)).0;
    }
    if let Some(open) = &fit.open {
        rest = pill(open, &fit, frame.theme.caution, rest, &mut elements);
    }
    if let Some((text, pair)) = warning {
        rest = pill(text, &fit, pair, rest, &mut elements);
    }
    if let Some(text) = fit.trouble {
        let pair = frame.theme.outcome(OutcomeKind::NotCharged);
        pill(text, &fit, pair, rest, &mut elements);
    }
    elements
}

fn dress(frame: &Frame, warning: Warning) -> (&'static str, Pair) {
    let (text, pair) = match warning {
        Warning::Plaintext => (Text::WarnPlaintext, frame.theme.caution),
        Warning::TestGateway => (Text::WarnTestGateway, frame.theme.accent),
        Warning::Journal => (Text::WarnJournal, frame.theme.outcome(OutcomeKind::NotCharged)),
    };
    (frame.say(text), pair)
}

fn lights(status: &StatusBar) -> [(Light, Figure); 3] {
    [
        (status.network, Figure::Network),
        (status.scanner, Figure::Scanner),
        (status.printer, Figure::Printer),
    ]
}

/// The airiest way in which all fits, or the densest.
fn fit(frame: &Frame, status: &StatusBar, warning: Option<&str>, room: u32) -> Fit {
    let full = frame.face(Role::Caption, 0);
    let least = Face { px: full.px.min(LEAST_PX), ..full };
    let gap = frame.scale.gap;
    let count = Some(status.open.min(OPEN_MAX)).filter(|&open| open > 0);
    let long = count.map(|open| Text::OpenCount.with(frame.locale, open));
    let short = count.map(|open| open.to_string());
    let clock = status.clock.as_ref().map(|clock| clean(clock, 8));
    let trouble = status.trouble.map(|trouble| frame.say(trouble));
    let (tight, none) = (gap / 2, None);
    let clocked = [
        Fit { face: full, gap, open: long.clone(), clock: clock.clone(), trouble },
        Fit { face: least, gap: tight, open: long, clock: clock.clone(), trouble },
        Fit { face: least, gap: tight, open: short.clone(), clock, trouble },
    ];
    let bare = Fit { face: least, gap: tight, open: short.clone(), clock: none.clone(), trouble };
    let fits = clocked.into_iter().chain([bare]);
    let densest = Fit { face: least, gap: tight, open: short, clock: none, trouble: None };
    let signs = lights(status).iter().filter(|(light, _)| *light != Light::Absent).count() as u32;
    let wanted = |fit: &Fit| {
        let pills = fit.open.as_deref().into_iter().chain(warning).chain(fit.trouble);
        let pills: u32 = pills.map(|text| pill_px(text, fit.face) + fit.gap).sum();
        let clock = fit.clock.as_deref().map_or(0, |clock| width(clock, fit.face) + fit.gap);
        signs * (sign_px(fit.face) + fit.gap) + pills + clock
    };
    fits.into_iter().find(|fit| wanted(fit) <= room).unwrap_or(densest)
}

fn sign_px(face: Face) -> u32 {
    face.px * 11 / 10
}

/// A sign, red and struck through when the part fails; none for a part that there is not.
fn sign(
    frame: &Frame,
    light: Light,
    figure: Figure,
    fit: &Fit,
    rest: Rectangle,
    elements: &mut Vec<Element>,
) -> Rectangle {
    let pair = frame.theme.bar;
    let side = sign_px(fit.face);
    let (bounds, after) = cut_left(rest, side);
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
    cut_left(after, fit.gap).1
}

fn pill_px(text: &str, face: Face) -> u32 {
    width(text, face) + face.px / 2 * 2
}

/// A text on a surface of its own; what is left to its right.
fn pill(
    text: &str,
    fit: &Fit,
    pair: Pair,
    rest: Rectangle,
    elements: &mut Vec<Element>,
) -> Rectangle {
    let face = fit.face;
    let (bounds, after) = cut_left(rest, pill_px(text, face));
    let bounds = centred(bounds, Size::new(bounds.size.width, face.line_px()));
    if bounds.size.width < face.px * 2 && bounds.size.width < pill_px(text, face) {
        return rest;
    }
    elements.push(panel(bounds, pair.back, face.px / 3));
    words(text, face, pair, inset(bounds, face.px / 2, 0), Align::Centre, elements);
    cut_left(after, fit.gap).1
}

fn words(
    text: &str,
    face: Face,
    pair: Pair,
    bounds: Rectangle,
    align: Align,
    elements: &mut Vec<Element>,
) {
    let bounds = centred(bounds, Size::new(bounds.size.width, face.line_px()));
    let line = shorten(text, face, bounds.size.width);
    if bounds.size.height < face.line_px() || line.is_empty() {
        return;
    }
    let cut = line != text;
    let content = Content::Text { lines: vec![line], face, ink: pair.strong, align, cut };
    elements.push(Element { bounds, content });
}
