//! The codecs against the documents: what is sent, byte for byte, and what each answer proves.
//!
//! `tests/vectors/` has the documents' own samples. Expected signs and encrypted bodies come from
//! `md5sum` and `openssl`, not from this code.

#[path = "gateway/dictionaries.rs"]
mod dictionaries;
#[path = "gateway/extras.rs"]
mod extras;
#[path = "gateway/hostile.rs"]
mod hostile;
#[path = "gateway/lenient.rs"]
mod lenient;
#[path = "gateway/notifications.rs"]
mod notifications;
#[path = "gateway/operations.rs"]
mod operations;
#[path = "gateway/refunds.rs"]
mod refunds;
#[path = "gateway/refusals.rs"]
mod refusals;
#[path = "gateway/requests.rs"]
mod requests;
#[path = "gateway/sosopay.rs"]
mod sosopay;
#[path = "gateway/support.rs"]
mod support;
#[path = "gateway/upay.rs"]
mod upay;
