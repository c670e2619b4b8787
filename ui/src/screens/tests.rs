//! What must hold of every screen, in every size and language, checked on its elements.

use embedded_graphics::prelude::*;
use embedded_graphics::primitives::Rectangle;

use super::elements;
use crate::element::{Content, Element};
use crate::figure::Figure;
use crate::layout::Frame;
use crate::locale::{Locale, Text};
use crate::screen::*;
use crate::text::width;
use crate::theme::Theme;

#[path = "../../tests/support/mod.rs"]
mod support;

use support::{LOCALES, SIZES, gallery, outcome, screen};

const KINDS: [OutcomeKind; 5] = [
    OutcomeKind::Paid,
    OutcomeKind::NotCharged,
    OutcomeKind::Reversed,
    OutcomeKind::Unresolved,
    OutcomeKind::Discrepancy,
];

fn frames() -> impl Iterator<Item = (Size, Locale, Frame)> {
    let portrait =
        [Size::new(240, 320), Size::new(272, 480), Size::new(1024, 600), Size::new(720, 1280)];
    SIZES.into_iter().chain(portrait).flat_map(|size| {
        LOCALES.map(|locale| (size, locale, Frame::new(size, locale, Theme::LIGHT)))
    })
}

/// What others may lie on: surfaces, rings round a number, a struck-through sign.
fn may_be_covered(element: &Element) -> bool {
    match &element.content {
        Content::Panel { .. } => true,
        Content::Figure { figure, .. } => matches!(
            figure,
            Figure::Dial { .. }
                | Figure::Spinner { .. }
                | Figure::Network
                | Figure::Scanner
                | Figure::Printer
        ),
        Content::Text { .. } | Content::Amount { .. } | Content::Qr { .. } => false,
    }
}

fn overlap(one: &Rectangle, other: &Rectangle) -> bool {
    let common = one.intersection(other).size;
    common.width > 0 && common.height > 0
}

/// Fails unless everything is on the screen, nothing overlaps and no line is wider than its box.
fn assert_sound(what: &str, frame: &Frame, elements: &[Element]) {
    let glass = frame.bounds();
    for (at, element) in elements.iter().enumerate() {
        let bounds = &element.bounds;
        assert_eq!(bounds.intersection(&glass), *bounds, "{what}: {element:?} leaves the screen");
        if let Content::Text { lines, face, .. } = &element.content {
            let height = face.line_px() * lines.len() as u32;
            assert!(height <= bounds.size.height, "{what}: {lines:?} is higher than its box");
            for line in lines {
                assert!(width(line, *face) <= bounds.size.width, "{what}: {line:?} leaves its box");
            }
        }
        if may_be_covered(element) {
            continue;
        }
        for above in &elements[at + 1..] {
            let hides = overlap(bounds, &above.bounds);
            assert!(!hides, "{what}: {element:?} lies under {above:?}");
        }
    }
}

fn cut_lines(elements: &[Element]) -> Vec<&String> {
    elements
        .iter()
        .filter(|element| element.is_cut())
        .flat_map(|element| match &element.content {
            Content::Text { lines, .. } => lines.iter(),
            Content::Panel { .. }
            | Content::Amount { .. }
            | Content::Figure { .. }
            | Content::Qr { .. } => [].iter(),
        })
        .collect()
}

fn says(elements: &[Element], words: &str) -> bool {
    let bare = |text: &str| text.replace(' ', "");
    elements.iter().any(|element| match &element.content {
        Content::Text { lines, .. } => bare(&lines.concat()).contains(&bare(words)),
        Content::Panel { .. }
        | Content::Amount { .. }
        | Content::Figure { .. }
        | Content::Qr { .. } => false,
    })
}

#[test]
fn nothing_overlaps_or_leaves_the_screen_on_any_screen() {
    for (size, locale, frame) in frames() {
        for (name, screen) in gallery() {
            let what = format!("{name} {locale} {size}");
            let elements = elements(&frame, &screen);
            assert_sound(&what, &frame, &elements);
            assert_eq!(cut_lines(&elements), Vec::<&String>::new(), "{what}");
        }
    }
}

