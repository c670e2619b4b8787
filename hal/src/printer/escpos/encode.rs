//! A job as the bytes of an ESC/POS printer, a line at a time, so that memory holds no more (I15).
//!
//! Pure. Bytes come from the `escpos` crate as far as it knows them; text in Chinese and dots are
//! added here. What no code page of the printer has is drawn.
//!
//! `¥` (U+00A5) is never sent as one byte: 0x5C is a backslash in every character set but Japan's.
//! In Chinese it is the full-width `￥`, A3A4; otherwise it is drawn. Character set and code page
//! are set with each job, because what the printer was left with is not known.
//!
//! Sources: Epson, "ESC/POS Command Reference": ESC @, ESC t, ESC R, ESC E, ESC a, ESC d, GS !,
//! FS &, FS ., FS !, GS v 0, GS V, GS a, GS r; GB 18030-2005, two-byte part (GBK).

use std::cell::RefCell;

use encoding_rs::GBK;
use escpos::driver::Driver;
use escpos::printer::Printer as Script;
use escpos::utils::{CharacterSet, JustifyMode, PageCode, Protocol};

use super::Encoding;
use crate::printer::raster::{self, Bitmap, TextRaster};
use crate::printer::text::{printable, wrap};
use crate::printer::{Align, PrintLine, TextStyle};

/// Characters of one line of a job; what is beyond is left out (I15).
const CHARS_MAX: usize = 2_000;

/// Dots across of an ASCII character of font A; a Chinese one has twice as many.
const COLUMN_DOTS: u32 = 12;

/// Rows of dots in one GS v 0: one byte of height is what every printer takes.
const BAND_ROWS: usize = 255;

/// FS &: what comes is Chinese, two bytes a character.
const CHINESE_ON: &[u8] = &[0x1C, b'&'];
/// FS .: it no longer is.
const CHINESE_OFF: &[u8] = &[0x1C, b'.'];
/// FS ! n: Chinese of twice the width and height, or plain.
const CHINESE_DOUBLE: &[u8] = &[0x1C, b'!', 0x0C];
const CHINESE_PLAIN: &[u8] = &[0x1C, b'!', 0x00];
/// GS a n: tell of offline, errors and paper by itself (bits 1 to 3).
const TELL_BY_ITSELF: &[u8] = &[0x1D, b'a', 0x0E];
/// GS r 1: tell of the paper once everything before this is done.
const TELL_WHEN_DONE: &[u8] = &[0x1D, b'r', 1];
/// DLE DC4 8: forget what was received and not printed.
pub(super) const FORGET: &[u8] = &[0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8];

/// Keeps the bytes that the crate writes.
#[derive(Default)]
struct Collected(RefCell<Vec<u8>>);

impl Driver for Collected {
    fn name(&self) -> String {
        "bytes".to_owned()
    }

    fn write(&self, data: &[u8]) -> escpos::errors::Result<()> {
        self.0.borrow_mut().extend_from_slice(data);
        Ok(())
    }

    fn read(&self, _buf: &mut [u8]) -> escpos::errors::Result<usize> {
        Ok(0)
    }

    fn flush(&self) -> escpos::errors::Result<()> {
        Ok(())
    }
}

/// What the crate is told to write, as bytes. It refuses only what is never asked of it (a size of
/// 9, text without a place in the code page); the words are for the log.
fn bytes(
    write: impl FnOnce(&mut Script<Collected>) -> escpos::errors::Result<()>,
) -> Result<Vec<u8>, String> {
    let mut script = Script::new(Collected::default(), Protocol::default(), None);
    let written = write(&mut script).and_then(|()| script.print().map(drop));
    written.map_err(|error| error.to_string())?;
    Ok(script.driver().0.into_inner())
}

/// Makes the bytes.
pub(super) struct Encoder {
    encoding: Encoding,
    width_dots: u32,
    raster: Box<dyn TextRaster>,
}

impl Encoder {
    pub(super) fn new(encoding: Encoding, width_dots: u32, raster: Box<dyn TextRaster>) -> Self {
        Self { encoding, width_dots, raster }
    }

