//! What the tests of the journal share: records, a journal in its own folder, and a raw hand on it.

use cashier::id::{OrderId, RefundId};
use cashier::journal::{HistoryEntry, Journal, RefundSummary, Summary, WallTime};
use cashier::money::Fen;
use cashier::payment::outcome::Returned;
use cashier::payment::record::{Direction, Found, OpenCharge, OpenRefund};
use cashier::payment::{
    Channel, CodeKind, Decline, Doubt, DoubtKind, Outcome, Payment, Record, Refund, RefundOutcome,
    Sale, Why,
};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub const NOW: WallTime = WallTime::from_unix_ms(1_763_640_000_000);

pub fn order(n: u32) -> OrderId {
    OrderId::parse(&format!("order-{n}")).expect("an order id")
}

pub fn sale(n: u32) -> Sale {
    Sale {
        order: order(n),
        amount: Fen::new(1000 + i64::from(n)),
        operator: "oper01".to_owned(),
        subject: "比萨".to_owned(),
    }
}

pub fn scan() -> Direction {
    Direction::Scan {
        kind: CodeKind::Barcode,
        masked: "28****4755".to_owned(),
        channel: Channel::Alipay,
    }
}

pub fn opened(n: u32) -> Record {
    Record::Opened { sale: sale(n), direction: scan() }
}

pub fn cancel(n: u32, attempt: u32) -> Record {
    let why = Decline::ours(Why::CancelledByCashier);
    Record::CancelIntent { order: order(n), attempt, why }
}

pub fn parked(n: u32) -> Record {
    Record::Parked { order: order(n), doubt: Doubt::of(DoubtKind::NoAnswer) }
}

pub fn payment(n: u32) -> Payment {
    Payment {
        amount: sale(n).amount,
        channel: Channel::Alipay,
        gateway_order: Some(format!("7892259488292{n}")),
        trade_no: Some("2013112011001004330000121536".to_owned()),
        returned: Returned::Nothing,
    }
}

pub fn settled(n: u32, outcome: Outcome) -> Record {
    Record::Settled { order: order(n), outcome }
}

pub fn paid(n: u32) -> Record {
    settled(n, Outcome::Paid(payment(n)))
}

pub fn not_charged(n: u32) -> Record {
    settled(n, Outcome::NotCharged(Decline::ours(Why::InsufficientFunds)))
}

pub fn reversed(n: u32) -> Record {
    let said = Some("CANCEL_SUCCESS 撤单成功".to_owned());
    settled(n, Outcome::Reversed(Decline { why: Why::CancelledByCashier, said }))
}

pub fn void(n: u32, attempt: u32) -> Record {
    Record::VoidIntent { order: order(n), attempt }
}

pub fn voided(n: u32) -> Record {
    Record::Voided { order: order(n) }
}

pub fn void_refused(n: u32) -> Record {
    let why = Decline { why: Why::GatewayRefused, said: Some("EXPIRED".to_owned()) };
    Record::VoidRefused { order: order(n), why }
}

pub fn discrepancy(n: u32) -> Record {
    Record::Discrepancy { order: order(n), found: Found::Paid(payment(n)) }
}

pub fn number(text: &str) -> RefundId {
    RefundId::parse(text).expect("a number")
}

pub fn refund(n: u32, id: &str, fen: i64, before: i64) -> Refund {
    Refund {
        id: number(id),
        sale: sale(n),
        amount: Fen::new(fen),
        refunded_before: Fen::new(before),
        gateway_order: Some("7892259488292".to_owned()),
        subject: "比萨".to_owned(),
    }
}

pub fn intent(n: u32, id: &str, fen: i64, before: i64) -> Record {
    Record::RefundIntent { refund: refund(n, id, fen, before) }
}

pub fn ended(n: u32, id: &str, outcome: RefundOutcome) -> Record {
    Record::RefundSettled { order: order(n), id: number(id), outcome }
}

pub fn refunded(n: u32, id: &str) -> Record {
    ended(n, id, RefundOutcome::Refunded { gateway_refund: Some("9".to_owned()) })
}

pub fn refused_by_gateway(n: u32, id: &str) -> Record {
    ended(n, id, RefundOutcome::Refused(Decline::ours(Why::RefundNotAllowed)))
}

pub fn put_off(n: u32, id: &str, doubt: Option<Doubt>) -> Record {
    Record::RefundParked { order: order(n), id: number(id), doubt }
}

/// A journal's place in a folder of its own.
pub struct Place {
    _folder: TempDir,
    pub path: PathBuf,
}

impl Place {
    pub fn new() -> Place {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.db");
        Place { _folder: folder, path }
    }

    pub fn open(&self) -> Journal {
        Journal::open(&self.path).expect("the journal opens")
    }

    pub fn beside(&self, suffix: &str) -> PathBuf {
        beside(&self.path, suffix)
    }

    /// A journal that holds these records.
    pub fn with(records: &[Record]) -> Place {
        let place = Place::new();
        let mut journal = place.open();
        for record in records {
            append(&mut journal, record);
        }
        journal.close().expect("the journal closes");
        place
    }

    /// A careless hand: a connection without the triggers.
    pub fn raw(&self) -> Connection {
        let raw = Connection::open(&self.path).expect("a raw connection");
        let triggers: Vec<String> = raw
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
            .and_then(|mut query| query.query_map([], |row| row.get(0))?.collect())
            .expect("the triggers");
        assert!(!triggers.is_empty());
        for trigger in triggers {
            raw.execute_batch(&format!("DROP TRIGGER {trigger}")).expect("no trigger");
        }
        raw.pragma_update(None, "foreign_keys", false).expect("no foreign keys");
        raw
    }
}

pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

pub fn append(journal: &mut Journal, record: &Record) {
    journal.append(record, NOW).unwrap_or_else(|error| panic!("{record:?}: {error}"));
}

/// All that a journal says, to compare one with another.
#[derive(Debug, PartialEq)]
pub struct Told {
    pub list: Vec<Summary>,
    pub open: Vec<OpenCharge>,
    pub refunds: Vec<RefundSummary>,
    pub open_refunds: Vec<OpenRefund>,
    pub histories: Vec<Vec<HistoryEntry>>,
}

impl Told {
    /// Reads all, and insists that it is sound.
    pub fn by(journal: &Journal) -> Told {
        assert_eq!(journal.verify().expect("verified"), []);
        assert_eq!(journal.damage(), []);
        let list = journal.list(u32::MAX, None).expect("a list");
        let open = journal.open_charges().expect("open charges");
        assert_eq!((list.damaged, open.damaged), (vec![], vec![]));
        let refunds = journal.list_refunds(u32::MAX, None).expect("a list");
        let open_refunds = journal.open_refunds().expect("open refunds");
        assert_eq!((refunds.damaged, open_refunds.damaged), (vec![], vec![]));
        let (refunds, open_refunds) = (refunds.items, open_refunds.items);
        let history = |line: &Summary| journal.history(&line.order).expect("a history");
        let histories = list.items.iter().map(history).collect();
        Told { list: list.items, open: open.items, refunds, open_refunds, histories }
    }

    /// How many entries there are.
    pub fn entries(&self) -> usize {
        self.histories.iter().map(Vec::len).sum()
    }
}
