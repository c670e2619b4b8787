//! Sized parts become elements.

use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;

use super::{Column, Part, Sized, height};
use crate::element::{Align, Content, Element};
use crate::figure::Figure;
use crate::layout::{Role, centred, cut_left, cut_top, inset};
use crate::screen::Wallet;
use crate::text::{Broken, Face, Weight, shorten, width};
use crate::theme::{Pair, Theme};

/// The largest number that is shown in a dial.
const DIAL_MAX: u32 = 999;

impl Column<'_> {
    /// Puts the parts below each other, sharing what is left among those that stretch.
    pub(super) fn place(&self, sized: &[Sized<'_>], area: Rectangle) -> Vec<Element> {
        let stretches = sized.iter().filter(|one| matches!(one.part, Part::Stretch)).count() as u32;
        let mut free = area.size.height.saturating_sub(height(sized));
        let mut left = stretches;
        let mut rest = area;
        let mut elements = Vec::new();
        for one in sized {
            let mut height = one.height;
            if matches!(one.part, Part::Stretch) {
                height = free / left.max(1);
                free -= height;
                left -= 1;
            }
            if height > rest.size.height {
                break;
            }
            let (bounds, below) = cut_top(rest, height);
            rest = below;
            self.place_one(one, bounds, &mut elements);
        }
        elements
    }

    fn place_one(&self, one: &Sized<'_>, bounds: Rectangle, elements: &mut Vec<Element>) {
        let align = self.align;
        let face = one.face.unwrap_or(self.frame.face(Role::Body, 0));
        let Broken { lines, cut } = one.broken.clone();
        match one.part {
            Part::Text { ink, .. } | Part::Ticking { ink, .. } => {
                if lines.iter().any(|line| !line.is_empty()) {
                    let content = Content::Text { lines, face, ink: *ink, align, cut };
                    elements.push(Element { bounds, content });
                }
            }
            Part::Amount { ink, cursor, .. } => {
                let digits = lines.concat();
                let content =
                    Content::Amount { digits, px: face.px, ink: *ink, align, cursor: *cursor };
                elements.push(Element { bounds, content });
            }
            Part::Figure { figure, ink, back, .. } => {
                let bounds = self.aligned(bounds, Size::new_equal(one.height));
                let content = Content::Figure { figure: *figure, ink: *ink, back: *back };
                elements.push(Element { bounds, content });
            }
            Part::Dial { figure, number, ink, arc, rest, .. } => {
                let bounds = self.aligned(bounds, Size::new_equal(one.height));
                let ring = Content::Figure { figure: *figure, ink: *arc, back: *rest };
                elements.push(Element { bounds, content: ring });
                self.place_number(*number, *ink, bounds, elements);
            }
            Part::Wallet { wallet, pair } => {
                self.place_wallet(*wallet, *pair, face, bounds, elements)
            }
            Part::Band { figure, pair, .. } => {
                self.place_band(figure, *pair, one, bounds, elements)
            }
            Part::Gap(_) | Part::Stretch => {}
        }
    }

    /// A band is as wide as its text, so that it reads as one thing.
    fn place_band(
        &self,
        figure: &Option<Figure>,
        pair: Pair,
        one: &Sized<'_>,
        bounds: Rectangle,
        elements: &mut Vec<Element>,
    ) {
        let gap = self.frame.scale.gap;
        let face = one.face.unwrap_or(self.frame.face(Role::Strong, 0));
        let text_px = one.broken.lines.iter().map(|line| width(line, face)).max().unwrap_or(0);
        let wanted = self.band_left(figure, face) + text_px + gap * 3 / 2;
        let bounds = self.aligned(bounds, Size::new(wanted, bounds.size.height));
        elements.push(Element { bounds, content: Content::Panel { ink: pair.back, radius: gap } });
        let (sign, text) = cut_left(inset(bounds, 0, gap / 2), self.band_left(figure, face));
        if let Some(figure) = figure {
            let bounds = centred(sign, Size::new_equal(face.px * 5 / 4));
            let content = Content::Figure { figure: *figure, ink: pair.strong, back: pair.back };
            elements.push(Element { bounds, content });
        }
        let (bounds, _) = cut_left(text, text.size.width.saturating_sub(gap * 3 / 2));
        let Broken { lines, cut } = one.broken.clone();
        let align = if figure.is_some() { Align::Left } else { self.align };
        let content = Content::Text { lines, face, ink: pair.strong, align, cut };
        elements.push(Element { bounds, content });
    }

    /// The number inside a dial, in a box that stays the same whatever the number: three digits
    /// fit.
    fn place_number(&self, number: u32, ink: Rgb888, ring: Rectangle, elements: &mut Vec<Element>) {
        let face = Face { px: (ring.size.width * 3 / 10).max(1), weight: Weight::Bold };
        let bounds = centred(ring, Size::new(ring.size.width * 2 / 3, face.line_px()));
        let lines = vec![number.min(DIAL_MAX).to_string()];
        let cut = lines.iter().any(|line| width(line, face) > bounds.size.width);
        if bounds.size.height == face.line_px() && !cut {
            let content = Content::Text { lines, face, ink, align: Align::Centre, cut };
            elements.push(Element { bounds, content });
        }
    }

    fn place_wallet(
        &self,
        wallet: Wallet,
        pair: Pair,
        face: Face,
        bounds: Rectangle,
        elements: &mut Vec<Element>,
    ) {
        let pad = face.px * 3 / 4;
        let dot_px = face.px * 4 / 5;
        let name = wallet.name(self.frame.locale);
        let (name_px, line_px) = (width(name, face), face.line_px());
        let pill_px = self.pill_px(wallet, face);
        let pill = self.aligned(bounds, Size::new(pill_px, bounds.size.height));
        let radius = pill.size.height / 2;
        elements.push(Element { bounds: pill, content: Content::Panel { ink: pair.back, radius } });
        let (_, within) = cut_left(pill, pad);
        let (dot, within) = cut_left(within, dot_px);
        let brand = Theme::brand(wallet);
        let content = Content::Figure { figure: Figure::Dot, ink: brand, back: pair.back };
        elements.push(Element { bounds: centred(dot, Size::new_equal(dot_px)), content });
        let (_, within) = cut_left(within, pad / 2);
        let (text, _) = cut_left(within, name_px);
        let bounds = centred(text, Size::new(name_px, line_px));
        let line = shorten(name, face, bounds.size.width);
        let cut = line != name;
        let content =
            Content::Text { lines: vec![line], face, ink: pair.strong, align: Align::Left, cut };
        elements.push(Element { bounds, content });
    }

    /// A box of a size within a part's box, where the column aligns it.
    fn aligned(&self, bounds: Rectangle, size: Size) -> Rectangle {
        let size = size.component_min(bounds.size);
        let free = bounds.size.width - size.width;
        let indent = match self.align {
            Align::Left => 0,
            Align::Centre => free / 2,
            Align::Right => free,
        };
        Rectangle::new(bounds.top_left + Point::new(indent as i32, 0), size)
    }
}