#[test]
fn every_string_fits_every_screen_size_as_reason_and_as_advice() {
    for (size, locale, frame) in frames() {
        for &text in Text::all() {
            for kind in KINDS {
                let elements = elements(
                    &frame,
                    &screen(Body::Outcome(outcome(kind, Some(text), Some(Text::DoNotHandOver)))),
                );
                let what = format!("{kind:?} because of {text:?} {locale} {size}");
                assert_sound(&what, &frame, &elements);
                assert!(cut_lines(&elements).is_empty(), "{what}: {:?}", cut_lines(&elements));
                assert!(says(&elements, text.text(locale)), "{what} is not said");
            }
        }
    }
}

#[test]
fn every_string_fits_every_screen_size_as_title_advice_caution_and_line() {
    for (size, locale, frame) in frames() {
        for &text in Text::all() {
            let bodies = [
                Body::Notice {
                    title: text,
                    lines: Vec::new(),
                    advice: Some(text),
                    severity: Severity::Bad,
                },
                Body::AwaitCode {
                    amount: "1280.50".into(),
                    seconds_left: 45,
                    tap: true,
                    caution: Some(text),
                },
                Body::Amount {
                    amount: "1280.50".into(),
                    wallet: Wallet::Wechat,
                    problem: Some(text),
                },
                Body::Menu { items: vec![MenuItem { text }], selected: 0 },
            ];
            for body in bodies {
                // A menu's lines are names of pages, not sentences: they are one line each.
                let sentence = width(text.text(locale), frame.face(crate::layout::Role::Strong, 0))
                    > size.width * 3 / 5;
                if matches!(body, Body::Menu { .. }) && sentence {
                    continue;
                }
                let elements = elements(&frame, &screen(body.clone()));
                let what = format!("{text:?} {locale} {size} in {body:?}");
                assert_sound(&what, &frame, &elements);
                assert!(cut_lines(&elements).is_empty(), "{what}: {:?}", cut_lines(&elements));
                assert!(says(&elements, text.text(locale)), "{what} is not said");
            }
        }
    }
}

#[test]
fn the_amount_is_the_biggest_thing_on_every_money_screen() {
    for (size, locale, frame) in frames() {
        for (name, screen) in gallery() {
            let elements = elements(&frame, &screen);
            let amount = elements.iter().find_map(|element| match &element.content {
                Content::Amount { px, .. } => Some(*px),
                Content::Panel { .. }
                | Content::Text { .. }
                | Content::Figure { .. }
                | Content::Qr { .. } => None,
            });
            let Some(amount) = amount else {
                let money =
                    ["amount", "await", "charging", "present", "confirming", "reversing", "paid"];
                assert!(
                    !money.iter().any(|prefix| name.starts_with(prefix)),
                    "{name} has no amount"
                );
                continue;
            };
            for element in &elements {
                if let Content::Text { lines, face, .. } = &element.content {
                    assert!(
                        face.px < amount,
                        "{name} {locale} {size}: {lines:?} is not below {amount}"
                    );
                }
            }
        }
    }
}

#[test]
fn no_text_is_smaller_than_16_px_on_a_screen_480_px_wide() {
    for (size, locale, frame) in frames() {
        let least = if size.width >= 480 { 16 } else { 14 };
        for (name, screen) in gallery() {
            for element in elements(&frame, &screen) {
                if let Content::Text { lines, face, .. } = &element.content {
                    assert!(
                        face.px >= least,
                        "{name} {locale} {size}: {lines:?} has {} px",
                        face.px
                    );
                }
            }
        }
    }
}

