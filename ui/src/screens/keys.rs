//! The keys that do something now, at the foot of the screen.

use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;

use super::panel;
use crate::element::{Align, Content, Element};
use crate::layout::{Frame, Role, cut_bottom, cut_left, cut_top, inset};
use crate::locale::Text;
use crate::text::{Face, shorten, width};
use crate::theme::Pair;

/// A key and what it does.
pub(super) type Hint = (Text, Text);

/// More rows than these would take the room of what matters.
const ROWS: usize = 2;

/// The widths of a hint's parts.
struct Measured {
    key: &'static str,
    does: &'static str,
    key_px: u32,
    does_px: u32,
}

impl Measured {
    fn px(&self, frame: &Frame) -> u32 {
        self.key_px + frame.scale.gap * 2 / 3 + self.does_px
    }
}

/// Puts hints at the foot of a box; what is left above them. `pair` is what they stand on, `cap` is
/// a key.
pub(super) fn hints(
    frame: &Frame,
    hints: &[Hint],
    area: Rectangle,
    pair: Pair,
    cap: Pair,
    elements: &mut Vec<Element>,
) -> Rectangle {
    let (does_face, key_face) = faces(frame);
    let gap = frame.scale.gap;
    let measured: Vec<Measured> = hints
        .iter()
        .map(|&(key, does)| {
            let (key, does) = (frame.say(key), frame.say(does));
            let key_px = width(key, key_face) + key_face.px * 3 / 4;
            Measured { key, does, key_px, does_px: width(does, does_face) }
        })
        .collect();
    if measured.is_empty() {
        return area;
    }
    // One row if it fits, else rows of the same number of keys.
    let row_width = |row: &[Measured]| {
        row.iter().map(|hint| hint.px(frame)).sum::<u32>()
            + gap * 2 * (row.len() as u32).saturating_sub(1)
    };
    let per_row = (1..=ROWS)
        .map(|rows| measured.len().div_ceil(rows).max(1))
        .find(|&count| measured.chunks(count).all(|row| row_width(row) <= area.size.width))
        .unwrap_or(1);
    let rows = measured.chunks(per_row).take(ROWS);
    let row_px = does_face.line_px() + gap;
    let (rest, mut foot) = cut_bottom(area, row_px * rows.len() as u32);
    for row in rows {
        let (line, below) = cut_top(foot, row_px);
        foot = below;
        place(frame, row, line, pair, cap, elements);
    }
    rest
}

fn faces(frame: &Frame) -> (Face, Face) {
    let caption = frame.face(Role::Caption, 0);
    (caption, Face { weight: crate::text::Weight::Bold, ..caption })
}

fn place(
    frame: &Frame,
    row: &[Measured],
    line: Rectangle,
    pair: Pair,
    cap: Pair,
    elements: &mut Vec<Element>,
) {
    let (does_face, key_face) = faces(frame);
    let gap = frame.scale.gap;
    let between = gap * 2 * (row.len() as u32).saturating_sub(1);
    let total: u32 = row.iter().map(|hint| hint.px(frame)).sum::<u32>() + between;
    let indent = line.size.width.saturating_sub(total) / 2;
    let (_, mut rest) = cut_left(
        inset(line, 0, (line.size.height - does_face.line_px().min(line.size.height)) / 2),
        indent,
    );
    for hint in row {
        let (key, after) = cut_left(rest, hint.key_px);
        let (_, after) = cut_left(after, gap * 2 / 3);
        let (does, after) = cut_left(after, hint.does_px);
        rest = cut_left(after, gap * 2).1;
        elements.push(panel(key, cap.back, key_face.px / 3));
        for (text, face, ink, bounds) in
            [(hint.key, key_face, cap.strong, key), (hint.does, does_face, pair.soft, does)]
        {
            let text_line = shorten(text, face, bounds.size.width);
            let bounds = Rectangle::new(
                bounds.top_left,
                Size::new(bounds.size.width, face.line_px().min(bounds.size.height)),
            );
            let cut = text_line != text;
            let content =
                Content::Text { lines: vec![text_line], face, ink, align: Align::Centre, cut };
            elements.push(Element { bounds, content });
        }
    }
}
