//! The whole table: every state, every event, every answer, and exactly the effects that follow.
//!
//! It stands in `table.txt`, written out so that it can be read and argued about. A change of the
//! machine shows up there, line by line: run with `CASHIER_ROWS_WRITE=1`, read the difference, and
//! commit it only if each line of it is meant.

use super::story::*;
use cashier::payment::{DoubtKind, Event, Why};
use std::fmt::Write;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rows/table.txt");

fn states() -> Vec<(&'static str, Story)> {
    vec![
        ("awaiting the code", Story::awaiting_code()),
        ("recording the charge", Story::recording()),
        ("charging", Story::charging()),
        ("charging, a query out", Story::charging().at(10_000).catches_up().skip()),
        ("recording the QR", Story::recording_qr().skip()),
        ("fetching the QR", Story::fetching_qr()),
        ("presenting", Story::presenting()),
        ("presenting, a query out", Story::presenting().at(1_000).catches_up().skip()),
        ("confirming", Story::confirming()),
        ("confirming, a query out", Story::confirming().at(1_000).catches_up().skip()),
        ("reversing: the first query out", Story::reversing()),
        ("reversing: recording the cancel", Story::recording_cancel()),
        ("reversing: the cancel out", Story::cancelling()),
        ("reversing: the cancel accepted", Story::cancelled(reversed())),
        ("reversing: the cancel found nothing", Story::cancelled(NOT_FOUND)),
        ("reversing: the cancel refused", Story::cancelled(unknown(DoubtKind::AskAgain))),
        ("reversing: the cancel lost", Story::cancelled(LOST)),
        ("reversing: pausing", Story::cancelled(LOST).answers("query", PENDING).skip()),
        ("recording the end", Story::charging().answers("pay", paid()).skip()),
        ("parked", Story::parked()),
        ("parked, a query out", Story::restored(0).at(0).catches_up().skip()),
        ("settled: paid", Story::settled_paid()),
        ("settled: paid, a query out", Story::settled_paid().notified().skip()),
        ("settled: not charged, a query out", Story::settled_not_charged().notified().skip()),
        ("voiding: the first query out", Story::voiding(0).at(0).catches_up().skip()),
        ("voiding: recording the cancel", Story::recording_void()),
        ("voiding: the cancel out", Story::recording_void().stored().skip()),
        ("voiding: the cancel accepted", Story::voided(reversed())),
        ("voiding: the cancel refused", Story::voided(unknown(DoubtKind::AskAgain))),
        (
            "voiding: the cancel refused, paid once",
            Story::voided(unknown(DoubtKind::AskAgain))
                .answers("query", paid())
                .at(1_000)
                .catches_up()
                .skip(),
        ),
        ("voiding: the cancel lost", Story::voided(LOST)),
        ("voiding: taken up, a query out", Story::restored_void(1).at(0).catches_up().skip()),
        ("voided", Story::voided(reversed()).answers("query", reversed()).stored().skip()),
        ("halted", Story::recording_cancel().journal_fails().skip()),
    ]
}

fn answers() -> Vec<(String, Answer)> {
    let mut answers = vec![
        ("paid".to_owned(), paid()),
        ("paid, part returned".to_owned(), paid_and(Returned::Part(None))),
        ("paid, all returned".to_owned(), paid_and(Returned::Everything)),
        ("paid, returning unclear".to_owned(), paid_and(Returned::Unclear)),
        ("presented".to_owned(), presented()),
        ("declined".to_owned(), declined(Why::PaymentDeclined)),
        ("reversed".to_owned(), reversed()),
        ("pending".to_owned(), PENDING),
        ("not found".to_owned(), NOT_FOUND),
        ("not sent".to_owned(), NOT_SENT),
        ("lost".to_owned(), LOST),
        ("garbled".to_owned(), GARBLED),
    ];
    answers
        .extend(DoubtKind::ALL.map(|kind| (format!("unknown ({})", kind.name()), unknown(kind))));
    answers
}

/// What follows, with what was asked for of the story: "nothing" if nothing does.
fn follows(story: &Story) -> String {
    match story.effects() {
        effects if effects.is_empty() => "nothing".to_owned(),
        effects => effects,
    }
}

/// The rows of one state; those that cause the same stand together.
fn rows(story: &Story) -> Vec<(String, String)> {
    let mut rows: Vec<(String, String)> = Vec::new();
    let mut row = |event: String, after: &Story| match (rows.last_mut(), follows(after)) {
        (Some((events, effects)), follows) if *effects == follows => {
            write!(events, "; {event}").expect("a String");
        }
        (_, follows) => rows.push((event, follows)),
    };
    row("scan".to_owned(), &story.clone().scans(ALIPAY_CODE));
    row("stored".to_owned(), &story.clone().stored());
    row("journal fails".to_owned(), &story.clone().journal_fails());
    row("notified".to_owned(), &story.clone().notified());
    row("cancel key".to_owned(), &story.clone().cancel_key());
    if let Some((at, timer)) = story.next() {
        row(format!("{timer:?} at {at} ms"), &story.clone().wakes(at, timer));
    }
    for operation in story.open() {
        for (name, answer) in answers() {
            row(format!("{operation}: {name}"), &story.clone().answers(operation, answer));
        }
    }
    let stray = Event::Answered { ask: cashier::id::AskId(u32::MAX), result: paid() };
    row("an answer to nothing: paid".to_owned(), &story.clone().happens(stray));
    rows
}

#[test]
fn every_state_meets_every_event_as_the_table_says() {
    let mut table = String::new();
    let mut states_met = 0;
    for (state, story) in states() {
        states_met += 1;
        writeln!(table, "{state}").expect("a String");
        for (events, effects) in rows(&story) {
            writeln!(table, "    {events}\n        -> {effects}").expect("a String");
        }
        writeln!(table).expect("a String");
    }
    assert_eq!(states_met, 34);
    if std::env::var_os("CASHIER_ROWS_WRITE").is_some() {
        std::fs::write(PATH, &table).expect("a writable table");
    }
    let told = std::fs::read_to_string(PATH).expect("tests/rows/table.txt");
    let differs = table.lines().zip(told.lines()).find(|(now, then)| now != then);
    assert!(
        table == told,
        "the machine does not do what tests/rows/table.txt says: {differs:?}. If it is meant, write \
         the table anew with CASHIER_ROWS_WRITE=1 and read the difference"
    );
}
