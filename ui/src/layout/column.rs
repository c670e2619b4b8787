//! Parts from top to bottom, made to fit. Sizes are found here; `place` turns them into elements.

mod place;

use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::Rectangle;

use super::{DENSEST, Frame, Role};
use crate::element::{Align, Element, amount_height, amount_width};
use crate::figure::Figure;
use crate::screen::Wallet;
use crate::text::{Broken, Face, Weight, break_lines, clean, face_for, shorten, width};
use crate::theme::Pair;

/// The longest text that is looked at; more would not fit any screen.
const TEXT_CHARS: usize = 240;
/// The longest amount: u64 fen and a point are 21.
const AMOUNT_CHARS: usize = 24;
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
        /// What it is for.
        role: Role,
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
            if fits(&sized, area) {
                return self.place(&sized, area);
            }
            if density == AIRY
                && let Some(sized) = self.with_less_small_print(&kept, area)
            {
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
        self.place(&self.as_many_as_fit(sized, area), area)
    }

    /// The column with each piece of small print on one line, and without the last ones of it.
    fn with_less_small_print<'p>(
        &self,
        parts: &[&'p Part],
        area: Rectangle,
    ) -> Option<Vec<Sized<'p>>> {
        let mut kept = parts.to_vec();
        loop {
            let sized: Vec<Sized<'p>> = kept
                .iter()
                .map(|part| {
                    let lines = if part.is_aside() { 1 } else { LINES };
                    let mut one = self.size_one(part, AIRY, area.size.width, lines);
                    // That small print is cut short is no reason to make the rest smaller.
                    one.broken.cut &= !part.is_aside();
                    one
                })
                .collect();
            if fits(&sized, area) {
                return Some(sized);
            }
            let last = kept.iter().rposition(|part| part.is_aside())?;
            kept.remove(last);
        }
    }

    /// The upper parts; the last text among them says by "…" that there would be more.
    fn as_many_as_fit<'p>(&self, mut sized: Vec<Sized<'p>>, area: Rectangle) -> Vec<Sized<'p>> {
        let all = sized.len();
        while height(&sized) > area.size.height && sized.pop().is_some() {}
        if sized.len() < all
            && let Some(Sized { face: Some(face), broken, .. }) =
                sized.iter_mut().rfind(|one| matches!(one.part, Part::Text { .. }))
            && let Some(line) = broken.lines.last_mut()
        {
            *line = shorten(&format!("{line} …"), *face, area.size.width);
            broken.cut = true;
        }
        sized
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
            Part::Band { text, figure, role, .. } => {
                let face = frame.face(*role, density);
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

fn fits(sized: &[Sized<'_>], area: Rectangle) -> bool {
    height(sized) <= area.size.height && sized.iter().all(|one| !one.broken.cut)
}

fn height(sized: &[Sized<'_>]) -> u32 {
    sized.iter().map(|one| one.height).sum()
}
