//! Refunds: what is sent, and what each answer proves (I12).

use crate::support::*;
use cashier::gateway::shouqianba::dictionary::ErrorCode;
use cashier::gateway::{FieldError, HttpRequest, Kind, Method};
use cashier::money::{AmountError, Fen};
use cashier::payment::{RefundRequest, RefundVerdict};

const BASE: &str = "https://gateway.example/openGateway/openService";

fn sent(kind: Kind, request: &RefundRequest) -> HttpRequest {
    gateway(kind).encode_refund(request, AT).expect("a refund that the gateway takes")
}

fn with_theirs(request: RefundRequest, number: &str) -> RefundRequest {
    let RefundRequest::Apply(mut refund) = request else { panic!("a query carries no number") };
    refund.gateway_order = Some(number.to_owned());
    RefundRequest::Apply(refund)
}

/// The signs: as in `requests.rs`.
#[test]
fn upay_3_3_a_refund_names_the_order_by_both_numbers_and_itself_by_its_own() {
    for (request, path, body, md5) in [
        (
            with_theirs(apply(0), "7894259244067349"),
            "refund",
            "request-refund",
            "d88b3f8e63dd09952fb47e94242ffd38",
        ),
        (apply(0), "refund", "request-refund-ours", "faddcfedd50b3297f8cdd1d5ec820315"),
        (refund_query(0), "query", "request-query", "1d4d85e69584369ba5dd569daf2f3803"),
    ] {
        let sent = sent(Kind::Shouqianba, &request);
        assert_eq!(sent.method, Method::Post);
        assert_eq!(sent.url, format!("{BASE}/upay/v2/{path}"));
        let body = vector(&format!("upay/{body}.json"));
        assert_eq!(String::from_utf8_lossy(&sent.body), body.trim_end());
        let signed = ("Authorization", format!("{TERMINAL} {md5}"));
        assert!(sent.headers.contains(&signed), "{body}");
    }
}

#[test]
fn json_zh_6_a_refund_goes_by_their_number_where_it_is_known() {
    for (request, body, sign) in [
        (apply(0), "request-refund", "dc5ae445c3b5f913ba08746cf648aadf"),
        (
            with_theirs(apply(0), "1435736619488"),
            "request-refund-theirs",
            "70f9568a34811b133b6dbdb83cfcf615",
        ),
    ] {
        let sent = sent(Kind::SosopayJson, &request);
        let url = format!("{BASE}/refund?sign={sign}:1473431447&_type=json&busiCode={MERCHANT}");
        assert_eq!((sent.method, sent.url), (Method::Post, url));
        let body = vector(&format!("sosopay-json/{body}.json"));
        assert_eq!(String::from_utf8_lossy(&sent.body), body.trim_end());
    }
}

#[test]
fn json_zh_6_3_a_refund_has_the_samples_fields() {
    let sample = vector("sosopay-json/zh-6.3-refund-request.json");
    let sample: serde_json::Value = serde_json::from_str(&sample).expect("a sample");
    let sent = sent(Kind::SosopayJson, &apply(0));
    let sent: serde_json::Value = serde_json::from_slice(&sent.body).expect("JSON");
    let names = |value: &serde_json::Value| -> Vec<String> {
        let mut names: Vec<String> =
            value.as_object().expect("an object").keys().cloned().collect();
        names.sort();
        names
    };
    assert_eq!(names(&sent), names(&sample));
}

#[test]
fn json_en_10_a_refund_query_asks_for_the_orders_refunds() {
    let sent = sent(Kind::SosopayJson, &refund_query(0));
    let url = format!("{BASE}/refundQuery/{ORDER}/{MERCHANT}?_type=json");
    assert_eq!((sent.method, sent.url, sent.body), (Method::Get, url, vec![]));
}

