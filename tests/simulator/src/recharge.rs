//! Flow (data) recharges (JSON zh §9.1 to §9.5): their books.
//!
//! ```text
//!  0 初始 ──recharge_start_ms──→ 1 充值中 ──recharge_ms──→ 2 充值完成 | 3 充值失败
//! ```
//!
//! Pure, like the ledger: time comes in, and a recharge is brought up to date when it is looked at.
//! The document has no query; a terminal learns the end from `notifyURL`. Memory is bounded by
//! `MAX_RECHARGES`.

use serde::Serialize;

/// Recharges that are kept.
const MAX_RECHARGES: usize = 10_000;

/// How recharges go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course {
    pub start_ms: u64,
    pub end_ms: u64,
    pub fails: bool,
}

/// A recharge as it is asked for.
#[derive(Clone, Debug)]
pub(crate) struct NewRecharge {
    pub merchant: String,
    pub phone: String,
    pub megabytes: u32,
    /// 0 全国, 1 省内.
    pub flow_type: String,
    pub notify_url: Option<String>,
}

/// A recharge, as the books have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RechargeView {
    /// orderID.
    pub order: String,
    /// phoneNo.
    pub phone: String,
    /// flowVal, megabytes.
    pub megabytes: u32,
    /// status: 0 new, 1 under way, 2 done, 3 failed.
    pub status: u8,
    /// Milliseconds of the simulator's clock.
    pub at_ms: u64,
}

/// A recharge.
#[derive(Clone, Debug)]
pub(crate) struct Recharge {
    pub place: usize,
    pub new: NewRecharge,
    pub at_ms: u64,
    course: Course,
    told: bool,
}

impl Recharge {
    /// JSON zh table 10.4 `status`.
    pub fn status(&self, now_ms: u64) -> u8 {
        let passed = now_ms.saturating_sub(self.at_ms);
        match (passed >= self.course.end_ms, passed >= self.course.start_ms) {
            (true, _) if self.course.fails => 3,
            (true, _) => 2,
            (false, true) => 1,
            (false, false) => 0,
        }
    }

    /// As the control shows it; its date is the gateway's.
    pub fn view(&self, date: &str, now_ms: u64) -> RechargeView {
        RechargeView {
            order: self.order_id(date),
            phone: self.new.phone.clone(),
            megabytes: self.new.megabytes,
            status: self.status(now_ms),
            at_ms: self.at_ms,
        }
    }

    fn done_at_ms(&self) -> u64 {
        self.at_ms.saturating_add(self.course.end_ms)
    }

    /// orderID in the sample's shape, its date given.
    pub fn order_id(&self, date: &str) -> String {
        format!("{date}1{:011}", self.place)
    }
}

/// The books.
#[derive(Debug, Default)]
pub(crate) struct Recharges(Vec<Recharge>);

impl Recharges {
    /// Takes one in; `None` if the books are full.
    pub fn open(&mut self, new: NewRecharge, course: Course, now_ms: u64) -> Option<&Recharge> {
        if self.0.len() >= MAX_RECHARGES {
            return None;
        }
        let told = new.notify_url.is_none();
        self.0.push(Recharge { place: self.0.len(), new, at_ms: now_ms, course, told });
        self.0.last()
    }

    /// Every recharge, oldest first.
    pub fn all(&self) -> &[Recharge] {
        &self.0
    }

    /// The recharges that ended and whose notifyURL is to be told, each once; and when the next one
    /// ends.
    pub fn take_notifiable(&mut self, now_ms: u64) -> (Vec<Recharge>, Option<u64>) {
        let (mut ended, mut next_due_ms) = (Vec::new(), None);
        for recharge in self.0.iter_mut().filter(|recharge| !recharge.told) {
            let due = recharge.done_at_ms();
            if due <= now_ms {
                recharge.told = true;
                ended.push(recharge.clone());
            } else {
                next_due_ms = next_due_ms.into_iter().chain(Some(due)).min();
            }
        }
        (ended, next_due_ms)
    }
}
