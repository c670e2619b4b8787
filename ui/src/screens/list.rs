//! Lines to choose from: the menu, open charges, last sales.

use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;

use super::{content, keys, page, panel};
use crate::element::{Align, Content, Element};
use crate::figure::Figure;
use crate::layout::{Column, Frame, Role, centred, cut_left, cut_top, inset};
use crate::locale::Text;
use crate::screen::{Mark, MenuItem, Row};
use crate::text::{Face, clean, face_for, shorten, width};

/// What a line shows.
struct Line {
    left: String,
    right: String,
    /// A sign, or only its room.
    mark: Option<(Option<Figure>, Rgb888)>,
    opens: bool,
}

/// Things to do.
pub(super) fn menu(frame: &Frame, items: &[MenuItem], selected: usize) -> Vec<Element> {
    let hints = [
        (Text::KeyUpDown, Text::DoChoose),
        (Text::KeyEnter, Text::DoOpen),
        (Text::KeyCancel, Text::DoBack),
    ];
    let line = |at: usize| {
        items.get(at).map(|item| Line {
            left: frame.say(item.text).to_owned(),
            right: String::new(),
            mark: None,
            opens: true,
        })
    };
    scrolling(frame, Text::Menu, items.len(), selected, &hints, line)
}

/// Open charges or last sales.
pub(super) fn list(frame: &Frame, title: Text, rows: &[Row], selected: usize) -> Vec<Element> {
    let hints: &[keys::Hint] = if rows.is_empty() {
        &[(Text::KeyCancel, Text::DoBack)]
    } else {
        &[
            (Text::KeyUpDown, Text::DoChoose),
            (Text::KeyEnter, if title == Text::Reprint { Text::DoPrint } else { Text::DoOpen }),
            (Text::KeyCancel, Text::DoBack),
        ]
    };
    let theme = &frame.theme;
    let line = |at: usize| {
        rows.get(at).map(|row| {
            let ink = match row.mark {
                Mark::Paid => theme.good,
                Mark::NotCharged => theme.bad,
                Mark::Open => theme.open,
                Mark::Refunded | Mark::None => theme.card.soft,
            };
            Line {
                left: clean(&row.left, 60),
                right: clean(&row.right, 24),
                mark: Some((Figure::of_mark(row.mark), ink)),
                opens: false,
            }
        })
    };
    scrolling(frame, title, rows.len(), selected, hints, line)
}

/// A title and as many lines round the selected one as there is room for; only those are looked at.
fn scrolling(
    frame: &Frame,
    title: Text,
    count: usize,
    selected: usize,
    hints: &[keys::Hint],
    line: impl Fn(usize) -> Option<Line>,
) -> Vec<Element> {
    let theme = &frame.theme;
    let gap = frame.scale.gap;
    let mut elements = vec![page(frame)];
    let area = keys::hints(frame, hints, content(frame), theme.page, theme.key, &mut elements);
    // A list's title is small: the lines matter.
    let head_px = frame.face(Role::Strong, 0).line_px() + gap / 2;
    let (head, area) = cut_top(area, head_px);
    let title =
        Column::new(frame, Align::Left).text(frame.say(title), Role::Strong, theme.page.strong);
    if count == 0 {
        elements.extend(title.lay(head));
        let empty = Column::new(frame, Align::Centre)
            .stretch()
            .text(frame.say(Text::ListEmpty), Role::Body, theme.page.soft)
            .stretch();
        elements.extend(empty.lay(area));
        return elements;
    }
    let row_px = frame.face(Role::Body, 0).line_px() + gap * 3 / 2;
    let room = ((area.size.height / row_px.max(1)) as usize).clamp(1, count);
    let selected = selected.min(count - 1);
    let first = selected.saturating_sub(room / 2).min(count - room);
    let place = format!("{}/{count}", selected + 1);
    let place_px = width(&place, frame.face(Role::Caption, 0)) + gap;
    let (head, corner) = cut_left(head, head.size.width.saturating_sub(place_px));
    elements.extend(title.lay(head));
    let place = Column::new(frame, Align::Right).text(place, Role::Caption, theme.page.soft);
    elements.extend(place.lay(corner));
    let mut rest = area;
    for at in first..first + room {
        let (bounds, below) = cut_top(rest, row_px);
        rest = below;
        if let Some(line) = line(at) {
            row(frame, &line, at == selected, bounds, &mut elements);
        }
    }
    elements
}

fn row(frame: &Frame, line: &Line, selected: bool, bounds: Rectangle, elements: &mut Vec<Element>) {
    let theme = &frame.theme;
    let gap = frame.scale.gap;
    let pair = if selected { theme.accent } else { theme.card };
    let face = frame.face(if selected { Role::Strong } else { Role::Body }, 0);
    let face = face_for(&line.left, face);
    let signs = u32::from(line.mark.is_some()) + u32::from(line.opens);
    let wanted = width(&line.left, face) + width(&line.right, face) + signs * (face.px + gap) + gap;
    let caption = frame.face(Role::Caption, 0).px;
    let px = if wanted > bounds.size.width.saturating_sub(gap * 3) { caption } else { face.px };
    let face = Face { px, ..face };
    let surface = inset(bounds, 0, gap / 4);
    elements.push(panel(surface, pair.back, gap));
    let within = inset(surface, gap * 3 / 2, 0);
    let within = centred(within, Size::new(within.size.width, face.line_px()));
    let side = face.px;
    let mut rest = within;
    let mut sign = |area: Rectangle, figure, ink| {
        let bounds = centred(area, Size::new_equal(side));
        elements
            .push(Element { bounds, content: Content::Figure { figure, ink, back: pair.back } });
    };
    if let Some((figure, ink)) = line.mark {
        let (area, after) = cut_left(rest, side);
        if let Some(figure) = figure {
            sign(area, figure, if selected { pair.strong } else { ink });
        }
        rest = cut_left(after, gap).1;
    }
    if line.opens {
        let (before, area) = cut_left(rest, rest.size.width.saturating_sub(side));
        sign(area, Figure::Forward, pair.soft);
        rest = before;
    }
    let right = shorten(&line.right, face, rest.size.width);
    let right_px = width(&right, face);
    let (left_area, right_area) = cut_left(rest, rest.size.width.saturating_sub(right_px));
    let (left_area, _) = cut_left(left_area, left_area.size.width.saturating_sub(gap));
    let left = shorten(&line.left, face, left_area.size.width);
    for (text, whole, bounds, align) in
        [(left, &line.left, left_area, Align::Left), (right, &line.right, right_area, Align::Right)]
    {
        if !text.is_empty() {
            let cut = text != *whole;
            let content = Content::Text { lines: vec![text], face, ink: pair.strong, align, cut };
            elements.push(Element { bounds, content });
        }
    }
}