#[test]
fn xml_v1_5_a_refund_is_signed_as_it_stands() {
    let posted = sent(Kind::SosopayXml, &apply(0));
    let url = format!("{BASE}/refund?sign=0c2540956ff5db4cdcca162630c16ebb:1473431447");
    assert_eq!((posted.method, posted.url), (Method::Post, url));
    let body = vector("sosopay-xml/request-refund.xml");
    assert_eq!(String::from_utf8_lossy(&posted.body), body.trim_end());
}

#[test]
fn xml_v1_has_no_refund_query_so_the_order_is_asked_or_where_that_cannot_tell_the_number() {
    for (before, number) in [(0, ORDER), (15700, ORDER), (500, REFUND)] {
        let asked = sent(Kind::SosopayXml, &refund_query(before));
        let url = format!("{BASE}/query/{number}/?BUSI_ID={MERCHANT}&CHARGE_CODE={number}");
        assert_eq!((asked.method, asked.url), (Method::Get, url));
    }
}

#[test]
fn i12_a_refund_of_nothing_or_of_more_than_is_left_is_refused_before_anything_is_written() {
    for (kind, field) in [
        (Kind::Shouqianba, "refund_amount"),
        (Kind::SosopayJson, "CHARGE_REFUND_FEE"),
        (Kind::SosopayXml, "CHARGE_REFUND_FEE"),
    ] {
        let refused = |fen: i64, before: i64| {
            let request = RefundRequest::Apply(refund_of(sale(), fen, before));
            let checked = gateway(kind).check_refund(&request).err();
            assert_eq!(gateway(kind).encode_refund(&request, AT).err(), checked);
            checked
        };
        assert_eq!(refused(15800, 0), None);
        assert_eq!(refused(1, 15799), None);
        let over = |fen, rest| {
            Some(FieldError::OverRefund { field, given: Fen::new(fen), rest: Fen::new(rest) })
        };
        assert_eq!(refused(15801, 0), over(15801, 15800));
        assert_eq!(refused(2, 15799), over(2, 1));
        assert_eq!(refused(1, 15800), over(1, 0));
        for fen in [0, -1, i64::MIN] {
            let (given, error) = (Fen::new(fen), AmountError::Zero);
            assert_eq!(refused(fen, 0), Some(FieldError::Amount { field, given, error }));
        }
        assert!(refused(i64::MAX, i64::MIN).is_some());
        let text = refused(15801, 0).map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(
            text,
            format!("{field} cannot be 158.01 yuan: 158.00 yuan are left of what was paid")
        );
    }
}

#[test]
fn a_refunds_texts_are_checked_with_their_limits() {
    let mut refund = refund_of(sale(), 100, 0);
    refund.sale.operator = "o".repeat(65);
    let request = RefundRequest::Apply(refund.clone());
    for (kind, field) in [
        (Kind::Shouqianba, "operator"),
        (Kind::SosopayJson, "OPER_ID"),
        (Kind::SosopayXml, "OPER_ID"),
    ] {
        let error = gateway(kind).check_refund(&request).err();
        assert_eq!(error, Some(FieldError::TooLong { field, max: 64, given: 65 }));
    }
    refund.sale.operator = "oper01".to_owned();
    refund.subject = String::new();
    let error = gateway(Kind::SosopayJson).check_refund(&RefundRequest::Apply(refund)).err();
    assert_eq!(error, Some(FieldError::Empty { field: "REFUND_SUBJECT" }));
}

pub fn upay(code: &str, data: &str) -> String {
    format!(
        r#"{{"result_code":"200","biz_response":{{"result_code":"{code}","data":{{
        "client_sn":"{ORDER}","total_amount":"15800",{data}}}}}}}"#
    )
}

#[test]
fn upay_2_3_2_viii_is_refunded() {
    let refund = refund_of(sale_of("12345677767776", 1), 1, 0);
    let body = vector("upay/2-3.2-viii-refund-success.json");
    let verdict = refund_answer(Kind::Shouqianba, &RefundRequest::Apply(refund), body);
    assert_eq!(verdict, RefundVerdict::Refunded { gateway_refund: None });
}

