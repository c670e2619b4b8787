//! What must never be taken for a proof, and never break anything (I3, I4, I15).

use crate::support::*;
use cashier::gateway::{BODY_LEN_MAX, HttpResponse, Kind};
use cashier::payment::{CodeKind, Request, Verdict};
use proptest::prelude::*;

/// Answers that prove something while they are whole.
fn proofs() -> Vec<(Kind, Request, String, &'static str)> {
    let one = |order| sale_of(order, 1);
    let json = |name: &str, theirs: &str| {
        vector(&format!("sosopay-json/{name}.json")).replace(theirs, ORDER)
    };
    let preorder = json("zh-2.6-preorder", "E4E0D212-789B-4914-A4EB-19550F751066");
    let order = json("zh-3.6-order", "D3820833-F310-4658-BF98-52959454FCA0");
    let query_json = json("zh-7.3-query", "1FD7DA99-997C-4C27-99F9-40C1EC170D5C");
    let upay = |name: &str| vector(&format!("upay/{name}.json"));
    let xml = |name: &str| vector(&format!("sosopay-xml/{name}.xml"));
    let bought = sale_of("20150324001069125999", 120);
    let (a, b) = (one("12345677767776"), one("22345677767776"));
    use Kind::{Shouqianba, SosopayJson, SosopayXml};
    vec![
        (Shouqianba, pay(a.clone()), upay("2-3.2-i-pay-success"), "paid"),
        (Shouqianba, pay(a), upay("2-3.2-iii-pay-fail"), "declined code_expired"),
        (Shouqianba, query(one("1234567")), upay("2-3.2-ix-query-canceled"), "reversed"),
        (Shouqianba, precreate(b.clone()), upay("3-6.3-precreate"), "presented"),
        (Shouqianba, cancel(b), upay("2-3.2-xi-cancel-success"), "reversed"),
        (SosopayJson, pay(one(ORDER)), preorder, "paid"),
        (SosopayJson, precreate(sale()), order, "presented"),
        (SosopayJson, query(one(ORDER)), query_json, "paid"),
        (SosopayJson, cancel(sale()), json("zh-8.3-cancel", "nothing"), "reversed"),
        (SosopayXml, precreate(sale()), xml("v1-3-order"), "presented"),
        (SosopayXml, query(bought), xml("v1-6-query"), "paid"),
        (SosopayXml, cancel(sale()), xml("v1-7-cancel"), "reversed"),
    ]
}

fn unreadable(verdict: &Verdict) -> bool {
    short(verdict) == "unknown unreadable"
}

#[test]
fn i15_an_answer_cut_at_any_byte_proves_nothing() {
    for (kind, request, body, proof) in proofs() {
        assert_eq!(short(&answer(kind, &request, body.clone())), proof);
        let whole = body.trim_end().as_bytes();
        for end in 0..whole.len() {
            let verdict = answer(kind, &request, whole.get(..end).unwrap_or_default());
            assert!(unreadable(&verdict), "{kind:?} {proof} cut at {end}: {verdict:?}");
        }
    }
}

#[test]
fn i15_an_answer_with_something_behind_it_proves_nothing() {
    for (kind, request, body, _) in proofs() {
        for tail in ["x", "\0", "{}", "<a/>", body.as_str()] {
            let verdict = answer(kind, &request, format!("{body}{tail}"));
            assert!(unreadable(&verdict), "{kind:?} with {tail}: {verdict:?}");
        }
    }
}

#[test]
fn i4_only_status_200_is_believed() {
    for (kind, request, body, _) in proofs() {
        for (status, proof) in [
            (500, "unknown gateway_fault"),
            (502, "unknown gateway_fault"),
            (503, "unknown gateway_fault"),
            (599, "unknown gateway_fault"),
            (0, "unknown unreadable"),
            (100, "unknown unreadable"),
            (201, "unknown unreadable"),
            (204, "unknown unreadable"),
            (302, "unknown unreadable"),
            (400, "unknown unreadable"),
            (404, "unknown unreadable"),
            (600, "unknown unreadable"),
        ] {
            let response = HttpResponse { status, body: body.clone().into_bytes() };
            assert_eq!(short(&gateway(kind).decode(&request, &response)), proof, "{status}");
        }
    }
}

