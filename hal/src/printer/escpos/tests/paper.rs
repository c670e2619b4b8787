//! A printer made of its manual: it takes the bytes, keeps what is on its paper, and answers.

use crate::printer::TextStyle;
use crate::printer::raster::{Bitmap, TextRaster};

/// One command or run of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mark {
    /// A command, as the manual writes it.
    Command(String),
    /// Characters, read as GBK.
    Text(String),
    /// A picture.
    Dots(Bitmap),
}

/// What the manual calls the first command of `bytes`, and its length; none while it is not whole.
fn command(bytes: &[u8]) -> Option<(usize, Mark)> {
    let named = |length: usize, name: String| {
        (bytes.len() >= length).then_some((length, Mark::Command(name)))
    };
    let at = |index: usize| bytes.get(index).copied();
    let n = || at(2).unwrap_or(0);
    match (at(0)?, at(1)) {
        (b'\n', _) => named(1, "LF".into()),
        (0x1B, Some(b'@')) => named(2, "ESC @".into()),
        (0x1B, Some(letter @ (b't' | b'R' | b'E' | b'a' | b'd'))) => {
            named(3, format!("ESC {} {}", letter as char, n()))
        }
        (0x1C, Some(b'!')) => named(3, format!("FS ! {}", n())),
        (0x1C, Some(letter @ (b'&' | b'.'))) => named(2, format!("FS {}", letter as char)),
        (0x1D, Some(letter @ (b'!' | b'a' | b'r'))) => {
            named(3, format!("GS {} {}", letter as char, n()))
        }
        (0x1D, Some(b'V')) => named(4, format!("GS V {} {}", n(), at(3)?)),
        (0x1D, Some(b'v')) => {
            let across = usize::from(u16::from_le_bytes([at(4)?, at(5)?]));
            let rows = usize::from(u16::from_le_bytes([at(6)?, at(7)?]));
            let dots = bytes.get(8..8 + across * rows)?;
            assert_eq!((n(), at(3)?), (b'0', 0), "GS v 0, mode 0");
            let mut picture = Bitmap::new(across as u32 * 8, rows as u32);
            for (y, x) in (0..rows).flat_map(|y| (0..across * 8).map(move |x| (y, x))) {
                if dots[y * across + x / 8] & (0x80 >> (x % 8)) != 0 {
                    picture.set(x as u32, y as u32);
                }
            }
            Some((8 + across * rows, Mark::Dots(picture)))
        }
        (0x10, Some(0x04)) => named(3, format!("DLE EOT {}", n())),
        (0x10, Some(0x14)) => named(10, format!("DLE DC4 {}", n())),
        (0x10 | 0x1B | 0x1C | 0x1D, None) => None,
        (0x10 | 0x1B | 0x1C | 0x1D, Some(other)) => panic!("a command of no manual: {other:02x}"),
        _ => {
            let run = bytes.iter().take_while(|byte| **byte >= b' ').count();
            let (text, _, wrong) = encoding_rs::GBK.decode(&bytes[..run]);
            assert!(run > 0 && !wrong, "{bytes:02x?}");
            Some((run, Mark::Text(text.into_owned())))
        }
    }
}

/// Everything in `bytes`.
pub(super) fn read(mut bytes: &[u8]) -> Vec<Mark> {
    let mut marks = Vec::new();
    while let Some((length, mark)) = command(bytes) {
        marks.push(mark);
        bytes = &bytes[length..];
    }
    assert_eq!(bytes, [], "half a command");
    marks
}

/// What is in `bytes`, a line for each command or run of text.
pub(super) fn listing(bytes: &[u8]) -> String {
    let lines = read(bytes).into_iter().map(|mark| match mark {
        Mark::Command(name) => format!("{name}\n"),
        Mark::Text(text) => format!("{text:?}\n"),
        Mark::Dots(dots) => format!("GS v 0 {}x{}\n", dots.width(), dots.height()),
    });
    lines.collect()
}

/// Draws each character as a box that its code tells apart: enough to follow it to the paper.
pub(super) struct Boxes;

