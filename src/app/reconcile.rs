//! Reads both books of a day, to be compared by [`crate::app::books`] (I20).
//!
//! Our side is the journal, opened for reading, so that it can be done beside the running firmware.
//! The gateway's side is its batch query, where it has one and the acquirer's path for it is
//! configured, and otherwise one query for each order: one after the other, no more of them once
//! the gateway has stopped answering (I15). What a batch query leaves out is asked about too: a
//! list may be older than the order.
//!
//! Days are China's (UTC+8), as the gateways count them (JSON zh §7.3 "BEGIN_TIME"). The wall clock
//! only chooses what to compare and settles nothing (I14): an order that one clock has in the day
//! and the other has not is looked for on the other side before anything is said of it.

use crate::app::books::{self, Compared, Line, Returned, Theirs};
use crate::app::config::Config;
use crate::app::exec::{Came, ask_operation};
use crate::app::http::Http;
use crate::app::report::iso8601;
use crate::gateway::operation::{BatchQuery, Date, OrderInfo, OrderKey, PAGE_SIZE_MAX};
use crate::gateway::{Answer, Failed, Kind, Operation, OperationError};
use crate::id::OrderId;
use crate::journal::{Journal, JournalError, Summary};
use crate::payment::AskError;
use std::collections::{BTreeMap, BTreeSet};

/// The most pages of a batch query: a hundred thousand orders in a day.
const PAGES_MAX: u32 = 1_000;

/// After so many questions in a row without an answer the rest is not asked.
const SILENT_MAX: u32 = 3;

/// How many orders of the journal are read at a time.
const LIST_LEN: u32 = 500;

const CHINA_AHEAD_MS: i64 = 8 * 60 * 60 * 1000;

/// The day, in China, of a moment of Unix time.
pub fn china_day(unix_ms: i64) -> String {
    let text = iso8601(unix_ms.saturating_add(CHINA_AHEAD_MS));
    text.split('T').next().unwrap_or_default().to_owned()
}

/// How the gateway's side was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// By its batch query: what only the gateway has is found, too.
    BatchQuery,
    /// By a query for each order of ours.
    Queries,
}

impl By {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            By::BatchQuery => "batch_query",
            By::Queries => "queries",
        }
    }
}

/// Both books of a day, compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciled {
    /// What came of it.
    pub compared: Compared,
    /// How the gateway's side was read.
    pub by: By,
    /// Whether anything left the device.
    pub sent: bool,
    /// What people should know: rows of the journal that cannot be read, a list that was not to be
    /// had.
    pub remarks: Vec<String>,
}

/// Why nothing could be compared.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// The journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The question cannot be put.
    #[error(transparent)]
    Operation(#[from] OperationError),
}

/// Reads and compares the books of `day`. `progress` hears how many orders of how many have been
/// asked about.
pub async fn reconcile(
    config: &Config,
    http: &Http,
    day: Date,
    progress: impl FnMut(usize, usize),
) -> Result<Reconciled, ReconcileError> {
    let journal = Journal::open_read_only(&config.journal)?;
    let (mut ours, remarks) = of_day(&journal, day)?;
    let unreadable = remarks.len();
    let mut reading =
        Reading { config, http, theirs: BTreeMap::new(), silent: 0, sent: false, remarks };
    let by = reading.batch(day).await?;
    // Both clocks agree on most orders; of the others the journal may know all the same.
    let strange: Vec<OrderId> = reading
        .theirs
        .keys()
        .filter(|order| !ours.contains_key(*order))
        .filter_map(|order| OrderId::parse(order).ok())
        .collect();
    for order in strange {
        if let Some(entry) = journal.find(&order)? {
            ours.insert(order.to_string(), books::ours(&entry.summary));
        }
    }
    reading.ask_about(&ours, progress).await?;
    if by == By::BatchQuery {
        reading.ask_again(&ours).await?;
    }
    let mut compared = books::compare(&ours, &reading.theirs);
    compared.orders += unreadable;
    compared.unknown += unreadable;
    Ok(Reconciled { compared, by, sent: reading.sent, remarks: reading.remarks })
}