    /// How a job begins: everything set that lines rely on. A printer that answers is asked to
    /// tell of paper and cover by itself from now on.
    pub(super) fn begin(&self, answers: bool) -> Result<Vec<u8>, String> {
        let chinese = match self.encoding {
            Encoding::Gb18030 => CHINESE_ON,
            Encoding::Raster => CHINESE_OFF,
        };
        bytes(|script| {
            script.init()?.page_code(PageCode::PC437)?.character_set(CharacterSet::USA)?;
            script.custom(chinese)?;
            if answers {
                script.custom(TELL_BY_ITSELF)?;
            }
            Ok(())
        })
    }

    /// How it ends. A printer that answers is asked to say when everything is on paper.
    pub(super) fn end(&self, cut: bool, answers: bool) -> Result<Vec<u8>, String> {
        bytes(|script| {
            if cut {
                script.cut()?;
            }
            if answers {
                script.custom(TELL_WHEN_DONE)?;
            }
            Ok(())
        })
    }

    /// One line.
    pub(super) fn line(&mut self, line: &PrintLine) -> Result<Vec<u8>, String> {
        match line {
            PrintLine::Text { text, style, align } => self.text(&short(text), *style, *align),
            PrintLine::Pair { left, right } => self.pair(&short(left), &short(right)),
            PrintLine::Rule => {
                let rule = "-".repeat(self.columns(TextStyle::default()));
                self.text(&rule, TextStyle::default(), Align::Left)
            }
            PrintLine::Qr(text) => match raster::qr(text, self.width_dots) {
                Some(code) => Ok(self.dots(&[(&code, Align::Center)])),
                None => self.text(&short(text), TextStyle::default(), Align::Left),
            },
            PrintLine::Feed(0) => Ok(Vec::new()),
            PrintLine::Feed(lines) => bytes(|script| script.feeds(*lines).map(drop)),
        }
    }

    fn columns(&self, style: TextStyle) -> usize {
        let dots = if style.double { COLUMN_DOTS * 2 } else { COLUMN_DOTS };
        (self.width_dots / dots).max(2) as usize
    }

    fn text(&mut self, text: &str, style: TextStyle, align: Align) -> Result<Vec<u8>, String> {
        if self.encoded(text).is_none() {
            let lines = self.raster.lines(text, style, self.width_dots);
            return Ok(lines.iter().flat_map(|line| self.dots(&[(line, align)])).collect());
        }
        let pieces = wrap(text, self.columns(style), columns_of);
        let lines = pieces.iter().map(|piece| self.encoded(piece).unwrap_or_default());
        let lines: Vec<Vec<u8>> = lines.collect();
        self.characters(&lines, style, align)
    }

    /// Lines of characters that the printer has.
    fn characters(
        &self,
        lines: &[Vec<u8>],
        style: TextStyle,
        align: Align,
    ) -> Result<Vec<u8>, String> {
        let chinese = self.encoding == Encoding::Gb18030;
        bytes(|script| {
            match align {
                Align::Left => {}
                Align::Center => drop(script.justify(JustifyMode::CENTER)?),
                Align::Right => drop(script.justify(JustifyMode::RIGHT)?),
            }
            if style.bold {
                script.bold(true)?;
            }
            if style.double {
                script.size(2, 2)?;
                // Some take GS ! for ASCII only.
                script.custom(if chinese { CHINESE_DOUBLE } else { &[] })?;
            }
            for line in lines {
                script.custom(line)?.custom(b"\n")?;
            }
            if style.double {
                script.reset_size()?.custom(if chinese { CHINESE_PLAIN } else { &[] })?;
            }
            if style.bold {
                script.bold(false)?;
            }
            if align != Align::Left {
                script.justify(JustifyMode::LEFT)?;
            }
            Ok(())
        })
    }

