//! Text in one bit per dot, for paper: the screen's font for whatever has none.
//!
//! Owns a glyph cache of its own, bounded as the screen's is, and text is cut as it is there (I15).

use crate::text::{Face, GlyphCache, Weight, break_greedily, clean, face_for, width};

/// Characters of one text; what is beyond is left out.
const CHARS_MAX: usize = 2_000;

/// How much of a dot has to be covered, of 255. Less than half: the thin strokes of small
/// characters would break.
const COVERED_MIN: u8 = 102;

/// A line of text as dots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask {
    width: u32,
    height: u32,
    dots: Vec<bool>,
}

impl Mask {
    /// Dots across.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Dots from top to bottom.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The dots that are black, from the upper left corner.
    pub fn black(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        let places = (0..self.height).flat_map(|y| (0..self.width).map(move |x| (x, y)));
        places.zip(&self.dots).filter_map(|(place, black)| black.then_some(place))
    }

    fn set(&mut self, x: i64, y: i64) {
        if (0..i64::from(self.width)).contains(&x) && (0..i64::from(self.height)).contains(&y) {
            let index = y * i64::from(self.width) + x;
            if let Some(dot) = usize::try_from(index).ok().and_then(|at| self.dots.get_mut(at)) {
                *dot = true;
            }
        }
    }
}

/// Draws text as dots.
#[derive(Debug, Default)]
pub struct Lettering {
    glyphs: GlyphCache,
}

impl Lettering {
    /// The text in lines from top to bottom, each as wide as it needs to be and at most `max_px`;
    /// `px` is the size of a Chinese character. At least one line, which may be empty.
    pub fn lines(&mut self, text: &str, px: u32, bold: bool, max_px: u32) -> Vec<Mask> {
        let text = clean(text, CHARS_MAX);
        let weight = if bold { Weight::Bold } else { Weight::Regular };
        let face = face_for(&text, Face { px, weight });
        let lines = break_greedily(&text, face, max_px);
        lines.iter().map(|line| self.line(line, face, max_px)).collect()
    }

    fn line(&mut self, line: &str, face: Face, max_px: u32) -> Mask {
        let (width, height) = (width(line, face).min(max_px), face.line_px());
        let mut mask = Mask { width, height, dots: vec![false; (width * height) as usize] };
        let baseline = i64::from(face.baseline_px());
        self.glyphs.line(line, face, |pen, glyph| {
            let across = glyph.width.max(1) as usize;
            for (at, _) in glyph.alpha.iter().enumerate().filter(|(_, a)| **a >= COVERED_MIN) {
                let x = i64::from(pen) + i64::from(glyph.left) + (at % across) as i64;
                mask.set(x, baseline + i64::from(glyph.top) + (at / across) as i64);
            }
        });
        mask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(mask: &Mask) -> String {
        let black: std::collections::HashSet<_> = mask.black().collect();
        let row = |y| (0..mask.width()).map(move |x| (x, y));
        let rows = (0..mask.height()).map(|y| {
            let dots = row(y).map(|dot| if black.contains(&dot) { '#' } else { '.' });
            dots.collect::<String>()
        });
        rows.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_character_is_drawn_whole_and_black() {
        let lines = Lettering::default().lines("口", 24, false, 384);
        assert_eq!((lines.len(), lines[0].width(), lines[0].height()), (1, 24, 34));
        let black: Vec<(u32, u32)> = lines[0].black().collect();
        let edge = |pick: fn(&(u32, u32)) -> u32| {
            (black.iter().map(pick).min().unwrap(), black.iter().map(pick).max().unwrap())
        };
        // A box: its middle is white, and all of it lies inside the line.
        assert!(edge(|dot| dot.0).0 >= 1 && edge(|dot| dot.0).1 <= 22, "{}", picture(&lines[0]));
        assert!(edge(|dot| dot.1).0 >= 4 && edge(|dot| dot.1).1 <= 30, "{}", picture(&lines[0]));
        assert!(!black.contains(&(12, 17)), "{}", picture(&lines[0]));
    }

    #[test]
    fn the_yuan_sign_and_bold_have_dots_of_their_own() {
        let mut lettering = Lettering::default();
        let plain = lettering.lines("¥", 24, false, 384);
        let bold = lettering.lines("¥", 24, true, 384);
        assert!(plain[0].black().count() < bold[0].black().count());
        assert_ne!(plain, lettering.lines("□", 24, false, 384), "a box stands for no character");
    }

    #[test]
    fn lines_break_where_they_must_and_nothing_is_wider_than_the_paper() {
        let mut lettering = Lettering::default();
        let lines = lettering.lines(&"一二三".repeat(10), 24, false, 384);
        assert_eq!(lines.len(), 2);
        for (text, max_px) in [("一", 10), ("", 384), ("wwwwwww", 1)] {
            let lines = lettering.lines(text, 48, true, max_px);
            assert!(!lines.is_empty());
            assert!(lines.iter().all(|line| line.width() <= max_px), "{text}");
        }
        let long = lettering.lines(&"口".repeat(100_000), 24, false, 384);
        assert!(long.len() <= 126, "{}", long.len());
    }
}
