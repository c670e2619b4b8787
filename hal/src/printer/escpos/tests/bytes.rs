//! The bytes of receipts, read back.

use super::super::encode::Encoder;
use super::super::*;
use super::paper::{Boxes, Mark, listing, read};
use crate::printer::raster::Bitmap;
use crate::printer::{Align, PrintLine, TextStyle};
use proptest::prelude::*;

fn encoder(encoding: Encoding) -> Encoder {
    Encoder::new(encoding, 384, Box::new(Boxes))
}

fn all(encoding: Encoding, job: &PrintJob) -> Vec<u8> {
    let mut encoder = encoder(encoding);
    let mut bytes = encoder.begin(true).unwrap();
    for line in &job.lines {
        bytes.extend(encoder.line(line).unwrap());
    }
    bytes.extend(encoder.end(job.cut, true).unwrap());
    bytes
}

fn receipt() -> PrintJob {
    let right = PrintLine::Text {
        text: "重印".into(),
        style: TextStyle { bold: true, double: false },
        align: Align::Right,
    };
    let lines = vec![
        PrintLine::heading("达美乐"),
        right,
        PrintLine::Rule,
        PrintLine::pair("金额", "¥0.01"),
        PrintLine::text("€ 1"),
        PrintLine::Qr("7893259".into()),
        PrintLine::Feed(3),
    ];
    PrintJob { lines, cut: true }
}

#[test]
fn a_receipt_in_the_printers_own_chinese() {
    let expected = [
        "ESC @",
        "ESC t 0",
        "ESC R 0",
        "FS &",
        "GS a 14",
        "ESC a 1",
        "ESC E 1",
        "GS ! 17",
        "FS ! 12",
        "\"达美乐\"",
        "LF",
        "GS ! 0",
        "FS ! 0",
        "ESC E 0",
        "ESC a 0",
        "ESC a 2",
        "ESC E 1",
        "\"重印\"",
        "LF",
        "ESC E 0",
        "ESC a 0",
        "\"--------------------------------\"",
        "LF",
        "\"金额                      ￥0.01\"",
        "LF",
        "GS v 0 72x24",
        "GS v 0 312x232",
        "ESC d 3",
        "GS V 65 0",
        "GS r 1",
        "",
    ];
    assert_eq!(listing(&all(Encoding::Gb18030, &receipt())), expected.join("\n"));
}

#[test]
fn a_receipt_drawn_for_a_printer_without_chinese() {
    let expected = [
        "ESC @",
        "ESC t 0",
        "ESC R 0",
        "FS .",
        "GS a 14",
        "GS v 0 264x48",
        "GS v 0 384x24",
        "\"--------------------------------\"",
        "LF",
        "GS v 0 384x24",
        "GS v 0 72x24",
        "GS v 0 312x232",
        "ESC d 3",
        "GS V 65 0",
        "GS r 1",
        "",
    ];
    assert_eq!(listing(&all(Encoding::Raster, &receipt())), expected.join("\n"));
}

#[test]
fn the_yuan_sign_is_the_full_width_one_and_never_a_backslash() {
    let bytes = encoder(Encoding::Gb18030).line(&PrintLine::text("¥1\\")).unwrap();
    assert_eq!(bytes, b"\xA3\xA41\\\n");
    let drawn = encoder(Encoding::Raster).line(&PrintLine::text("¥1")).unwrap();
    assert!(matches!(read(&drawn)[..], [Mark::Dots(_)]));
}

#[test]
fn a_qr_code_on_paper_can_be_read() {
    let text = "https://example.com/pay?order=7893259";
    for encoding in [Encoding::Gb18030, Encoding::Raster] {
        let bytes = encoder(encoding).line(&PrintLine::Qr(text.into())).unwrap();
        let marks = read(&bytes);
        let paper = pasted(&marks);
        let (width, height) = (paper.width() as usize, paper.height() as usize);
        let mut seen = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
            if paper.is_black(x as u32, y as u32) { 0 } else { 255 }
        });
        let grids = seen.detect_grids();
        assert_eq!(grids.len(), 1);
        assert_eq!(grids[0].decode().unwrap().1, text);
    }
}

/// Pictures one below the other, as on paper.
fn pasted(marks: &[Mark]) -> Bitmap {
    let pictures = || {
        marks.iter().map(|mark| match mark {
            Mark::Dots(dots) => dots,
            Mark::Command(_) | Mark::Text(_) => panic!("{mark:?} where a picture was expected"),
        })
    };
    let height = pictures().map(Bitmap::height).sum();
    let mut paper = Bitmap::new(384, height);
    let mut y = 0;
    for picture in pictures() {
        paper.draw(picture, 0, y);
        y += picture.height();
    }
    paper
}

#[test]
fn what_is_drawn_arrives_dot_for_dot_where_it_belongs() {
    let style = TextStyle::default();
    let line = PrintLine::Text { text: "店名".into(), style, align: Align::Right };
    let marks = read(&encoder(Encoding::Raster).line(&line).unwrap());
    let drawn = &Boxes.lines("店名", style, 384)[0];
    let mut expected = Bitmap::new(384, 24);
    expected.draw(drawn, 384 - 48, 0);
    assert_eq!(pasted(&marks), expected);
}

#[test]
fn a_high_picture_comes_in_bands_that_every_printer_takes() {
    let marks = read(&encoder(Encoding::Raster).line(&PrintLine::Qr("x".repeat(500))).unwrap());
    assert!(marks.len() > 1, "{}", marks.len());
    assert!(pasted(&marks).height() > 255);
}

proptest! {
    #[test]
    fn no_text_becomes_a_command_and_no_line_is_too_wide(
        (left, right) in (any::<String>(), any::<String>()),
        chinese in any::<bool>(), bold in any::<bool>(), double in any::<bool>(),
    ) {
        let encoding = if chinese { Encoding::Gb18030 } else { Encoding::Raster };
        let text = PrintLine::Text {
            text: left.clone(), style: TextStyle { bold, double }, align: Align::Center,
        };
        for line in [text, PrintLine::pair(left, right.clone()), PrintLine::Qr(right)] {
            // `read` panics at what is no command and at half a one.
            for mark in read(&encoder(encoding).line(&line).unwrap()) {
                match mark {
                    Mark::Dots(dots) => prop_assert!(dots.width() <= 384 && dots.height() <= 255),
                    Mark::Text(text) => {
                        let columns = text.chars().map(|char| if char.is_ascii() { 1 } else { 2 });
                        prop_assert!(columns.sum::<usize>() <= 32);
                    }
                    Mark::Command(name) => prop_assert!(
                        ["LF", "ESC a", "ESC E", "GS !", "FS !"]
                            .iter().any(|known| name.starts_with(known)),
                        "{}", name
                    ),
                }
            }
        }
    }
}
