//! Before a sale.

use super::{content, keys, page, panel};
use crate::element::{Align, Element};
use crate::figure::Figure;
use crate::layout::{Column, Frame, Part, Role, inset};
use crate::locale::Text;
use crate::text::clean;

/// The firmware starts.
pub(super) fn starting(frame: &Frame) -> Vec<Element> {
    let page_pair = frame.theme.page;
    let mut elements = vec![page(frame)];
    let column = Column::new(frame, Align::Centre)
        .stretch()
        .add(Part::Figure {
            figure: Figure::Spinner { turn: 0 },
            side_px: frame.scale.amount,
            ink: frame.theme.active,
            back: frame.theme.rule,
        })
        .gap(2)
        .text(frame.say(Text::Starting), Role::Title, page_pair.strong)
        .stretch();
    elements.extend(column.lay(content(frame)));
    elements
}

/// Ready for the next sale: the merchant, and where the amount will appear.
pub(super) fn idle(frame: &Frame, merchant: &str) -> Vec<Element> {
    let theme = &frame.theme;
    let mut elements = vec![page(frame)];
    let hints = [(Text::KeyDigits, Text::DoEnterAmount), (Text::KeyMenu, Text::DoOptions)];
    let area = keys::hints(frame, &hints, content(frame), theme.page, theme.key, &mut elements);
    let gap = frame.scale.gap;
    let card = inset(area, 0, gap / 2);
    elements.push(panel(card, theme.card.back, gap * 3 / 2));
    let column = Column::new(frame, Align::Centre)
        .stretch()
        .text(clean(merchant, 60), Role::Title, theme.card.strong)
        .stretch()
        .amount("0.00", theme.card.soft)
        .gap(1)
        .text(frame.say(Text::EnterAmount), Role::Body, theme.card.soft)
        .stretch();
    elements.extend(column.lay(inset(card, gap * 2, gap)));
    elements
}
