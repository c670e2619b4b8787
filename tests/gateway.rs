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
#[path = "gateway/lenient_operations.rs"]
mod lenient_operations;
#[path = "gateway/notifications.rs"]
mod notifications;
#[path = "gateway/operation_answers.rs"]
mod operation_answers;
#[path = "gateway/operation_codes.rs"]
mod operation_codes;
#[path = "gateway/operation_limits.rs"]
mod operation_limits;
#[path = "gateway/operation_lists.rs"]
mod operation_lists;
#[path = "gateway/operations.rs"]
mod operations;
#[path = "gateway/refunds.rs"]
mod refunds;
#[path = "gateway/refunds_hostile.rs"]
mod refunds_hostile;
#[path = "gateway/refunds_sosopay.rs"]
mod refunds_sosopay;
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
