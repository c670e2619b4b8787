//! Text: fonts, widths, line breaking and the glyph cache.
//!
//! Two subsets of Noto Sans SC are linked in (`assets/make-fonts.sh` says which characters). A bold
//! character that the bold subset lacks comes from the regular one, and one that neither has is
//! drawn as an empty box. Sizes are the em in pixels. Nothing here allocates more than a fixed
//! amount: strings are cut by [`clean`] before they are measured, and the cache is bounded (I15).
//!
//! Lines break between Han characters and at spaces, never before closing punctuation or after
//! opening punctuation; a word longer than a line is broken where it must be. Source: `ui.md`; W3C
//! "Requirements for Chinese Text Layout", 3.1.3.

use std::collections::HashMap;
use std::sync::OnceLock;

use ab_glyph::{Font, FontRef, Glyph, GlyphId, PxScale, point};

/// How heavy the strokes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Weight {
    /// Running text.
    Regular,
    /// Amounts and titles.
    Bold,
}

/// A size and a weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Face {
    /// The em in pixels.
    pub px: u32,
    /// How heavy the strokes are.
    pub weight: Weight,
}

impl Face {
    /// The height of a line's box: room for accents above and descenders below.
    pub(crate) fn line_px(self) -> u32 {
        (self.px * 7).div_ceil(5)
    }

    /// From the top of a line's box down to its baseline. A Han character fills -0.12 to 0.88 em.
    pub(crate) fn baseline_px(self) -> u32 {
        self.line_px() / 2 + (self.px * 38).div_ceil(100)
    }
}

/// Stands for a character that no font has. It is in GB2312, so the regular subset has it.
const MISSING: char = '□';

struct Fonts {
    regular: FontRef<'static>,
    bold: FontRef<'static>,
}

impl Fonts {
    /// The font, and the character's number in it, falling back from bold to regular to
    /// [`MISSING`].
    fn find(&self, character: char, weight: Weight) -> (&FontRef<'static>, GlyphId) {
        if weight == Weight::Bold {
            let id = self.bold.glyph_id(character);
            if id.0 != 0 {
                return (&self.bold, id);
            }
        }
        let id = self.regular.glyph_id(character);
        if id.0 != 0 {
            return (&self.regular, id);
        }
        (&self.regular, self.regular.glyph_id(MISSING))
    }
}

/// Reading a font's tables costs microseconds; its outlines stay where they are linked.
fn fonts() -> &'static Fonts {
    static FONTS: OnceLock<Fonts> = OnceLock::new();
    FONTS.get_or_init(|| Fonts {
        regular: FontRef::try_from_slice(include_bytes!("../assets/NotoSansSC-Regular-subset.otf"))
            .expect("the regular font that is linked in can be read"),
        bold: FontRef::try_from_slice(include_bytes!("../assets/NotoSansSC-Bold-subset.otf"))
            .expect("the bold font that is linked in can be read"),
    })
}

/// Whether a weight's own subset can draw a character without falling back.
#[cfg(test)]
pub(crate) fn has_glyph(character: char, weight: Weight) -> bool {
    let fonts = fonts();
    let font = match weight {
        Weight::Regular => &fonts.regular,
        Weight::Bold => &fonts.bold,
    };
    font.glyph_id(character).0 != 0
}

/// The face to draw a text in: a bold text with a character that only the regular font has is drawn
/// all in regular, because a line of two weights looks broken.
pub(crate) fn face_for(text: &str, face: Face) -> Face {
    let bold = &fonts().bold;
    if face.weight == Weight::Bold && text.chars().any(|c| bold.glyph_id(c).0 == 0) {
        return Face { weight: Weight::Regular, ..face };
    }
    face
}

/// ab_glyph's scale is the font's whole height; ours is the em.
fn scale(font: &FontRef<'static>, px: u32) -> PxScale {
    let em = font.units_per_em().unwrap_or(1000.0);
    PxScale::from(px as f32 * font.height_unscaled() / em)
}

/// How far the pen moves on after a character.
fn advance(character: char, face: Face) -> f32 {
    let (font, id) = fonts().find(character, face.weight);
    let em = font.units_per_em().unwrap_or(1000.0);
    font.h_advance_unscaled(id) * face.px as f32 / em
}

