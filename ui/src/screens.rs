//! One function per screen: a [`Screen`] becomes a list of elements, from the back to the front.
//!
//! Pure: the same frame and screen give the same list. Which states there are is the caller's
//! business; these functions only know how each is to look (source: `ui.md`).

mod idle;
mod keys;
mod list;
mod notice;
mod outcome;
mod present;
mod sale;
mod status;

#[cfg(test)]
mod tests;

use embedded_graphics::primitives::Rectangle;

use crate::element::{Content, Element};
use crate::layout::{Frame, inset};
use crate::screen::{Body, Screen};

/// All that is on the screen, from the back to the front.
pub(crate) fn elements(frame: &Frame, screen: &Screen) -> Vec<Element> {
    let mut elements = match &screen.body {
        Body::Starting => idle::starting(frame),
        Body::Idle { merchant } => idle::idle(frame, merchant),
        Body::Amount { amount, wallet, problem } => sale::amount(frame, amount, *wallet, *problem),
        Body::AwaitCode { amount, seconds_left, tap, caution } => {
            sale::await_code(frame, amount, *seconds_left, *tap, *caution)
        }
        Body::Charging { amount, wallet, seconds, caution } => {
            sale::charging(frame, amount, *wallet, *seconds, *caution)
        }
        Body::Present { amount, wallet, qr, seconds_left } => {
            present::present(frame, amount, *wallet, qr.as_deref(), *seconds_left)
        }
        Body::Confirming { amount, seconds_left } => sale::confirming(frame, amount, *seconds_left),
        Body::Reversing { amount, seconds } => sale::reversing(frame, amount, *seconds),
        Body::Outcome(outcome) => outcome::outcome(frame, outcome),
        Body::Menu { items, selected } => list::menu(frame, items, *selected),
        Body::List { title, rows, selected } => list::list(frame, *title, rows, *selected),
        Body::Notice { title, lines, advice, severity } => {
            notice::notice(frame, *title, lines, *advice, *severity)
        }
    };
    elements.extend(status::bar(frame, &screen.status));
    elements
}

/// The page that most screens stand on.
fn page(frame: &Frame) -> Element {
    panel(frame.body(), frame.theme.page.back, 0)
}

fn panel(bounds: Rectangle, ink: embedded_graphics::pixelcolor::Rgb888, radius: u32) -> Element {
    Element { bounds, content: Content::Panel { ink, radius } }
}

/// The body without its margin.
fn content(frame: &Frame) -> Rectangle {
    let gap = frame.scale.gap;
    inset(frame.body(), gap * 2, gap)
}