#[test]
fn upay_3_3_3_a_wrong_state_is_a_refusal_with_a_reason() {
    let body = vector("upay/3-3.3-refund-fail.json");
    let verdict = refund_answer(Kind::Shouqianba, &apply(0), body.clone());
    assert_eq!(short_refund(&verdict), "refused refund_not_allowed");
    let verdict = refund_answer(Kind::Shouqianba, &refund_query(0), body);
    assert_eq!(short_refund(&verdict), "unknown ask_again");
}

#[test]
fn upay_4_2_only_success_with_our_order_is_refunded() {
    for (code, data, proof) in [
        ("REFUND_SUCCESS", r#""order_status":"PARTIAL_REFUNDED""#, "refunded"),
        ("REFUND_SUCCESS", r#""order_status":"PARTIAL_REFUNDED","net_amount":"15700""#, "refunded"),
        ("REFUND_SUCCESS", r#""status":"SUCCESS""#, "refunded"),
        ("REFUND_SUCCESS", r#""net_amount":"15800""#, "unknown ask_again"),
        ("REFUND_SUCCESS", r#""net_amount":"-1""#, "unknown ask_again"),
        ("REFUND_SUCCESS", r#""order_status":"PAID""#, "unknown ask_again"),
        ("REFUND_SUCCESS", r#""order_status":"REFUND_ERROR""#, "unknown wallet_uncertain"),
        ("REFUND_SUCCESS", r#""status":"REFUND_ERROR""#, "unknown wallet_uncertain"),
        ("REFUND_SUCCESS", r#""status":"FAIL_IO_1""#, "unknown ask_again"),
        ("REFUND_SUCCESS", r#""refund_request_no":"another""#, "unknown mismatch"),
        ("REFUND_ERROR", r#""x":1"#, "unknown wallet_uncertain"),
        ("REFUND_IN_PROGRESS", r#""x":1"#, "refunding"),
        ("INPROGRESS", r#""x":1"#, "refunding"),
        ("SOME_IN_PROGRESS", r#""x":1"#, "refunding"),
        ("UNKNOWN", r#""x":1"#, "unknown gateway_fault"),
        ("SUCCESS", r#""order_status":"REFUNDED""#, "unknown ask_again"),
        ("PAY_SUCCESS", r#""x":1"#, "unknown ask_again"),
        ("CANCEL_SUCCESS", r#""x":1"#, "unknown ask_again"),
        ("ELSE", r#""x":1"#, "unknown unknown_code"),
    ] {
        let verdict = refund_answer(Kind::Shouqianba, &apply(0), upay(code, data));
        assert_eq!(short_refund(&verdict), proof, "{code} {data}");
    }
    let nobody = r#"{"result_code":"200","biz_response":{"result_code":"REFUND_SUCCESS"}}"#;
    let verdict = refund_answer(Kind::Shouqianba, &apply(0), nobody);
    assert_eq!(short_refund(&verdict), "unknown ask_again");
}

#[test]
fn upay_3_4_the_sum_that_was_given_back_proves_a_refund_among_several() {
    for (before, status, net, proof) in [
        (0, "PAID", "15800", "not found"),
        (0, "PARTIAL_REFUNDED", "15700", "refunded"),
        (100, "PARTIAL_REFUNDED", "15700", "not found"),
        (100, "PARTIAL_REFUNDED", "15600", "refunded"),
        (15700, "REFUNDED", "0", "refunded"),
        (0, "REFUNDED", "0", "refunded"),
        (15700, "PARTIAL_REFUNDED", "100", "not found"),
        // Somebody else gave back: nothing is proven.
        (0, "PARTIAL_REFUNDED", "15600", "unknown ask_again"),
        (100, "PARTIAL_REFUNDED", "15799", "unknown ask_again"),
        // Contradictions.
        (100, "PAID", "15800", "unknown ask_again"),
        (0, "PAID", "15700", "unknown ask_again"),
        (0, "REFUNDED", "15700", "unknown ask_again"),
        (0, "PARTIAL_REFUNDED", "x", "unknown ask_again"),
        (0, "PARTIAL_REFUNDED", "15801", "unknown ask_again"),
        (0, "CREATED", "15800", "unknown ask_again"),
        (0, "CANCELED", "0", "unknown ask_again"),
        (0, "PAY_CANCELED", "0", "unknown ask_again"),
        (0, "REFUND_ERROR", "15800", "unknown wallet_uncertain"),
        (0, "PAY_ERROR", "15800", "unknown wallet_uncertain"),
        (0, "CANCEL_ERROR", "15800", "unknown wallet_uncertain"),
        (0, "ELSE", "15800", "unknown unknown_code"),
    ] {
        let data = format!(r#""order_status":"{status}","net_amount":"{net}""#);
        let verdict =
            refund_answer(Kind::Shouqianba, &refund_query(before), upay("SUCCESS", &data));
        assert_eq!(short_refund(&verdict), proof, "{before} {status} {net}");
    }
    let body = vector("upay/3-4.3-query-partial.json");
    let verdict = refund_answer(Kind::Shouqianba, &refund_query(0), body.clone());
    assert_eq!(short_refund(&verdict), "refunded");
    // As numbers, and with fields moved and added.
    let body = body.replace("\"15800\"", "15800").replace("\"15700\"", "15700");
    let body = body.replacen('{', "{\"extra\":[1,{}],", 1);
    assert_eq!(short_refund(&refund_answer(Kind::Shouqianba, &refund_query(0), body)), "refunded");
}

#[test]
fn upay_4_5_every_error_code_of_a_refund_has_its_meaning() {
    let proof = |text: &str| match text {
        "INVALID_PARAMS" => "refused bad_parameter",
        "INVALID_TERMINAL" | "TERMINAL_NOT_EXISTS" => "refused unknown_terminal",
        "ILLEGAL_SIGN" => "refused bad_signature",
        "SELLER_OVER_DAILY_LIMIT" => "refused seller_limit",
        "SELLER_BALANCE_NOT_ENOUGH" => "refused refund_no_balance",
        "REFUND_AMT_NOT_EQUAL_TOTAL" => "refused amount_rejected",
        "UPAY_REFUND_INVALID_ORDER_STATE" => "refused refund_not_allowed",
        "UPAY_ORDER_NOT_EXIST" | "TRADE_NOT_EXIST" => "not found",
        "UNKNOWN_SYSTEM_ERROR" | "MAINTENANCE_INPROGRESS" | "UNEXPECTED_PROVIDER_ERROR" => {
            "unknown gateway_fault"
        }
        _ => "unknown ask_again",
    };
    for (text, _) in ErrorCode::DOCUMENTED {
        let outer = format!(r#"{{"result_code":"400","error_code":"{text}"}}"#);
        let inner = format!(
            r#"{{"result_code":"200","biz_response":{{"result_code":"FAIL","error_code":"{text}"}}}}"#
        );
        for body in [outer, inner] {
            let applied = refund_answer(Kind::Shouqianba, &apply(0), body.clone());
            assert_eq!(short_refund(&applied), proof(text), "{body}");
            let asked = short_refund(&refund_answer(Kind::Shouqianba, &refund_query(0), body));
            assert!(!asked.starts_with("refused") && asked != "refunded", "{text}: {asked}");
        }
        let fault = format!(r#"{{"result_code":"500","error_code":"{text}"}}"#);
        let verdict = refund_answer(Kind::Shouqianba, &apply(0), fault);
        assert_eq!(short_refund(&verdict), "unknown gateway_fault");
    }
    let unknown = r#"{"result_code":"400","error_code":"NEW_ONE"}"#;
    let verdict = refund_answer(Kind::Shouqianba, &apply(0), unknown);
    assert_eq!(short_refund(&verdict), "unknown unknown_code");
}