    fn pair(&mut self, left: &str, right: &str) -> Result<Vec<u8>, String> {
        let style = TextStyle::default();
        if self.encoded(left).is_none() || self.encoded(right).is_none() {
            return Ok(self.drawn_pair(left, right));
        }
        let columns = self.columns(style);
        let width = |text: &str| text.chars().map(columns_of).sum::<usize>();
        let taken = width(left) + width(right);
        if taken < columns {
            let gap = " ".repeat(columns - taken);
            return self.text(&format!("{left}{gap}{right}"), style, Align::Left);
        }
        let mut lines = self.text(left, style, Align::Left)?;
        lines.extend(self.text(right, style, Align::Right)?);
        Ok(lines)
    }

    fn drawn_pair(&mut self, left: &str, right: &str) -> Vec<u8> {
        let style = TextStyle::default();
        let left = self.raster.lines(left, style, self.width_dots);
        let right = self.raster.lines(right, style, self.width_dots);
        if let ([one], [other]) = (left.as_slice(), right.as_slice())
            && one.width() + COLUMN_DOTS + other.width() <= self.width_dots
        {
            return self.dots(&[(one, Align::Left), (other, Align::Right)]);
        }
        let left = left.iter().map(|line| (line, Align::Left));
        let lines = left.chain(right.iter().map(|line| (line, Align::Right)));
        lines.flat_map(|placed| self.dots(&[placed])).collect()
    }

    /// Pictures side by side, as GS v 0. Where they stand is drawn, not set by ESC a: not every
    /// printer heeds it for pictures.
    fn dots(&self, pictures: &[(&Bitmap, Align)]) -> Vec<u8> {
        let mut height = 0;
        let mut right_edge = 0;
        let placed: Vec<(&Bitmap, u32)> = pictures
            .iter()
            .map(|(picture, align)| {
                let room = self.width_dots.saturating_sub(picture.width());
                let x = match align {
                    Align::Left => 0,
                    Align::Center => room / 2,
                    Align::Right => room,
                };
                height = height.max(picture.height());
                right_edge = right_edge.max((x + picture.width()).min(self.width_dots));
                (*picture, x)
            })
            .collect();
        let mut page = Bitmap::new(right_edge, height);
        for (picture, x) in placed {
            page.draw(picture, x, 0);
        }
        graphic(&page)
    }

    /// The bytes of a text that the printer has all characters of.
    fn encoded(&self, text: &str) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(text.len());
        for char in text.chars() {
            match (char, self.encoding) {
                (' '..='~', _) => bytes.push(char as u8),
                (_, Encoding::Raster) => return None,
                ('¥', Encoding::Gb18030) => bytes.extend([0xA3, 0xA4]),
                (_, Encoding::Gb18030) => bytes.extend(two_bytes(char)?),
            }
        }
        Some(bytes)
    }
}

/// GS v 0, in bands. A picture without a dot across is an empty line.
fn graphic(page: &Bitmap) -> Vec<u8> {
    let mut bytes = Vec::new();
    let Ok(across) = u16::try_from(page.row_len()) else { return bytes };
    if across == 0 {
        return b"\n".to_vec();
    }
    for band in page.rows().chunks(page.row_len() * BAND_ROWS) {
        let rows = (band.len() / page.row_len()) as u16;
        bytes.extend([0x1D, b'v', b'0', 0]);
        bytes.extend(across.to_le_bytes());
        bytes.extend(rows.to_le_bytes());
        bytes.extend(band);
    }
    bytes
}

/// The two bytes of a character in GBK; the one byte that some pages have for `€` is none.
fn two_bytes(char: char) -> Option<[u8; 2]> {
    let mut utf8 = [0; 4];
    let (bytes, _, unmappable) = GBK.encode(char.encode_utf8(&mut utf8));
    if unmappable {
        return None;
    }
    bytes.as_ref().try_into().ok()
}

/// In a printer's Chinese mode all two-byte characters are wide, Greek and dashes too.
fn columns_of(char: char) -> usize {
    if char.is_ascii() { 1 } else { 2 }
}

fn short(text: &str) -> String {
    printable(&text.chars().take(CHARS_MAX).collect::<String>())
}
