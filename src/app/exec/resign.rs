//! Sends one question; once more, signed anew, if it was refused because our clock is off.
//!
//! A wrong clock delays or re-signs, and never settles (I14). SOSOPAY signs with the time and
//! refuses a sign that is too old or too new before any money moves (`INVALID_SIGN`, JSON zh
//! appendix 5), and its answer has the right time in `Date`. The order, its number and its intent in
//! the journal stay the same, so this is the same attempt (I1, I2).

use crate::app::http::{Http, Incoming, Outgoing};
use crate::gateway::{Extras, Gateway, HttpResponse, Stamp};
use crate::payment::{AskError, Request, Verdict, Why};
use std::time::Duration;
use tokio::time::Instant;

/// A sign that is this little off is not refused for its time.
const OFF_MIN_SECONDS: u64 = 60;

/// A question as it goes out, and what it takes to sign it anew.
pub(super) struct Signed {
    pub(super) outgoing: Outgoing,
    pub(super) stamp: Stamp,
    pub(super) extras: Extras,
}

/// Sends a question.
pub(super) async fn send(
    http: &Http,
    gateway: &Gateway,
    request: &Request,
    signed: Signed,
    timeout: Duration,
) -> Result<Incoming, AskError> {
    let Signed { outgoing, stamp, extras } = signed;
    let begun = Instant::now();
    let first = match request {
        // A connection opened ahead is for the customer who waits, not for the resolver.
        Request::Query { .. } | Request::Cancel { .. } => {
            return http.send_afresh(outgoing, timeout).await;
        }
        Request::Pay { .. } | Request::Precreate { .. } => http.send(outgoing, timeout).await?,
    };
    let Some(right) = first.date_unix_seconds else { return Ok(first) };
    if !gateway.kind().signs_the_time() {
        return Ok(first);
    }
    if right.abs_diff(stamp.unix_seconds) < OFF_MIN_SECONDS || !bad_sign(gateway, request, &first) {
        return Ok(first);
    }
    let Ok(signed_anew) = gateway.encode_with(request, &extras, Stamp { unix_seconds: right })
    else {
        return Ok(first);
    };
    tracing::warn!(
        order = %request.sale().order,
        off_by_s = right.abs_diff(stamp.unix_seconds),
        "refused for its sign while our clock is off; signed anew"
    );
    let left = timeout.saturating_sub(begun.elapsed());
    http.send(super::outgoing(signed_anew), left).await.or_else(|error| match error {
        // Nothing of the second one left, so the first answer stands: refused before any money.
        AskError::NotSent => Ok(first),
        AskError::MaybeSent | AskError::Garbled => Err(error),
    })
}

fn bad_sign(gateway: &Gateway, request: &Request, answer: &Incoming) -> bool {
    let response = HttpResponse { status: answer.status, body: answer.body.clone() };
    match gateway.decode(request, &response) {
        Verdict::Declined(decline) => decline.why == Why::BadSignature,
        Verdict::Paid(_)
        | Verdict::Presented { .. }
        | Verdict::Reversed(_)
        | Verdict::Pending
        | Verdict::Unknown(_)
        | Verdict::NotFound => false,
    }
}
