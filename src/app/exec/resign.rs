//! Sends one question; once more, signed anew, if it was refused because our clock is off.
//!
//! A wrong clock delays or re-signs, and never settles (I14). SOSOPAY signs with the time and
//! refuses a sign that is too old or too new before any money moves (`INVALID_SIGN`, JSON zh
//! appendix 5), and its answer has the right time in `Date`. The order, its number and its intent
//! in the journal stay the same, so this is the same attempt (I1, I2).

use super::question::Question;
use crate::app::http::{Http, Incoming, Outgoing, Unanswered};
use crate::gateway::{Gateway, HttpResponse, Stamp};
use crate::payment::AskError;
use std::time::Duration;
use tokio::time::Instant;

/// A sign that is this little off is not refused for its time.
const OFF_MIN_SECONDS: u64 = 60;

/// Sends a question that was signed at `stamp`.
pub(super) async fn send(
    http: &Http,
    gateway: &Gateway,
    question: &Question,
    outgoing: Outgoing,
    stamp: Stamp,
    timeout: Duration,
) -> Result<Incoming, Unanswered> {
    let begun = Instant::now();
    let first = post(http, question, outgoing, timeout).await?;
    if !question.is_decisive() {
        return Ok(first);
    }
    let Some(right) = first.date_unix_seconds else { return Ok(first) };
    if !gateway.kind().signs_the_time() {
        return Ok(first);
    }
    if right.abs_diff(stamp.unix_seconds) < OFF_MIN_SECONDS || !bad_sign(gateway, question, &first)
    {
        return Ok(first);
    }
    let Ok(signed_anew) = question.encode(gateway, Stamp { unix_seconds: right }) else {
        return Ok(first);
    };
    tracing::warn!(
        order = %question.order(),
        off_by_s = right.abs_diff(stamp.unix_seconds),
        "refused for its sign while our clock is off; signed anew"
    );
    let left = timeout.saturating_sub(begun.elapsed());
    let second = post(http, question, super::outgoing(signed_anew), left).await;
    second.or_else(|unanswered| match unanswered.error {
        // Nothing of the second one left, so the first answer stands: refused before any money.
        AskError::NotSent => Ok(first),
        AskError::MaybeSent | AskError::Garbled => Err(unanswered),
    })
}

async fn post(
    http: &Http,
    question: &Question,
    outgoing: Outgoing,
    timeout: Duration,
) -> Result<Incoming, Unanswered> {
    // A connection opened ahead is for the customer who waits, not for the resolver.
    if question.is_awaited() {
        http.send(outgoing, timeout).await
    } else {
        http.send_afresh(outgoing, timeout).await
    }
}

fn bad_sign(gateway: &Gateway, question: &Question, answer: &Incoming) -> bool {
    let response = HttpResponse { status: answer.status, body: answer.body.clone() };
    question.is_refused_for_its_sign(gateway, &response)
}