#[test]
fn i15_a_name_that_occurs_twice_spoils_the_answer() {
    for (kind, request, body, _) in proofs() {
        let twice: Vec<String> = match kind {
            Kind::Shouqianba => vec![
                body.replacen("\"data\"", "\"data\":{},\"data\"", 1),
                body.replacen("\"client_sn\"", "\"client_sn\":\"x\",\"client_sn\"", 1),
                body.replacen("\"total_amount\"", "\"total_amount\":\"1\",\"total_amount\"", 1),
                body.replacen(
                    "\"order_status\"",
                    "\"order\\u005fstatus\":\"PAID\",\"order_status\"",
                    1,
                ),
            ],
            Kind::SosopayJson => vec![
                body.replacen("\"CODE\"", "\"CODE\":\"FAIL\",\"CODE\"", 1),
                body.replacen("\"RESULT\"", "\"RESULT\":{},\"RESULT\"", 1),
            ],
            Kind::SosopayXml => vec![
                body.replacen("<CODE>", "<CODE>FAIL</CODE><CODE>", 1),
                body.replacen("<RESULT>", "<RESULT/><RESULT>", 1),
                body.replacen("<CODE>", "<CODE/><CODE>", 1),
            ],
        };
        for twice in twice {
            assert_ne!(twice, body);
            assert!(unreadable(&answer(kind, &request, twice.clone())), "{twice}");
        }
    }
}

#[test]
fn i15_entities_and_document_types_are_refused() {
    let (kind, request, body, _) = proofs().remove(10);
    let root = "<QUERY_RESP>";
    for doctype in [
        "<!DOCTYPE QUERY_RESP>",
        "<!DOCTYPE q [<!ENTITY a \"1\"><!ENTITY b \"&a;&a;&a;\">]>",
        "<!DOCTYPE q SYSTEM \"file:///etc/passwd\">",
    ] {
        let verdict = answer(kind, &request, body.replace(root, &format!("{doctype}{root}")));
        assert!(unreadable(&verdict), "{verdict:?}");
    }
    for entity in ["&b;", "&#0;", "&#x110000;", "&", "&#xD800;"] {
        let with = body.replace(">SUCCESS<", &format!(">SUCCESS{entity}<"));
        assert!(unreadable(&answer(kind, &request, with)), "{entity}");
    }
}

#[test]
fn i15_deep_large_and_wrong_bodies_are_unreadable() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(40_000), close.repeat(40_000));
    let padded = |len: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(len));
    let bodies: Vec<Vec<u8>> = vec![
        vec![],
        b" \r\n".to_vec(),
        vec![0; 1000],
        vec![0xFF; 1000],
        b"null".to_vec(),
        b"[]".to_vec(),
        b"{}".to_vec(),
        b"<a/>".to_vec(),
        b"<html><body>Log in to the network</body></html>".to_vec(),
        b"<!DOCTYPE html><html><head><meta charset=utf-8><body>Hotel WiFi".to_vec(),
        deep("[", "]").into_bytes(),
        deep("{\"a\":", "}").into_bytes(),
        deep("<a>", "</a>").into_bytes(),
        "<a>".repeat(80_000).into_bytes(),
        "[".repeat(BODY_LEN_MAX).into_bytes(),
        padded(BODY_LEN_MAX - 10).into_bytes(),
        padded(BODY_LEN_MAX).into_bytes(),
        padded(1_000_000).into_bytes(),
    ];
    for kind in Kind::ALL {
        for request in all(&sale()) {
            for body in &bodies {
                assert!(unreadable(&answer(kind, &request, body.clone())));
            }
        }
    }
}

#[test]
fn i15_a_proof_is_read_up_to_the_largest_body_and_no_further() {
    for (kind, request, body, proof) in proofs() {
        let padded = |len: usize| format!("{body}{}", " ".repeat(len - body.len()));
        assert_eq!(short(&answer(kind, &request, padded(BODY_LEN_MAX))), proof);
        assert!(unreadable(&answer(kind, &request, padded(BODY_LEN_MAX + 1))));
    }
}

