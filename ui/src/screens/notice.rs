//! Something to read: a fault, the terminal's health, a sale's details.

use super::{content, keys, page, panel};
use crate::element::{Align, Element};
use crate::figure::Figure;
use crate::layout::{Column, Frame, Part, Role, inset};
use crate::locale::Text;
use crate::screen::Severity;

/// More lines than these fit no screen.
const LINES: usize = 24;

/// Title, lines and advice.
pub(super) fn notice(
    frame: &Frame,
    title: Text,
    lines: &[String],
    advice: Option<Text>,
    severity: Severity,
) -> Vec<Element> {
    let theme = &frame.theme;
    let gap = frame.scale.gap;
    let mut elements = vec![page(frame)];
    let hints = [(Text::KeyCancel, Text::DoBack)];
    let area = keys::hints(frame, &hints, content(frame), theme.page, theme.key, &mut elements);
    let card = inset(area, 0, gap / 4);
    elements.push(panel(card, theme.card.back, gap * 3 / 2));
    let (figure, ink) = match severity {
        Severity::Info => (Figure::Info, theme.active),
        Severity::Bad => (Figure::Triangle, theme.bad),
    };
    let back = theme.card.back;
    let mut column = Column::new(frame, Align::Left)
        .add(Part::Figure { figure, side_px: frame.scale.title * 5 / 4, ink, back })
        .gap(1)
        .text(frame.say(title), Role::Title, theme.card.strong)
        .gap(1);
    if let Some(advice) = advice {
        let text = frame.say(advice).to_owned();
        let pair = match severity {
            Severity::Info => theme.key,
            Severity::Bad => theme.caution,
        };
        column = column.add(Part::Band { text, figure: None, role: Role::Strong, pair }).gap(1);
    }
    for line in lines.iter().take(LINES) {
        column = column.text(line.clone(), Role::Body, theme.card.soft);
    }
    elements.extend(column.lay(inset(card, gap * 2, gap)));
    elements
}