#[test]
fn every_result_has_its_own_sign_and_word_and_what_is_not_certain_keeps_the_goods() {
    for (_, locale, frame) in frames() {
        let mut seen = Vec::new();
        for kind in KINDS {
            let elements = elements(&frame, &screen(Body::Outcome(outcome(kind, None, None))));
            let figure = elements.iter().find_map(|element| match &element.content {
                Content::Figure { figure, .. } if *figure == Figure::of_outcome(kind) => {
                    Some(*figure)
                }
                Content::Figure { .. }
                | Content::Panel { .. }
                | Content::Text { .. }
                | Content::Amount { .. }
                | Content::Qr { .. } => None,
            });
            let figure = figure.expect("the result has its sign");
            assert!(!seen.contains(&figure), "{kind:?} shares its sign");
            seen.push(figure);
            let keeps = says(&elements, Text::KeepGoods.text(locale));
            assert_eq!(keeps, kind == OutcomeKind::Unresolved, "{kind:?}");
        }
    }
}

#[test]
fn a_list_scrolls_so_that_the_selected_line_is_seen() {
    let rows: Vec<Row> = (0..500)
        .map(|n| Row { left: format!("sale {n}"), right: "¥1.00".into(), mark: Mark::Paid })
        .collect();
    for (_, _, frame) in frames() {
        for selected in [0, 1, 250, 498, 499, usize::MAX] {
            let body = Body::List { title: Text::LastSales, rows: rows.clone(), selected };
            let elements = elements(&frame, &screen(body));
            assert!(says(&elements, &format!("sale {}", selected.min(499))), "{selected}");
            assert!(elements.len() < 300, "only the lines that are seen are laid out");
        }
    }
}

#[test]
fn a_phone_is_asked_for_only_where_there_is_a_reader_and_a_key_named_only_where_it_does_something()
{
    let amount = || "1280.50".to_owned();
    for (size, locale, frame) in frames() {
        for tap in [true, false] {
            let body = Body::AwaitCode { amount: amount(), seconds_left: 45, tap, caution: None };
            let elements = elements(&frame, &screen(body));
            assert_sound("await code", &frame, &elements);
            assert_eq!(says(&elements, Text::OrTapPhone.text(locale)), tap, "{locale} {size}");
        }
        let charging = Body::Charging { amount: amount(), wallet: None, seconds: 5, caution: None };
        let confirming = Body::Confirming { amount: amount(), seconds_left: 5 };
        let reversing = Body::Reversing { amount: amount(), seconds: 5 };
        for (body, can) in [(charging, true), (confirming, true), (reversing, false)] {
            let elements = elements(&frame, &screen(body));
            let named = says(&elements, Text::DoCancelSale.text(locale))
                && says(&elements, Text::KeyCancel.text(locale));
            // "正在撤销" has the words of what the key does.
            let key = elements.iter().any(|element| match &element.content {
                Content::Text { lines, .. } => lines[..] == [Text::KeyCancel.text(locale)],
                Content::Panel { .. }
                | Content::Amount { .. }
                | Content::Figure { .. }
                | Content::Qr { .. } => false,
            });
            assert_eq!(key && named, can, "{locale} {size}");
        }
        let presenting = Body::Present {
            amount: amount(),
            wallet: Wallet::Wechat,
            qr: Some(support::WECHAT_QR.into()),
            seconds_left: 5,
        };
        let elements = elements(&frame, &screen(presenting));
        let roomy = size.width >= 480;
        assert!(!roomy || says(&elements, Text::DoCancelSale.text(locale)), "{locale} {size}");
    }
}

/// What a notice about an order says at its longest, and what the health page does.
fn notices(locale: Locale) -> [Body; 2] {
    let order = [
        "未收款 ¥99999999.99",
        "单号 0123456789-ABCDEFGHIJKLMNOPQRSTUV",
        Text::Mismatch.text(locale),
        "ACQ.TRADE_HAS_FAILED: 支付宝返回：系统繁忙，请稍后再试，如有疑问请联系收单机构",
        "2026112022001400000000000000",
    ];
    let devices = [
        "/dev/serial/by-id/usb-Newland_Auto-ID_NLS-FM430-U-00: no such file or directory",
        "/dev/fb0: 480x800",
        "keypad: gpio-keys",
        "pn532: no answer to GetFirmwareVersion",
        "printer",
        "backlight",
    ];
    let notice = |title, lines: &[&str], advice| Body::Notice {
        title,
        lines: lines.iter().map(|&line| line.to_owned()).collect(),
        advice,
        severity: Severity::Info,
    };
    [
        notice(Text::SaleDetail, &order, Some(Text::CallIntegrator)),
        notice(Text::Health, &devices, None),
    ]
}