impl TextRaster for Boxes {
    fn lines(&mut self, text: &str, style: TextStyle, width_dots: u32) -> Vec<Bitmap> {
        let side: u32 = if style.double { 48 } else { 24 };
        let chars: Vec<char> = text.chars().collect();
        let lines = chars.chunks((width_dots / side).max(1) as usize);
        let drawn = lines.map(|line| {
            let mut picture = Bitmap::new(line.len() as u32 * side, side);
            for (at, char) in (0..).zip(line) {
                for bit in (0..16).filter(|bit| u32::from(*char) & (1 << bit) != 0) {
                    picture.set(at * side + bit, side / 2);
                }
            }
            picture
        });
        let drawn: Vec<Bitmap> = drawn.collect();
        if drawn.is_empty() { vec![Bitmap::new(0, side)] } else { drawn }
    }
}

/// The printer.
pub(super) struct Paper {
    pub(super) received: Vec<u8>,
    /// What is on it.
    pub(super) printed: Vec<Mark>,
    /// Lines until it runs out.
    pub(super) lines_left: usize,
    pub(super) cover_open: bool,
    /// It answers nothing.
    pub(super) mute: bool,
    /// It answers only from the n-th question on it.
    pub(super) deaf_for: usize,
    /// It does not know GS r.
    pub(super) knows_done: bool,
    /// It tells of itself once it was told to.
    pub(super) tells: bool,
    pub(super) told_to: bool,
    pub(super) answers: Vec<u8>,
}

impl Paper {
    pub(super) fn new() -> Paper {
        Paper {
            received: Vec::new(),
            printed: Vec::new(),
            lines_left: usize::MAX,
            cover_open: false,
            mute: false,
            deaf_for: 0,
            knows_done: true,
            tells: false,
            told_to: false,
            answers: Vec::new(),
        }
    }

    /// Takes bytes and says what it answers.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.received.extend(bytes);
        self.work();
        if self.mute { Vec::new() } else { std::mem::take(&mut self.answers) }
    }

    /// A new roll; it goes on with what it has received, and says so if it was told to.
    pub(super) fn new_roll(&mut self) -> Vec<u8> {
        self.lines_left = usize::MAX;
        if self.tells && self.told_to {
            self.answers.extend([0x10, 0, 0, 0]);
        }
        self.take(&[])
    }

    fn stopped(&self) -> bool {
        self.lines_left == 0 || self.cover_open
    }

    /// The text that is on it.
    pub(super) fn text(&self) -> String {
        let texts = self.printed.iter().filter_map(|mark| match mark {
            Mark::Text(text) => Some(text.as_str()),
            Mark::Command(name) if name == "LF" => Some("\n"),
            Mark::Command(_) | Mark::Dots(_) => None,
        });
        texts.collect()
    }

    fn work(&mut self) {
        self.real_time();
        while !self.stopped() {
            let Some((length, mark)) = command(&self.received) else { break };
            self.received.drain(..length);
            match &mark {
                Mark::Command(name) if name == "GS r 1" => {
                    self.answers.extend(self.knows_done.then_some(0));
                }
                Mark::Command(name) if name == "GS a 14" => self.told_to = true,
                Mark::Command(name) if name == "LF" => self.lines_left -= 1,
                Mark::Command(_) | Mark::Text(_) | Mark::Dots(_) => {}
            }
            self.printed.push(mark);
            if self.stopped() && self.tells && self.told_to {
                self.answers.extend([0x18, 0, 0x0C, 0]);
            }
        }
    }

    /// DLE commands are heeded as they come, whatever waits before them.
    fn real_time(&mut self) {
        while let Some(at) = self.received.windows(2).position(|two| two == [0x10, 0x04]) {
            let Some(n) = self.received.get(at + 2).copied() else { return };
            self.received.drain(at..at + 3);
            if self.deaf_for > 0 {
                self.deaf_for -= 1;
                continue;
            }
            self.answers.push(match n {
                1 if self.stopped() => 0x1A,
                2 => {
                    let cover = if self.cover_open { 0x04 } else { 0 };
                    0x12 | cover | if self.lines_left == 0 { 0x20 } else { 0 }
                }
                4 if self.lines_left == 0 => 0x72,
                _ => 0x12,
            });
        }
        let forget = |bytes: &[u8]| bytes.windows(3).position(|three| three == [0x10, 0x14, 8]);
        if let Some(at) = forget(&self.received)
            && self.received.len() >= at + 10
        {
            self.received.drain(..at + 10);
        }
    }
}