/// The width of a line, rounded up.
pub(crate) fn width(line: &str, face: Face) -> u32 {
    line.chars().map(|c| advance(c, face)).sum::<f32>().ceil() as u32
}

/// Makes a string from outside fit to be drawn: at most `max_chars` characters, controls become
/// spaces, marks that take no room are left out, runs of spaces become one.
pub(crate) fn clean(raw: &str, max_chars: usize) -> String {
    let mut cleaned = String::new();
    let mut count = 0;
    // What is left out is bounded too: a string of nothing but marks ends the walk.
    for character in raw.chars().take(max_chars.saturating_mul(4)) {
        // Joiners, directions, variation selectors, combining accents, tags.
        let invisible = matches!(
            character,
            '\u{00AD}' | '\u{061C}'
                | '\u{200B}'..='\u{200F}'
                | '\u{202A}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{FE00}'..='\u{FE0F}'
                | '\u{FEFF}'
                | '\u{0300}'..='\u{036F}'
                | '\u{20D0}'..='\u{20FF}'
                | '\u{E0000}'..='\u{E0FFF}'
        );
        if invisible {
            continue;
        }
        let blank = character.is_control() || character.is_whitespace();
        if blank && (cleaned.is_empty() || cleaned.ends_with(' ')) {
            continue;
        }
        if count == max_chars {
            cleaned.push('…');
            break;
        }
        cleaned.push(if blank { ' ' } else { character });
        count += 1;
    }
    cleaned.truncate(cleaned.trim_end().len());
    cleaned
}

/// Lines that fit, and whether something had to be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Broken {
    /// From top to bottom.
    pub lines: Vec<String>,
    /// The last line ends in "…".
    pub cut: bool,
}

/// Breaks a text into at most `max_lines` lines of at most `max_px`, as even in length as they can
/// be.
pub(crate) fn break_lines(text: &str, face: Face, max_px: u32, max_lines: usize) -> Broken {
    let mut lines = break_greedily(text, face, max_px);
    if lines.len() > max_lines.max(1) {
        lines.truncate(max_lines.max(1));
        if let Some(last) = lines.last_mut() {
            *last = shorten(&format!("{last}…"), face, max_px);
        }
        return Broken { lines, cut: true };
    }
    // A lone character on the last line looks like a mistake: narrow the column while the count
    // stays.
    if lines.len() > 1 {
        let (mut low, mut high) = (max_px / 2, max_px);
        while high - low > face.px / 4 + 1 {
            let middle = low.midpoint(high);
            let narrower = break_greedily(text, face, middle);
            if narrower.len() == lines.len() && narrower.iter().all(|l| width(l, face) <= middle) {
                (lines, high) = (narrower, middle);
            } else {
                low = middle;
            }
        }
    }
    Broken { lines, cut: false }
}

/// Cuts a line until it fits with a trailing "…". A line that fits stays as it is.
pub(crate) fn shorten(line: &str, face: Face, max_px: u32) -> String {
    if width(line, face) <= max_px {
        return line.to_owned();
    }
    let room = max_px as f32 - advance('…', face);
    let mut used = 0.0;
    let kept: String = line
        .chars()
        .take_while(|&c| {
            used += advance(c, face);
            used <= room
        })
        .collect();
    if kept.is_empty() && room < 0.0 {
        String::new()
    } else {
        format!("{}…", kept.trim_end_matches([' ', '…']))
    }
}

/// Breaks a text into lines of at most `max_px`, each as full as it can be.
pub(crate) fn break_greedily(text: &str, face: Face, max_px: u32) -> Vec<String> {
    let max = max_px as f32;
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0.0_f32;
    for piece in pieces(text) {
        let solid = piece.trim_end();
        let solid_px: f32 = solid.chars().map(|c| advance(c, face)).sum();
        let piece_px: f32 = piece.chars().map(|c| advance(c, face)).sum();
        if used + solid_px > max && !line.is_empty() {
            lines.push(line.trim_end().to_owned());
            line.clear();
            used = 0.0;
        }
        if solid_px <= max {
            line.push_str(piece);
            used += piece_px;
            continue;
        }
        for character in piece.chars() {
            let step = advance(character, face);
            if used + step > max && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            line.push(character);
            used += step;
        }
    }
    if !line.trim_end().is_empty() || lines.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// The parts of a text that must not be torn, with the spaces that follow them.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, character) in text.char_indices() {
        if before.is_some_and(|before| may_break(before, character)) {
            pieces.push(&text[start..at]);
            start = at;
        }
        before = Some(character);
    }
    if start < text.len() {
        pieces.push(&text[start..]);
    }
    pieces
}