#[test]
fn i15_a_proof_may_hold_nested_extras_but_not_deep_ones() {
    for (kind, request, body, proof) in proofs() {
        let nested = |depth: usize| match kind {
            Kind::Shouqianba | Kind::SosopayJson => {
                let extra = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
                body.replacen('{', &format!("{{\"extra\":{extra},"), 1)
            }
            Kind::SosopayXml => {
                let extra = format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
                body.replacen("<RESULT>", &format!("{extra}<RESULT>"), 1)
            }
        };
        assert_eq!(short(&answer(kind, &request, nested(10))), proof);
        for depth in [17, 100, 10_000] {
            assert!(unreadable(&answer(kind, &request, nested(depth))), "{kind:?} {depth}");
        }
    }
}

#[test]
fn i17_a_code_in_the_words_of_an_answer_to_a_query_is_masked() {
    let body = format!(r#"{{"QUERY_RESP":{{"RESULT":{{"CODE":"FAIL","INFO":"no {CODE}"}}}}}}"#);
    let verdict = answer(Kind::SosopayJson, &query(sale()), body);
    let Verdict::Unknown(doubt) = verdict else { panic!("{verdict:?}") };
    assert_eq!(doubt.said.as_deref(), Some("FAIL: no 28****4755"));
}

#[test]
fn i17_the_code_that_was_charged_is_kept_nowhere_whatever_it_looks_like() {
    for (text, code_kind) in [
        (CODE, CodeKind::Barcode),
        ("9912345678901234", CodeKind::Barcode),
        ("a1B2c3D4e5F6", CodeKind::Nfc),
        ("s0nicT0ken", CodeKind::Sonic),
    ] {
        let code = code(text, code_kind);
        let body = format!(r#"{{"INFO":"no {text}, {text}","AMT":15800}}"#);
        for kind in Kind::ALL {
            let whole = gateway(kind).redact_answer(body.as_bytes(), Some(&code));
            assert!(!whole.contains(text) && whole.contains("15800"), "{whole}");
            for end in 0..body.len() {
                let part = body.as_bytes().get(..end).unwrap_or_default();
                let kept = gateway(kind).redact_part(part, Some(&code));
                assert!(!kept.contains(&text[..7]), "{kept}");
            }
        }
    }
}

#[test]
fn i15_a_value_of_the_wrong_type_is_no_proof() {
    for (kind, request, body, proof) in proofs() {
        for (right, wrong) in [
            ("\"SUCCESS\"", "{\"a\":1}"),
            ("\"SUCCESS\"", "[\"SUCCESS\"]"),
            ("\"SUCCESS\"", "true"),
            ("\"200\"", "[200]"),
            ("\"PAY_SUCCESS\"", "null"),
            ("\"CANCEL_SUCCESS\"", "null"),
            (">SUCCESS<", "><a>SUCCESS</a><"),
            (">SUCCESS<", ">SUCCESS<a/><"),
        ] {
            let changed = body.replace(right, wrong);
            if changed == body || (kind == Kind::Shouqianba && right == "\"SUCCESS\"") {
                continue;
            }
            let verdict = answer(kind, &request, changed.clone());
            assert!(matches!(verdict, Verdict::Unknown(_)), "{proof}: {verdict:?}: {changed}");
        }
    }
}

#[test]
fn i17_what_the_gateway_said_is_bounded_and_masked() {
    let body = format!(
        r#"{{"result_code":"400","error_code":"INVALID_BARCODE",
        "error_message":"\u0007\u202e{CODE} is bad\n{}"}}"#,
        "长".repeat(1000)
    );
    let verdict = answer(Kind::Shouqianba, &pay(sale()), body);
    let Verdict::Declined(decline) = verdict else { panic!("{verdict:?}") };
    let said = decline.said.unwrap_or_default();
    assert!(said.starts_with("INVALID_BARCODE: 28****4755 is bad"), "{said}");
    assert_eq!(said.chars().count(), 200);
    assert!(!said.chars().any(char::is_control) && !said.contains('\u{202e}'));
}

