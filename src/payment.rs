//! The payment machine, sans-IO: what a charge is, and what to do next until it is known whether
//! money moved.
//!
//! This room owns the rules of `design/invariants.md` that concern one order. It touches nothing:
//! time, ids and codes come in as arguments, effects go out as data, and one executor in `app`
//! performs them and decides nothing.
//!
//! Sources: Upay v2 §3-2.4 (the sample procedure, whose holes are closed here), SOSOPAY JSON zh
//! §2.2 (80 s auto-revoke), protocol/README ("Polling figures", "What each answer proves").
//!
//! Reading order: [`request`] and [`verdict`] are the words spoken with a gateway; [`record`] what
//! the journal keeps; [`event`] and [`effect`] the machine's two sides; [`machine`] the rules.

mod audit;
pub mod channel;
pub mod code;
pub mod effect;
pub mod event;
pub mod machine;
pub mod outcome;
pub mod policy;
mod poll;
pub mod reason;
pub mod record;
pub mod refund;
pub mod refunding;
pub mod request;
pub mod timer;
pub mod verdict;
pub mod view;

pub use channel::Channel;
pub use code::{CodeKind, CodeRules, PaymentCode};
pub use effect::{Effect, Signal};
pub use event::{AskError, Event, StoreError};

pub use machine::Charge;
pub use outcome::{Outcome, Payment};
pub use policy::Policy;
pub use reason::{Decline, Doubt, DoubtKind, Why};
pub use record::Record;
pub use refund::{Refund, RefundOutcome, RefundRequest, RefundVerdict};
pub use refunding::{RefundEffect, RefundEvent, RefundView, Refunding};
pub use request::{Request, Sale};
pub use timer::{Moment, Timer};
pub use verdict::Verdict;
pub use view::View;
