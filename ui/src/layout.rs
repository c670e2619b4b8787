//! Boxes, the type scale, and the column that makes texts fit.
//!
//! One engine for all sizes: a screen is a [`Column`] of parts (or two, side by side, when the body
//! is wide). A column that does not fit is laid again denser, step by step: smaller titles and
//! amounts, smaller signs, smaller gaps, and at last without the parts that are not vital. Nothing
//! is clipped or overlaps; a text that still has no room ends in "…". Source: `ui.md` (sizes, type
//! scale).

mod column;

use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;

use crate::locale::{Locale, Text};
use crate::text::{Face, Weight};
use crate::theme::Theme;

pub(crate) use column::{Column, Part};

/// The few sizes that there are, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scale {
    /// Hints and small print; the smallest there is.
    pub caption: u32,
    /// Running text.
    pub body: u32,
    /// What the screen is about.
    pub title: u32,
    /// The biggest thing on every money screen.
    pub amount: u32,
    /// Between parts.
    pub gap: u32,
}

impl Scale {
    fn new(size: Size) -> Scale {
        let short = size.width.min(size.height);
        match short {
            0..256 => Scale { caption: 14, body: 16, title: 22, amount: 54, gap: 6 },
            256..400 => Scale { caption: 16, body: 18, title: 26, amount: 64, gap: 8 },
            400..700 => Scale { caption: 20, body: 24, title: 36, amount: 100, gap: 14 },
            // Beyond that, everything grows with the screen.
            _ => {
                let grow = |px: u32| px * (short.min(2160) / 24) / 20;
                Scale {
                    caption: grow(20),
                    body: grow(24),
                    title: grow(36),
                    amount: grow(100),
                    gap: grow(14),
                }
            }
        }
    }
}

/// What a text is for decides its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Hints and small print.
    Caption,
    /// Running text.
    Body,
    /// Running text that matters.
    Strong,
    /// What the screen is about.
    Title,
    /// How a sale ended.
    Result,
}

/// The densest step; see [`Frame::face`].
pub(crate) const DENSEST: u32 = 3;

/// All that a screen needs to know to be laid out.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    size: Size,
    /// Sizes of text and gaps.
    pub scale: Scale,
    /// The language.
    pub locale: Locale,
    /// The colours.
    pub theme: Theme,
}

impl Frame {
    /// A frame for a screen of `size` pixels; more than 8192 a side are not used.
    pub(crate) fn new(size: Size, locale: Locale, theme: Theme) -> Frame {
        let size = Size::new(size.width.min(8192), size.height.min(8192));
        Frame { size, scale: Scale::new(size), locale, theme }
    }

    /// The words of a text in the screen's language.
    pub(crate) fn say(&self, text: Text) -> &'static str {
        text.text(self.locale)
    }

    /// The whole screen.
    pub(crate) fn bounds(&self) -> Rectangle {
        Rectangle::new(Point::zero(), self.size)
    }

    /// The status bar.
    pub(crate) fn bar(&self) -> Rectangle {
        cut_top(self.bounds(), self.bar_px()).0
    }

    /// All but the status bar.
    pub(crate) fn body(&self) -> Rectangle {
        cut_top(self.bounds(), self.bar_px()).1
    }

    fn bar_px(&self) -> u32 {
        Face { px: self.scale.caption, weight: Weight::Regular }.line_px() + self.scale.gap * 2 / 3
    }

    /// Whether two columns stand side by side.
    pub(crate) fn is_wide(&self) -> bool {
        self.size.width * 4 > self.size.height * 5
    }

    /// The face of a role at a density from 0 to [`DENSEST`]. Captions do not shrink.
    pub(crate) fn face(&self, role: Role, density: u32) -> Face {
        let Scale { caption, body, title, .. } = self.scale;
        let (full, least, weight) = match role {
            Role::Caption => (caption, caption, Weight::Regular),
            Role::Body => (body, caption, Weight::Regular),
            Role::Strong => (body, caption, Weight::Bold),
            Role::Result => (title * 4 / 3, title.midpoint(body), Weight::Bold),
            Role::Title => (title, title.midpoint(body), Weight::Bold),
        };
        Face { px: full - (full - least) * density.min(DENSEST) / DENSEST, weight }
    }
}

/// The upper `px` of a box, and the rest.
pub(crate) fn cut_top(area: Rectangle, px: u32) -> (Rectangle, Rectangle) {
    let px = px.min(area.size.height);
    let upper = Rectangle::new(area.top_left, Size::new(area.size.width, px));
    let rest = Rectangle::new(
        area.top_left + Point::new(0, px as i32),
        Size::new(area.size.width, area.size.height - px),
    );
    (upper, rest)
}

/// All but the lower `px` of a box, and those.
pub(crate) fn cut_bottom(area: Rectangle, px: u32) -> (Rectangle, Rectangle) {
    cut_top(area, area.size.height - px.min(area.size.height))
}

/// The left `px` of a box, and the rest.
pub(crate) fn cut_left(area: Rectangle, px: u32) -> (Rectangle, Rectangle) {
    let px = px.min(area.size.width);
    let left = Rectangle::new(area.top_left, Size::new(px, area.size.height));
    let rest = Rectangle::new(
        area.top_left + Point::new(px as i32, 0),
        Size::new(area.size.width - px, area.size.height),
    );
    (left, rest)
}

/// A box without a margin.
pub(crate) fn inset(area: Rectangle, x_px: u32, y_px: u32) -> Rectangle {
    let x = x_px.min(area.size.width / 2);
    let y = y_px.min(area.size.height / 2);
    Rectangle::new(
        area.top_left + Point::new(x as i32, y as i32),
        Size::new(area.size.width - 2 * x, area.size.height - 2 * y),
    )
}

/// A box of a size in the middle of another, no larger than that.
pub(crate) fn centred(area: Rectangle, size: Size) -> Rectangle {
    let size = size.component_min(area.size);
    let free = area.size - size;
    Rectangle::new(
        area.top_left + Point::new((free.width / 2) as i32, (free.height / 2) as i32),
        size,
    )
}