#[test]
fn i17_a_number_that_is_none_is_not_kept() {
    let (kind, request, body, _) = proofs().remove(0);
    for number in ["a b", "号", &"1".repeat(65), "\\u0000"] {
        let verdict = answer(kind, &request, body.replace("7894259244067349", number));
        let Verdict::Paid(payment) = verdict else { panic!("{verdict:?}") };
        assert_eq!(payment.gateway_order, None, "{number}");
    }
}

#[test]
fn a_qr_that_cannot_be_shown_is_not_presented() {
    let (kind, request, body, _) = proofs().remove(3);
    for qr in ["", " ", "a\\nb", &"x".repeat(513)] {
        let verdict =
            answer(kind, &request, body.replace("weixin://wxpay/bizpayurl?pr=59tFp8e", qr));
        assert!(unreadable(&verdict), "{verdict:?}");
    }
}

fn one_of(texts: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(texts)
}

proptest! {
    #[test]
    fn i15_no_bytes_panic_and_none_prove_anything(
        body in prop::collection::vec(any::<u8>(), 0..600), status in 190u16..600,
    ) {
        for kind in Kind::ALL {
            for request in all(&sale()) {
                let response = HttpResponse { status, body: body.clone() };
                let verdict = gateway(kind).decode(&request, &response);
                prop_assert!(matches!(verdict, Verdict::Unknown(_)), "{:?}", verdict);
                prop_assert!(gateway(kind).redact(&body).len() <= 4096);
            }
        }
    }

    /// Whatever happens to a few bytes of a proof, it is never about another order or amount.
    #[test]
    fn i3_a_damaged_proof_never_becomes_another(
        which in 0usize..12, at in any::<prop::sample::Index>(), byte in any::<u8>(),
        count in 0usize..4,
    ) {
        let (kind, request, body, _) = proofs().swap_remove(which);
        let mut bytes = body.into_bytes();
        let at = at.index(bytes.len());
        let end = (at + count).min(bytes.len());
        bytes.splice(at..end, [byte]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let verdict = answer(kind, &request, bytes);
        if let Verdict::Paid(payment) = verdict {
            prop_assert_eq!(payment.amount, request.sale().amount);
            prop_assert!(text.contains(request.sale().order.as_str()));
        }
    }

    /// A second reading of the rule for queries, by itself.
    #[test]
    fn i3_a_query_is_paid_only_with_everything_right(
        code in one_of(&["SUCCESS", "SUCESS", "FAIL", "EXCEPTION", "SUCCESSFUL"]),
        order in one_of(&["1763640000123ABCDEFGH", "1763640000123ABCDEFG", "x", ""]),
        amount in one_of(&["15800", "158", "158.00", "15801", "-15800", "1.58e4", "0015800"]),
        state in one_of(&["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "99", ""]),
        merchant in one_of(&["0010000001", "0010000002", "10000001", ""]),
        turned in any::<bool>(),
    ) {
        let mut fields = [
            format!(r#""RESULT":{{"CODE":"{code}"}}"#),
            format!(r#""CHARGE_CODE":"{order}""#),
            format!(r#""AMT":"{amount}""#),
            format!(r#""STATE":"{state}""#),
            format!(r#""BUSI_ID":"{merchant}""#),
        ];
        if turned {
            fields.reverse();
        }
        let body = format!(r#"{{"QUERY_RESP":{{{}}}}}"#, fields.join(","));
        let right = matches!(code, "SUCCESS" | "SUCESS")
            && order == ORDER
            && matches!(amount, "15800" | "0015800")
            && matches!(state, "1" | "4" | "5" | "8" | "9")
            && matches!(merchant, "0010000001" | "");
        let verdict = answer(Kind::SosopayJson, &query(sale()), body);
        prop_assert_eq!(matches!(verdict, Verdict::Paid(_)), right, "{:?}", verdict);
    }
}