/// The journal's orders of a day, and what of it cannot be read.
fn of_day(
    journal: &Journal,
    day: Date,
) -> Result<(BTreeMap<String, Line>, Vec<String>), JournalError> {
    let (day, mut lines) = (day.to_string(), BTreeMap::new());
    let damaged = each_order(journal, |order| {
        if china_day(order.created_at.unix_ms()) == day {
            lines.insert(order.order.to_string(), books::ours(order));
        }
    })?;
    Ok((lines, damaged))
}

/// Shows every order of the journal, newest first and a page at a time, and returns what of it
/// cannot be read. Whoever wants a day has to look at all: the clock may have been set back and
/// forth.
pub fn each_order(
    journal: &Journal,
    mut show: impl FnMut(&Summary),
) -> Result<Vec<String>, JournalError> {
    let (mut damaged, mut before) = (Vec::new(), None);
    loop {
        let page = journal.list(LIST_LEN, before)?;
        damaged.extend(page.damaged.iter().map(ToString::to_string));
        let Some(last) = page.items.last() else { return Ok(damaged) };
        before = Some(last.seq);
        page.items.iter().for_each(&mut show);
    }
}

/// The gateway's side, as far as it has been read.
struct Reading<'a> {
    config: &'a Config,
    http: &'a Http,
    theirs: BTreeMap<String, Theirs>,
    /// Questions in a row that were not answered.
    silent: u32,
    sent: bool,
    remarks: Vec<String>,
}

