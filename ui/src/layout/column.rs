//! Parts from top to bottom, made to fit.

use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;

use super::{DENSEST, Frame, Role, centred, cut_left, cut_top, inset};
use crate::element::{Align, Content, Element, amount_height, amount_width};
use crate::figure::Figure;
use crate::screen::Wallet;
use crate::text::{Broken, Face, Weight, break_lines, clean, face_for, shorten, width};
use crate::theme::{Pair, Theme};

/// The longest text that is looked at; more would not fit any screen.
const TEXT_CHARS: usize = 240;
/// The longest amount: u64 fen and a point are 21.
const AMOUNT_CHARS: usize = 24;
/// The largest number that is shown in a dial.
const DIAL_MAX: u32 = 999;
/// Up to this density a column keeps its small print.
const AIRY: u32 = 1;
/// A text never takes more lines.
const LINES: usize = 6;

/// Something in a column.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    /// Lines of text.
    Text {
        /// Any text.
        text: String,
        /// What it is for.
        role: Role,
        /// Its colour.
        ink: Rgb888,
        /// It stays when there is no room for all.
        vital: bool,
    },
    /// One line in a box as wide as the column, whatever it says: seconds.
    Ticking {
        /// Digits and a few words.
        text: String,
        /// What it is for.
        role: Role,
        /// Its colour.
        ink: Rgb888,
    },
    /// `¥` and digits, as big as the width allows.
    Amount {
        /// Digits and a point.
        digits: String,
        /// Its colour.
        ink: Rgb888,
        /// The colour of the cursor.
        cursor: Option<Rgb888>,
    },
    /// A sign.
    Figure {
        /// Which.
        figure: Figure,
        /// Its side at full size.
        side_px: u32,
        /// Its colour.
        ink: Rgb888,
        /// What is cut out of it.
        back: Rgb888,
    },
    /// A dial with a number in it.
    Dial {
        /// The ring.
        figure: Figure,
        /// The number; the words beside the dial say those above 999.
        number: u32,
        /// Its side at full size.
        side_px: u32,
        /// The number's colour.
        ink: Rgb888,
        /// The arc's colour.
        arc: Rgb888,
        /// The rest of the ring.
        rest: Rgb888,
    },
    /// A wallet: a dot in its colour and its name on a surface.
    Wallet {
        /// Whose.
        wallet: Wallet,
        /// The surface.
        pair: Pair,
    },
    /// A surface with a sign and a text that must not be missed.
    Band {
        /// The text.
        text: String,
        /// The sign.
        figure: Option<Figure>,
        /// The surface.
        pair: Pair,
    },
    /// Some gaps' height.
    Gap(u32),
    /// As much height as is left.
    Stretch,
}

/// Parts from top to bottom.
#[derive(Clone, Debug)]
pub(crate) struct Column<'a> {
    frame: &'a Frame,
    align: Align,
    parts: Vec<Part>,
}

/// A part that knows how high it is.
struct Sized<'p> {
    part: &'p Part,
    height: u32,
    face: Option<Face>,
    broken: Broken,
}

impl<'a> Column<'a> {
    /// An empty column.
    pub(crate) fn new(frame: &'a Frame, align: Align) -> Column<'a> {
        Column { frame, align, parts: Vec::new() }
    }

    /// Adds a part below.
    pub(crate) fn add(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }

    /// Adds a text that stays when there is no room for all.
    pub(crate) fn text(self, text: impl Into<String>, role: Role, ink: Rgb888) -> Self {
        self.add(Part::Text { text: text.into(), role, ink, vital: true })
    }

    /// Adds a text that goes when there is no room for all.
    pub(crate) fn aside(self, text: impl Into<String>, role: Role, ink: Rgb888) -> Self {
        self.add(Part::Text { text: text.into(), role, ink, vital: false })
    }

    /// Adds an amount.
    pub(crate) fn amount(self, digits: &str, ink: Rgb888) -> Self {
        self.add(Part::Amount { digits: digits.to_owned(), ink, cursor: None })
    }

    /// Adds some gaps' height.
    pub(crate) fn gap(self, gaps: u32) -> Self {
        self.add(Part::Gap(gaps))
    }

    /// Adds as much height as is left.
    pub(crate) fn stretch(self) -> Self {
        self.add(Part::Stretch)
    }

    /// The same column in the middle of the height.
    pub(crate) fn middle(mut self) -> Self {
        self.parts.insert(0, Part::Stretch);
        self.stretch()
    }

    /// The same column in the middle of the height, under a sign.
    pub(crate) fn under(mut self, sign: Part) -> Self {
        self.parts.splice(0..0, [Part::Stretch, sign, Part::Gap(2)]);
        self.stretch()
    }

    /// Lays the column into a box: as airy as fits.
    pub(crate) fn lay(&self, area: Rectangle) -> Vec<Element> {
        let mut kept: Vec<&Part> = self.parts.iter().collect();
        for density in 0..=DENSEST {
            // What matters stays large rather than small print stays.
            if density > AIRY {
                kept.retain(|part| !part.is_aside());
            }
            let sized = self.size(&kept, density, area.size.width, LINES);
            if height(&sized) <= area.size.height && sized.iter().all(|one| !one.broken.cut) {
                return self.place(&sized, area);
            }
        }
        for lines in (1..=LINES).rev() {
            // First without what is not vital, from the bottom up, then with fewer lines.
            loop {
                let sized = self.size(&kept, DENSEST, area.size.width, lines);
                if height(&sized) <= area.size.height {
                    return self.place(&sized, area);
                }
                match kept.iter().rposition(|part| !part.is_vital()) {
                    Some(at) => drop(kept.remove(at)),
                    None => break,
                }
            }
        }
        let sized = self.size(&kept, DENSEST, area.size.width, 1);
        self.place(&sized, area)
    }

    fn size<'p>(
        &self,
        parts: &[&'p Part],
        density: u32,
        room: u32,
        lines: usize,
    ) -> Vec<Sized<'p>> {
        parts.iter().map(|part| self.size_one(part, density, room, lines)).collect()
    }

