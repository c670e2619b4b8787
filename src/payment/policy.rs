//! How long the machine waits.

use std::time::Duration;

/// The waits of the machine; `[policy]` in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How long to wait for a code to be scanned. A code lives about a minute (protocol/README,
    /// "Payment codes").
    pub await_code: Duration,
    /// How long one pay or precreate may take. SOSOPAY holds the call for 80 s (JSON zh §2.2), and
    /// the network gets 5 s more.
    pub charge_timeout: Duration,
    /// When a pay call that has not answered is asked about beside it.
    pub charge_doubt: Duration,
    /// How long one query or cancel may take.
    pub query_timeout: Duration,
    /// The wait before the first query of a poll.
    pub poll_first: Duration,
    /// The longest wait between two queries (Upay v2 §3-2.4 waits a fixed 5 s).
    pub poll_max: Duration,
    /// How long to ask before reversing (protocol/README, "Polling figures": 40-60 s).
    pub confirm_budget: Duration,
    /// How long a QR is shown, and its life where the gateway can be told one.
    pub present_budget: Duration,
    /// How long a QR may be paid for, however short it is shown: about 4 minutes (protocol/README,
    /// "In the field"). Upay v2 §3-6 and XML v1 §3 have no field for it, and JSON zh table 3.3
    /// takes no less than 120 s.
    pub qr_life: Duration,
    /// How long a request may be under way, and so how long "does not exist" stays doubtful (I5).
    pub in_flight_max: Duration,
    /// How long to reverse in front of the cashier before the charge is parked.
    pub reverse_budget: Duration,
    /// The cap of the resolver's backoff.
    pub resolve_max: Duration,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            await_code: Duration::from_secs(60),
            charge_timeout: Duration::from_secs(85),
            charge_doubt: Duration::from_secs(10),
            query_timeout: Duration::from_secs(10),
            poll_first: Duration::from_secs(1),
            poll_max: Duration::from_secs(5),
            confirm_budget: Duration::from_secs(60),
            present_budget: Duration::from_secs(240),
            qr_life: Duration::from_secs(240),
            in_flight_max: Duration::from_secs(80),
            reverse_budget: Duration::from_secs(30),
            resolve_max: Duration::from_secs(600),
        }
    }
}

impl Policy {
    /// How long the customer may be able to pay a QR, from when it was there (I5).
    pub(super) fn payable(&self) -> Duration {
        self.qr_life.max(self.present_budget)
    }
}
