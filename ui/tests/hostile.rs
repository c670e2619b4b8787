//! Whatever comes in, nothing panics and nothing is drawn outside of the screen (I15).

mod support;

use embedded_graphics::prelude::*;
use support::{Glass, screen, status};
use ui::*;

fn hostile_strings() -> Vec<String> {
    vec![
        String::new(),
        " ".into(),
        "长".repeat(10_000),
        "W".repeat(10_000),
        "9".repeat(10_000),
        "a ".repeat(5_000),
        "，".repeat(500),
        "（".repeat(500),
        "\u{200B}".repeat(10_000),
        "\0\r\n\t\u{1B}[31m\u{7F}\u{85}\u{2028}".into(),
        "👩‍👩‍👧‍👦 e\u{301}\u{202E}abc \u{10FFFF}".into(),
        "-0.00000001".into(),
    ]
}

fn bodies(text: &str, seconds: u32) -> Vec<Body> {
    let text = || text.to_owned();
    let outcome = |kind| {
        Body::Outcome(Outcome {
            kind,
            amount: text(),
            wallet: Some(Wallet::Unknown),
            reason: Some(Text::Mismatch),
            detail: Some(text()),
            advice: Some(Text::DoNotHandOver),
            order: text(),
        })
    };
    let row = || Row { left: text(), right: text(), mark: Mark::Open };
    vec![
        Body::Idle { merchant: text() },
        Body::Amount { amount: text(), wallet: Wallet::Jd, problem: None },
        Body::AwaitCode {
            amount: text(),
            seconds_left: seconds,
            tap: true,
            caution: Some(Text::ScanIsUrl),
        },
        Body::Charging { amount: text(), wallet: Some(Wallet::Bank), seconds, caution: None },
        Body::Present {
            amount: text(),
            wallet: Wallet::Qq,
            qr: Some(text()),
            seconds_left: seconds,
        },
        Body::Confirming { amount: text(), seconds_left: seconds },
        Body::Reversing { amount: text(), seconds },
        outcome(OutcomeKind::Paid),
        outcome(OutcomeKind::Unresolved),
        Body::Menu { items: Vec::new(), selected: usize::MAX },
        Body::List { title: Text::OpenCharges, rows: vec![row(), row()], selected: usize::MAX },
        Body::Notice {
            title: Text::JournalUnwritable,
            lines: vec![text(); 100],
            advice: Some(Text::StopSelling),
            severity: Severity::Bad,
        },
    ]
}

fn survive(size: Size, strings: &[String]) {
    let mut painter = Painter::new(size, Locale::En, Theme::LIGHT);
    let mut glass = Glass::new(size);
    for text in strings {
        for body in bodies(text, u32::MAX) {
            let mut screen = screen(body);
            screen.status.clock = Some(text.clone());
            screen.status.open = u32::MAX;
            let Ok(_) = painter.paint(&screen, &mut glass);
        }
    }
}

#[test]
fn hostile_strings_and_endless_seconds_are_drawn_within_the_screen() {
    for size in [Size::new(320, 240), Size::new(480, 800)] {
        survive(size, &hostile_strings());
    }
}

#[test]
fn screens_too_small_for_anything_are_survived() {
    for (width, height) in
        [(0, 0), (1, 1), (3, 200), (200, 3), (20, 20), (64, 48), (320, 30), (100, 600)]
    {
        survive(Size::new(width, height), &hostile_strings()[..5]);
    }
}

#[test]
fn a_list_of_a_hundred_thousand_rows_is_drawn() {
    let rows = (0..100_000)
        .map(|n| Row { left: n.to_string(), right: "¥1.00".into(), mark: Mark::Paid })
        .collect();
    let screen = Screen {
        status: status(),
        body: Body::List { title: Text::LastSales, rows, selected: 77_777 },
    };
    Glass::painted(Size::new(480, 272), Locale::ZhCn, Theme::DARK, &screen);
}