fn may_break(before: char, after: char) -> bool {
    if after == ' '
        || "，。！？、：；）》”’…·,.!?:;)%".contains(after)
        || "（《“‘(".contains(before)
    {
        return false;
    }
    before == ' ' || is_wide(before) || is_wide(after) || "/-：".contains(before)
}

/// Han characters, kana and full-width signs, between which a line may end.
fn is_wide(character: char) -> bool {
    matches!(character, '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FE30}'..='\u{FE4F}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}')
}

/// A drawn character: how much of each pixel it covers.
#[derive(Debug, Default)]
pub(crate) struct Coverage {
    /// From the pen to the left edge.
    pub left: i32,
    /// From the baseline to the upper edge; negative is above.
    pub top: i32,
    /// Pixels across.
    pub width: u32,
    /// Row by row, 0 to 255.
    pub alpha: Vec<u8>,
}

/// The pen moves in quarters of a pixel, or Latin text would be spaced unevenly.
const STEPS: u32 = 4;

/// When this many bytes of coverage were drawn, characters unused since the last time are
/// forgotten.
const GENERATION_BYTES: usize = 512 * 1024;

type Key = (char, Face, u8);

/// Characters drawn before, in two generations: at most twice [`GENERATION_BYTES`] and a glyph.
#[derive(Debug, Default)]
pub(crate) struct GlyphCache {
    young: HashMap<Key, Coverage>,
    old: HashMap<Key, Coverage>,
    young_bytes: usize,
}

impl GlyphCache {
    /// Calls `draw` for each character of a line with its pen position in whole pixels from the
    /// line's start.
    pub(crate) fn line(&mut self, line: &str, face: Face, mut draw: impl FnMut(i32, &Coverage)) {
        let mut pen = 0.0_f32;
        for character in line.chars() {
            let quarters = (pen * STEPS as f32).round() as i32;
            let whole = quarters.div_euclid(STEPS as i32);
            let step = quarters.rem_euclid(STEPS as i32) as u8;
            draw(whole, self.get((character, face, step)));
            pen += advance(character, face);
        }
    }

    fn get(&mut self, key: Key) -> &Coverage {
        if !self.young.contains_key(&key) {
            let coverage = self.old.remove(&key).unwrap_or_else(|| rasterize(key));
            let bytes = coverage.alpha.len() + size_of::<(Key, Coverage)>();
            if self.young_bytes + bytes > GENERATION_BYTES {
                self.old = std::mem::take(&mut self.young);
                self.young_bytes = 0;
            }
            self.young_bytes += bytes;
            self.young.insert(key, coverage);
        }
        self.young.entry(key).or_default()
    }

    #[cfg(test)]
    pub(crate) fn bytes(&self) -> usize {
        let kept = self.young.values().chain(self.old.values());
        kept.map(|coverage| coverage.alpha.len() + size_of::<(Key, Coverage)>()).sum()
    }
}

/// How much of a pixel is covered, in sixteen steps: finer ones cannot be seen, and few colours
/// keep pictures of the screen small.
pub(crate) fn soften(covered: f32) -> u8 {
    (covered.clamp(0.0, 1.0) * 15.0).round() as u8 * 17
}

fn rasterize((character, face, step): Key) -> Coverage {
    let (font, id) = fonts().find(character, face.weight);
    let offset = f32::from(step) / STEPS as f32;
    let glyph = Glyph { id, scale: scale(font, face.px), position: point(offset, 0.0) };
    let Some(outline) = font.outline_glyph(glyph) else {
        return Coverage::default();
    };
    let bounds = outline.px_bounds();
    let width = bounds.width().ceil() as u32;
    let height = bounds.height().ceil() as u32;
    let mut alpha = vec![0; width as usize * height as usize];
    outline.draw(|x, y, covered| {
        if let Some(pixel) = alpha.get_mut(y as usize * width as usize + x as usize) {
            *pixel = soften(covered);
        }
    });
    Coverage { left: bounds.min.x as i32, top: bounds.min.y as i32, width, alpha }
}

#[cfg(test)]
#[path = "text/tests.rs"]
mod tests;
