//! A job as plain text in columns: for a page, a file, and printers that know no more.

use super::{Align, PrintJob, PrintLine};

/// Columns of the narrowest and the widest paper there is.
const COLUMNS: std::ops::RangeInclusive<usize> = 16..=96;

impl PrintJob {
    /// The job as lines of at most `columns` columns (16 to 96; the nearest of these is taken),
    /// each ended by LF. Chinese characters take two columns; double size is not shown; a QR code
    /// stands as its text in brackets. Control characters are left out, because to a printer they
    /// would be commands.
    pub fn to_text(&self, columns: usize) -> String {
        let columns = columns.clamp(*COLUMNS.start(), *COLUMNS.end());
        let mut page = Page { columns, text: String::new() };
        for line in &self.lines {
            match line {
                PrintLine::Text { text, style: _, align } => page.text(text, *align),
                PrintLine::Pair { left, right } => page.pair(left, right),
                PrintLine::Rule => page.line(0, &"-".repeat(columns)),
                PrintLine::Qr(text) => page.text(&format!("[QR {text}]"), Align::Left),
                PrintLine::Feed(lines) => (0..*lines).for_each(|_| page.line(0, "")),
            }
        }
        page.text
    }
}

struct Page {
    columns: usize,
    text: String,
}

impl Page {
    fn line(&mut self, indent: usize, text: &str) {
        self.text.extend(std::iter::repeat_n(' ', indent));
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn text(&mut self, text: &str, align: Align) {
        for piece in wrap(text, self.columns, width_of) {
            let room = self.columns.saturating_sub(columns_of(&piece));
            let indent = match align {
                Align::Left => 0,
                Align::Center => room / 2,
                Align::Right => room,
            };
            self.line(indent, &piece);
        }
    }

    fn pair(&mut self, left: &str, right: &str) {
        let (left, right) = (printable(left), printable(right));
        let taken = columns_of(&left) + columns_of(&right);
        if taken < self.columns {
            let gap = " ".repeat(self.columns - taken);
            self.line(0, &format!("{left}{gap}{right}"));
        } else {
            self.text(&left, Align::Left);
            self.text(&right, Align::Right);
        }
    }
}

pub(super) fn printable(text: &str) -> String {
    text.chars().filter(|char| !char.is_control()).collect()
}

/// Pieces of at most `columns` columns; at least one, which may be empty.
pub(super) fn wrap(text: &str, columns: usize, width_of: fn(char) -> usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let (mut piece, mut taken) = (String::new(), 0);
    for char in text.chars().filter(|char| !char.is_control()) {
        let width = width_of(char);
        if taken + width > columns {
            pieces.push(std::mem::take(&mut piece));
            taken = 0;
        }
        piece.push(char);
        taken += width;
    }
    pieces.push(piece);
    pieces
}

fn columns_of(text: &str) -> usize {
    text.chars().map(width_of).sum()
}

/// Two for the wide characters of East Asian scripts (Unicode UAX 11, in blocks), else one.
fn width_of(char: char) -> usize {
    let wide = matches!(
        u32::from(char),
        0x1100..=0x115f
            | 0x2e80..=0x303e
            | 0x3041..=0xa4cf
            | 0xac00..=0xd7a3
            | 0xf900..=0xfaff
            | 0xfe30..=0xfe6f
            | 0xff00..=0xff60
            | 0xffe0..=0xffe6
            | 0x2_0000..=0x3_fffd
    );
    if wide { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_job_reads_as_it_stands_on_the_paper() {
        let right = PrintLine::Text {
            text: "a1".into(),
            style: crate::printer::TextStyle::default(),
            align: Align::Right,
        };
        let lines = vec![
            PrintLine::heading("达美乐披萨"),
            PrintLine::Rule,
            PrintLine::pair("门店", "02016"),
            PrintLine::pair("a label that is", "too long"),
            PrintLine::Feed(1),
            PrintLine::text("一二三四五六七八九"),
            PrintLine::Qr("x".into()),
            right,
        ];
        let expected = [
            "   达美乐披萨",
            "----------------",
            "门店       02016",
            "a label that is",
            "        too long",
            "",
            "一二三四五六七八",
            "九",
            "[QR x]",
            "              a1",
            "",
        ];
        assert_eq!(PrintJob { lines, cut: true }.to_text(16), expected.join("\n"));
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_no_command_gets_through(
            (left, right) in (any::<String>(), any::<String>()), columns in 0usize..200,
        ) {
            let lines = vec![
                PrintLine::text(left.clone()),
                PrintLine::heading(left.clone()),
                PrintLine::pair(left, right.clone()),
                PrintLine::Qr(right),
            ];
            let columns_max = columns.clamp(16, 96);
            for line in (PrintJob { lines, cut: false }).to_text(columns).split('\n') {
                prop_assert!(columns_of(line) <= columns_max);
                prop_assert!(!line.chars().any(char::is_control));
            }
        }
    }
}