#[test]
fn a_notice_shows_as_many_of_its_lines_as_fit_and_says_when_there_are_more() {
    for (size, locale, frame) in frames() {
        for body in notices(locale) {
            let Body::Notice { lines, .. } = &body else { panic!("no notice") };
            let elements = elements(&frame, &screen(body.clone()));
            let what = format!("{locale} {size}: {body:?}");
            assert_sound(&what, &frame, &elements);
            // The beginning of a line is what is left of it where there is little room.
            let starts = |line: &String| line.chars().take(6).collect::<String>();
            let shown = lines.iter().take_while(|line| says(&elements, &starts(line))).count();
            assert!(shown >= 3, "only {shown} lines are shown, {what}");
            let more = cut_lines(&elements).iter().any(|line| line.ends_with('…'));
            assert!(more || shown == lines.len(), "nothing says that there are more, {what}");
        }
    }
}

#[test]
fn a_long_detail_takes_no_other_small_print_off_the_screen() {
    let long = |detail: &str| Outcome {
        detail: Some(detail.to_owned()),
        ..outcome(OutcomeKind::NotCharged, Some(Text::TradeFailed), Some(Text::TryAgain))
    };
    for (size, locale, frame) in frames() {
        let short = elements(&frame, &screen(Body::Outcome(long("TRADE_FAILED"))));
        let said = "TRADE_FAILED: a long story ".repeat(9);
        let told = elements(&frame, &screen(Body::Outcome(long(&said))));
        assert_sound("a long detail", &frame, &told);
        for words in ["TRADE_FAILED", "0001-000027-7F3K"] {
            let kept = says(&told, words) || !says(&short, words);
            assert!(kept, "{words} is not said, {locale} {size}");
        }
    }
}

#[test]
fn the_status_bar_names_the_device_in_trouble() {
    let troubles = [
        Text::KeypadAbsent,
        Text::KeypadFailed,
        Text::ScannerAbsent,
        Text::ScannerFailed,
        Text::NfcAbsent,
        Text::NfcFailed,
        Text::PrinterAbsent,
        Text::PrinterFailed,
        Text::PrinterNoPaper,
        Text::PrinterCoverOpen,
        Text::ReceiptsWaiting,
    ];
    for (size, locale, frame) in frames() {
        for trouble in troubles {
            let mut screen = screen(Body::Starting);
            screen.status.trouble = Some(trouble);
            screen.status.open = 12;
            let elements = elements(&frame, &screen);
            assert_sound("status bar", &frame, &elements);
            assert!(says(&elements, trouble.text(locale)), "{trouble:?} {locale} {size}");
        }
    }
}

#[test]
fn the_status_bar_says_each_warning_in_full() {
    for (size, locale, frame) in frames() {
        for (warning, text) in [
            (Warning::Plaintext, Text::WarnPlaintext),
            (Warning::TestGateway, Text::WarnTestGateway),
            (Warning::Journal, Text::WarnJournal),
        ] {
            let mut screen = screen(Body::Starting);
            screen.status.warning = Some(warning);
            screen.status.open = 12;
            screen.status.trouble = Some(Text::ScannerAbsent);
            let elements = elements(&frame, &screen);
            assert_sound("status bar", &frame, &elements);
            {
                assert!(says(&elements, text.text(locale)), "{text:?} {locale} {size}");
                assert!(says(&elements, "12"), "{locale} {size}");
            }
        }
    }
}
