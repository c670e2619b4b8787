//! Compares two lists of elements and redraws what differs.
//!
//! Owns the glyph cache and the canvas, both bounded by the screen's size. A second that passes
//! changes one small element, so it touches that element's pixels only. Source: `ui.md`.

use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;

use crate::canvas::Canvas;
use crate::element::Element;
use crate::layout::Frame;
use crate::locale::Locale;
use crate::screen::Screen;
use crate::screens;
use crate::text::GlyphCache;
use crate::theme::Theme;

/// Paints screens onto a draw target of a fixed size.
#[derive(Debug)]
pub struct Painter {
    frame: Frame,
    painted: Option<Vec<Element>>,
    canvas: Canvas,
    cache: GlyphCache,
}

impl Painter {
    /// A painter for a target of `size` pixels on which nothing has been painted.
    pub fn new(size: Size, locale: Locale, theme: Theme) -> Painter {
        Painter {
            frame: Frame::new(size, locale, theme),
            painted: None,
            canvas: Canvas::default(),
            cache: GlyphCache::default(),
        }
    }

    /// Draws what differs from the last painted screen; returns the rectangles that it touched.
    ///
    /// # Errors
    ///
    /// Whatever the target fails with. The next paint then draws all.
    pub fn paint<D>(&mut self, screen: &Screen, target: &mut D) -> Result<Vec<Rectangle>, D::Error>
    where
        D: DrawTarget<Color = Rgb888>,
    {
        let elements = screens::elements(&self.frame, screen);
        let touched = match self.painted.take() {
            Some(before) => differences(&before, &elements, self.frame.bounds()),
            None => vec![self.frame.bounds()],
        };
        for &area in &touched {
            self.canvas.begin(area, self.frame.theme.page.back);
            for element in &elements {
                if !element.bounds.intersection(&area).is_zero_sized() {
                    element.draw(&mut self.canvas, &mut self.cache);
                }
            }
            self.canvas.flush(target)?;
        }
        self.painted = Some(elements);
        Ok(touched)
    }

    /// Makes the next paint draw all, because something else has drawn on the target.
    pub fn invalidate(&mut self) {
        self.painted = None;
    }

    /// Changes the language; the next paint redraws what reads differently.
    pub fn set_locale(&mut self, locale: Locale) {
        self.frame.locale = locale;
    }

    /// The language that it paints in.
    pub fn locale(&self) -> Locale {
        self.frame.locale
    }
}

/// The boxes of what has come, gone or changed, none of them overlapping.
fn differences(before: &[Element], after: &[Element], screen: Rectangle) -> Vec<Rectangle> {
    let gone = before.iter().filter(|element| !after.contains(element));
    let come = after.iter().filter(|element| !before.contains(element));
    let mut areas: Vec<Rectangle> = Vec::new();
    for element in gone.chain(come) {
        let mut area = element.bounds.intersection(&screen);
        if area.is_zero_sized() {
            continue;
        }
        // Joining two may make the result touch a third.
        while let Some(at) =
            areas.iter().position(|other| !other.intersection(&area).is_zero_sized())
        {
            area = hull(area, areas.swap_remove(at));
        }
        areas.push(area);
    }
    areas
}

/// The smallest rectangle round both.
fn hull(one: Rectangle, other: Rectangle) -> Rectangle {
    let top_left = one.top_left.component_min(other.top_left);
    let end = (one.top_left + one.size).component_max(other.top_left + other.size);
    Rectangle::new(top_left, Size::new((end.x - top_left.x) as u32, (end.y - top_left.y) as u32))
}