    fn size_one<'p>(&self, part: &'p Part, density: u32, room: u32, lines: usize) -> Sized<'p> {
        let frame = self.frame;
        let plain = |height| Sized { part, height, face: None, broken: Broken::default() };
        match part {
            Part::Text { text, role, .. } => {
                let text = clean(text, TEXT_CHARS);
                let face = face_for(&text, frame.face(*role, density));
                let broken = break_lines(&text, face, room, lines);
                Sized {
                    part,
                    height: broken.lines.len() as u32 * face.line_px(),
                    face: Some(face),
                    broken,
                }
            }
            Part::Ticking { text, role, .. } => {
                let face = frame.face(*role, density);
                let line = shorten(&clean(text, TEXT_CHARS), face, room);
                let broken = Broken { cut: line.ends_with('…'), lines: vec![line] };
                Sized { part, height: face.line_px(), face: Some(face), broken }
            }
            Part::Amount { digits, .. } => {
                let shrunk = frame.scale.amount * (6 - density) / 6;
                let least = frame.scale.caption;
                let digits = clean(digits, AMOUNT_CHARS);
                let mut px = shrunk.max(least);
                while px > least && amount_width(&digits, px) > room {
                    px = (px * 15 / 16).max(least);
                }
                let cut = amount_width(&digits, px) > room;
                let face = Face { px, weight: Weight::Bold };
                Sized {
                    part,
                    height: amount_height(px),
                    face: Some(face),
                    broken: Broken { lines: vec![digits], cut },
                }
            }
            Part::Figure { side_px, .. } | Part::Dial { side_px, .. } => {
                plain((side_px * (6 - density) / 6).min(room))
            }
            Part::Wallet { wallet, .. } => {
                let mut face = frame.face(Role::Body, density);
                if self.pill_px(*wallet, face) > room {
                    face = frame.face(Role::Caption, density);
                }
                Sized {
                    height: face.line_px() + frame.scale.gap * 2 / 3,
                    face: Some(face),
                    ..plain(0)
                }
            }
            Part::Band { text, figure, .. } => {
                let face = frame.face(Role::Strong, density);
                let room =
                    room.saturating_sub(self.band_left(figure, face) + frame.scale.gap * 3 / 2);
                let broken = break_lines(&clean(text, TEXT_CHARS), face, room, lines);
                let height = broken.lines.len() as u32 * face.line_px() + frame.scale.gap;
                Sized { part, height, face: Some(face), broken }
            }
            Part::Gap(gaps) => plain(gaps * frame.scale.gap * (5 - density) / 5),
            Part::Stretch => plain(0),
        }
    }

    /// The width of a wallet's surface.
    fn pill_px(&self, wallet: Wallet, face: Face) -> u32 {
        face.px * 3 / 4 * 2
            + face.px * 4 / 5
            + face.px * 3 / 8
            + width(wallet.name(self.frame.locale), face)
    }

    /// The width of a band left of its text.
    fn band_left(&self, figure: &Option<Figure>, face: Face) -> u32 {
        let gap = self.frame.scale.gap;
        if figure.is_some() { gap * 2 + face.px * 5 / 4 } else { gap * 3 / 2 }
    }

    fn place(&self, sized: &[Sized<'_>], area: Rectangle) -> Vec<Element> {
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
        let content = Content::Text { lines, face, ink: pair.strong, align: Align::Left, cut };
        elements.push(Element { bounds, content });
    }

    /// The number inside a dial, in a box that stays the same whatever the number: three digits fit.
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

impl Part {
    /// Small print, which goes before what matters gets much smaller.
    fn is_aside(&self) -> bool {
        matches!(self, Part::Text { vital: false, .. })
    }

    fn is_vital(&self) -> bool {
        match self {
            Part::Text { vital, .. } => *vital,
            Part::Ticking { .. }
            | Part::Amount { .. }
            | Part::Band { .. }
            | Part::Wallet { .. } => true,
            Part::Figure { .. } | Part::Dial { .. } | Part::Gap(_) | Part::Stretch => false,
        }
    }
}

fn height(sized: &[Sized<'_>]) -> u32 {
    sized.iter().map(|one| one.height).sum()
}
