//! What must never be taken for a proof of a refund (I12, I15).

use crate::refunds::upay;
use crate::refunds_sosopay::{resp, sample_refund};
use crate::support::*;
use cashier::gateway::{HttpResponse, Kind};
use cashier::payment::{RefundRequest, RefundVerdict};
use proptest::prelude::*;

#[test]
fn i4_only_status_200_is_believed_of_a_refund() {
    let body = upay("REFUND_SUCCESS", r#""order_status":"REFUNDED""#);
    for (status, proof) in
        [(500, "unknown gateway_fault"), (404, "unknown unreadable"), (201, "unknown unreadable")]
    {
        let response = HttpResponse { status, body: body.clone().into_bytes() };
        let verdict = gateway(Kind::Shouqianba).decode_refund(&apply(0), &response);
        assert_eq!(short_refund(&verdict), proof);
    }
}

/// Every sample of an answer about a refund that proves something, with what it proves.
fn proofs() -> Vec<(Kind, RefundRequest, String)> {
    let refund = refund_of(sale_of("12345677767776", 1), 1, 0);
    let more = [("CHARGE_CODE", ORDER), ("AMT", "158.00"), ("CHARGE_STATE", "5")];
    vec![
        (
            Kind::Shouqianba,
            RefundRequest::Apply(refund),
            vector("upay/2-3.2-viii-refund-success.json"),
        ),
        (Kind::Shouqianba, apply(0), vector("upay/3-3.3-refund-fail.json")),
        (Kind::Shouqianba, refund_query(0), vector("upay/3-4.3-query-partial.json")),
        (Kind::SosopayJson, apply(0), vector("sosopay-json/zh-6.5-refund.json")),
        (
            Kind::SosopayJson,
            sample_refund("20170622100000235526", 0),
            vector("sosopay-json/en-10.3-refund-query.json"),
        ),
        (Kind::SosopayXml, apply(0), vector("sosopay-xml/v1-5-refund.xml")),
        (Kind::SosopayXml, refund_query(0), resp(Kind::SosopayXml, "QUERY_RESP", "SUCCESS", &more)),
    ]
}

#[test]
fn i15_an_answer_to_a_refund_that_is_cut_or_continued_proves_nothing() {
    for (kind, request, body) in proofs() {
        assert!(!matches!(refund_answer(kind, &request, body.clone()), RefundVerdict::Unknown(_)));
        let whole = body.trim_end().as_bytes();
        for end in 0..whole.len() {
            let verdict = refund_answer(kind, &request, whole.get(..end).unwrap_or_default());
            assert_eq!(short_refund(&verdict), "unknown unreadable", "cut at {end}");
        }
        let verdict = refund_answer(kind, &request, format!("{body}x"));
        assert_eq!(short_refund(&verdict), "unknown unreadable");
    }
}

proptest! {
    #[test]
    fn i15_no_bytes_prove_anything_of_a_refund(
        body in prop::collection::vec(any::<u8>(), 0..600), status in 190u16..600,
    ) {
        for kind in Kind::ALL {
            for request in [apply(0), refund_query(0), refund_query(500)] {
                let response = HttpResponse { status, body: body.clone() };
                let verdict = gateway(kind).decode_refund(&request, &response);
                prop_assert!(matches!(verdict, RefundVerdict::Unknown(_)), "{:?}", verdict);
            }
        }
    }

    /// Whatever happens to a few bytes, a refund that is proven is ours.
    #[test]
    fn i12_a_damaged_proof_never_becomes_another_orders(
        which in 0usize..7, at in any::<prop::sample::Index>(), byte in any::<u8>(),
        count in 0usize..4,
    ) {
        let (kind, request, body) = proofs().swap_remove(which);
        let mut bytes = body.into_bytes();
        let at = at.index(bytes.len());
        let end = (at + count).min(bytes.len());
        bytes.splice(at..end, [byte]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let RefundVerdict::Refunded { .. } = refund_answer(kind, &request, bytes) {
            prop_assert!(text.contains(request.order().as_str()));
        }
    }
}