impl Reading<'_> {
    /// The gateway's list of the day, if there is one to be had.
    async fn batch(&mut self, day: Date) -> Result<By, OperationError> {
        let mut query = BatchQuery {
            state: None,
            begin: Some(day),
            end: Some(day),
            operator: None,
            channel: None,
            order: None,
            page: 1,
            page_size: PAGE_SIZE_MAX,
        };
        match self.config.gateway.check_operation(&Operation::BatchQuery(query.clone())) {
            Ok(()) => {}
            Err(OperationError::MissingSetting { .. } | OperationError::Unsupported { .. }) => {
                return Ok(By::Queries);
            }
            Err(error @ OperationError::Field(_)) => return Err(error),
        }
        while query.page <= PAGES_MAX {
            let orders = match self.ask(&Operation::BatchQuery(query.clone())).await? {
                Came::Answered(answer) => match *answer {
                    Answer::Orders(page) => page.orders,
                    _ => return Ok(self.no_batch("another answer")),
                },
                Came::Failed(failed) => return Ok(self.no_batch(failed.name())),
                Came::Unanswered(_) => return Ok(self.no_batch("no answer")),
            };
            let known = self.theirs.len();
            let device = &self.config.device;
            self.theirs.extend(orders.iter().filter_map(|info| of_device(device, info)));
            let is_last = orders.len() < PAGE_SIZE_MAX as usize;
            // A gateway that gives the same page again has no more.
            if is_last || self.theirs.len() == known {
                return Ok(By::BatchQuery);
            }
            query.page += 1;
        }
        Ok(self.no_batch("too many orders"))
    }

    fn no_batch(&mut self, why: &str) -> By {
        self.theirs.clear();
        self.remarks.push(format!(
            "no batch query ({why}): each order is asked about instead, and orders that only the \
             gateway has are not found"
        ));
        By::Queries
    }

    /// Asks about every order of ours that is not known yet, or not well enough.
    async fn ask_about(
        &mut self,
        ours: &BTreeMap<String, Line>,
        mut progress: impl FnMut(usize, usize),
    ) -> Result<(), OperationError> {
        let count = ours.len();
        for (at, order) in ours.keys().enumerate() {
            if self.silent >= SILENT_MAX {
                self.remarks.push(format!(
                    "the gateway does not answer: {} orders were not asked about",
                    count - at
                ));
                return Ok(());
            }
            let Ok(order) = OrderId::parse(order) else { continue };
            let known = self.theirs.get(order.as_str()).copied();
            let their = match known {
                Some(Theirs::Says(line)) => Theirs::Says(self.with_refunds(&order, line).await?),
                Some(Theirs::Missing | Theirs::Unknown) | None => self.lookup(&order).await?,
            };
            self.theirs.insert(order.to_string(), their);
            progress(at + 1, count);
        }
        Ok(())
    }

    /// A list may be older than the order: what differs by it is asked about before it is told.
    async fn ask_again(&mut self, ours: &BTreeMap<String, Line>) -> Result<(), OperationError> {
        let listed = books::compare(ours, &self.theirs).differences;
        let differing: BTreeSet<&str> = listed.iter().map(|it| it.order.as_str()).collect();
        for order in differing {
            let Ok(order) = OrderId::parse(order) else { continue };
            if self.silent >= SILENT_MAX {
                break;
            }
            let their = self.lookup(&order).await?;
            // What was not answered stands as it was listed.
            if their != Theirs::Unknown {
                self.theirs.insert(order.to_string(), their);
            }
        }
        Ok(())
    }

    async fn lookup(&mut self, order: &OrderId) -> Result<Theirs, OperationError> {
        let lookup = Operation::Lookup(OrderKey::Ours(order.clone()));
        let said = match self.ask(&lookup).await? {
            Came::Answered(answer) => match *answer {
                Answer::Order(info) => books::theirs(&info),
                _ => Theirs::Unknown,
            },
            Came::Failed(Failed::NotFound) => Theirs::Missing,
            Came::Failed(Failed::Refused(_) | Failed::Unknown(_)) | Came::Unanswered(_) => {
                Theirs::Unknown
            }
        };
        Ok(match said {
            Theirs::Says(line) => Theirs::Says(self.with_refunds(order, line).await?),
            Theirs::Missing | Theirs::Unknown => said,
        })
    }

    /// How much went back, where the state says only that some did (JSON en §9).
    async fn with_refunds(
        &mut self,
        order: &OrderId,
        mut line: Line,
    ) -> Result<Line, OperationError> {
        let is_told = line.returned != Returned::Part;
        if is_told || self.config.gateway.kind() != Kind::SosopayJson {
            return Ok(line);
        }
        let list = Operation::RefundList(OrderKey::Ours(order.clone()));
        if let Came::Answered(answer) = self.ask(&list).await?
            && let Answer::Refunds(list) = *answer
            && let Some(sum) = list.refunded
        {
            line.returned = Returned::Exactly(sum);
        }
        Ok(line)
    }

    async fn ask(&mut self, operation: &Operation) -> Result<Came, OperationError> {
        let timeout = self.config.policy.query_timeout;
        let came = ask_operation(&self.config.gateway, self.http, operation, timeout).await?;
        match &came {
            Came::Answered(_) | Came::Failed(_) => self.silent = 0,
            Came::Unanswered(_) => self.silent += 1,
        }
        self.sent |= !matches!(came, Came::Unanswered(AskError::NotSent));
        Ok(came)
    }
}

/// An order of this device's; the merchant's other devices have journals of their own.
fn of_device(device: &str, info: &OrderInfo) -> Option<(String, Theirs)> {
    let is_others = info.device.as_ref().is_some_and(|its| its != device);
    let order = info.order.clone().filter(|_| !is_others)?;
    Some((order, books::theirs(info)))
}

#[cfg(test)]
mod tests {
    use super::china_day;

    #[test]
    fn a_day_begins_in_china() {
        // 2016-01-31T15:59:59.999Z and a millisecond later.
        assert_eq!(china_day(1_454_255_999_999), "2016-01-31");
        assert_eq!(china_day(1_454_256_000_000), "2016-02-01");
        assert_eq!(china_day(0), "1970-01-01");
        assert!(!china_day(i64::MAX).is_empty() && !china_day(i64::MIN).is_empty());
    }
}
