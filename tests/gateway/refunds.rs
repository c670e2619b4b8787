//! Refunds: what is sent, and what each answer proves (I12).

use crate::support::*;
use cashier::gateway::shouqianba::dictionary::ErrorCode;
use cashier::gateway::sosopay::dictionary::{Code, State};
use cashier::gateway::{FieldError, HttpRequest, HttpResponse, Kind, Method};
use cashier::money::{AmountError, Fen};
use cashier::payment::{RefundRequest, RefundVerdict};
use proptest::prelude::*;

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

fn upay(code: &str, data: &str) -> String {
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

fn resp(kind: Kind, root: &str, code: &str, more: &[(&str, &str)]) -> String {
    match kind {
        Kind::SosopayXml => {
            let more: String =
                more.iter().map(|(name, text)| format!("<{name}>{text}</{name}>")).collect();
            format!("<{root}><RESULT><CODE>{code}</CODE></RESULT>{more}</{root}>")
        }
        Kind::SosopayJson | Kind::Shouqianba => {
            let more: String =
                more.iter().map(|(name, text)| format!(r#","{name}":"{text}""#)).collect();
            format!(r#"{{"{root}":{{"RESULT":{{"CODE":"{code}"}}{more}}}}}"#)
        }
    }
}

#[test]
fn i12_sosopays_success_without_identity_is_refunding_not_refunded() {
    for name in ["sosopay-json/zh-6.5-refund.json", "sosopay-json/en-8.5-refund.json"] {
        let verdict = refund_answer(Kind::SosopayJson, &apply(0), vector(name));
        assert_eq!(short_refund(&verdict), "refunding");
    }
    let body = vector("sosopay-xml/v1-5-refund.xml");
    for before in [0, 500] {
        let verdict = refund_answer(Kind::SosopayXml, &apply(before), body.clone());
        assert_eq!(short_refund(&verdict), "refunding");
    }
}

#[test]
fn sdk_table_5_4_success_with_identity_and_a_state_is_what_the_state_says() {
    let (order, other) = (("CHARGE_CODE", ORDER), ("CHARGE_CODE", "another"));
    for (more, proof) in [
        (vec![order], "refunding"),
        (vec![order, ("AMT", "15800")], "refunding"),
        (vec![order, ("STATE", "11")], "refunded"),
        (vec![order, ("STATE", "11"), ("AMT", "100")], "refunded"),
        (vec![order, ("STATE", "5")], "refunded"),
        (vec![order, ("STATE", "10")], "refunding"),
        (vec![order, ("STATE", "8")], "refunding"),
        (vec![("STATE", "11")], "refunding"),
        (vec![order, ("STATE", "12")], "unknown ask_again"),
        (vec![order, ("STATE", "1")], "unknown ask_again"),
        (vec![order, ("STATE", "11"), ("CHARGE_STATE", "10")], "unknown ask_again"),
        (vec![other, ("STATE", "11")], "unknown mismatch"),
        (vec![order, ("STATE", "11"), ("AMT", "101")], "unknown mismatch"),
        (vec![order, ("STATE", "11"), ("OUT_REFUND_NO", "x")], "unknown mismatch"),
        (vec![order, ("STATE", "11"), ("BUSI_ID", "0010000002")], "unknown mismatch"),
    ] {
        let body = resp(Kind::SosopayJson, "REFUND_RESP", "SUCCESS", &more);
        let verdict = refund_answer(Kind::SosopayJson, &apply(0), body);
        assert_eq!(short_refund(&verdict), proof, "{more:?}");
    }
}

#[test]
fn sosopay_appendix_5_every_return_code_of_a_refund_has_its_meaning() {
    let proof = |code: &Code| match code {
        Code::Success => "refunding",
        Code::IllegalParameter => "refused bad_parameter",
        Code::InvalidSign => "refused bad_signature",
        Code::AmtError => "refused amount_rejected",
        Code::InvalidContract => "refused invalid_contract",
        Code::UnregisteredBusi => "refused unknown_merchant",
        Code::AlreadyRevoked => "refused refund_not_allowed",
        Code::ChargeNonexistent => "not found",
        Code::Fail | Code::SerialRepeat => "unknown ask_again",
        Code::DatabaseError
        | Code::Exception
        | Code::ServiceUnavailable
        | Code::HttpException
        | Code::IoException
        | Code::CreateSecurityConnectionError => "unknown gateway_fault",
        Code::Unknown(_) => "unknown unknown_code",
    };
    for kind in [Kind::SosopayJson, Kind::SosopayXml] {
        let texts = Code::DOCUMENTED.iter().map(|(text, _)| *text).chain(["SUCESS", "NEW"]);
        for text in texts {
            let body = resp(kind, "REFUND_RESP", text, &[]);
            let verdict = refund_answer(kind, &apply(0), body);
            assert_eq!(short_refund(&verdict), proof(&Code::read(text)), "{text}");
            let root = if kind == Kind::SosopayXml { "QUERY_RESP" } else { "REFUND_QUERY_RESP" };
            let asked = refund_answer(kind, &refund_query(0), resp(kind, root, text, &[]));
            let asked = short_refund(&asked);
            assert!(asked.starts_with("unknown") || asked == "not found", "{text}: {asked}");
        }
    }
}

/// The sample's order, and one of its refunds by its number.
fn sample_refund(number: &str, before: i64) -> RefundRequest {
    let mut refund = refund_of(sale_of("7ea6c9d54c0b4bcb90c2a1212798e74d", 5), 1, before);
    refund.id = cashier::id::RefundId::parse(number).expect("a number");
    RefundRequest::Query(refund)
}

#[test]
fn json_en_10_3_a_refund_is_found_by_its_number() {
    let body = vector("sosopay-json/en-10.3-refund-query.json");
    for number in ["20170622100000235525", "20170622100000235526", "20170622100000235527"] {
        let verdict = refund_answer(Kind::SosopayJson, &sample_refund(number, 0), body.clone());
        let gateway_refund = Some(number.to_owned());
        assert_eq!(verdict, RefundVerdict::Refunded { gateway_refund });
    }
    // Not in the list: proven only if all that was given back is known.
    for (before, proof) in [(3, "not found"), (2, "unknown ask_again"), (0, "unknown ask_again")] {
        let request = sample_refund("20170622100000235528", before);
        let verdict = refund_answer(Kind::SosopayJson, &request, body.clone());
        assert_eq!(short_refund(&verdict), proof, "{before}");
    }
}

#[test]
fn sdk_appendix_4_every_state_of_a_refund_has_its_meaning() {
    let sample = vector("sosopay-json/en-10.3-refund-query.json");
    let number = "20170622100000235526";
    let at = sample.find("\"20170622100000235526\"").expect("the second refund");
    for (text, state) in State::DOCUMENTED {
        let (before, after) = sample.split_at(at);
        let body = format!(
            "{before}{}",
            after.replacen("\"STATE\": 11", &format!("\"STATE\": {text}"), 1)
        );
        let proof = match state {
            State::RefundDone | State::Refunded => "refunded",
            State::RefundPending | State::Refunding => "refunding",
            State::RefundCancelled | State::RefundRefused | State::RefundFailed => {
                "refused refund_failed"
            }
            _ => "unknown ask_again",
        };
        let verdict = refund_answer(Kind::SosopayJson, &sample_refund(number, 0), body.clone());
        assert_eq!(short_refund(&verdict), proof, "{text}");
        let first = sample_refund("20170622100000235525", 0);
        assert_eq!(short_refund(&refund_answer(Kind::SosopayJson, &first, body)), "refunded");
    }
}

#[test]
fn json_en_10_a_refund_query_may_be_told_in_other_shapes_and_no_shape_proves_too_much() {
    let entry = |amount: &str, state: &str| {
        format!(r#"{{"REFUND_CODE":"{REFUND}","REFUND_AMT":{amount},"STATE":{state}}}"#)
    };
    let answer = |more: &str| {
        format!(
            r#"{{"REFUND_QUERY_RESP":{{"AMT":"15800","CHARGE_CODE":"{ORDER}",{more}
            "RESULT":{{"CODE":"SUCCESS"}}}}}}"#
        )
    };
    let one = entry("100", "11");
    for (more, proof) in [
        (format!(r#""REFUND_TRADE_LIST":{{"REFUND_TRADE":[{one}]}},"#), "refunded"),
        (format!(r#""REFUND_TRADE_LIST":{{"REFUND_TRADE":{one}}},"#), "refunded"),
        (format!(r#""REFUND_TRADE_LIST":[{one}],"#), "refunded"),
        (format!(r#""REFUND_TRADE_LIST":[{{"REFUND_TRADE":{one}}}],"#), "refunded"),
        (format!(r#""REFUND_TRADE_LIST":[{}],"#, entry("\"100\"", "\"11\"")), "refunded"),
        (format!(r#""REFUND_TRADE_LIST":[{}],"#, entry("101", "11")), "unknown mismatch"),
        (format!(r#""REFUND_TRADE_LIST":[{}],"#, entry("null", "11")), "unknown unreadable"),
        (format!(r#""REFUND_TRADE_LIST":[{}],"#, entry("100", "null")), "unknown unreadable"),
        (format!(r#""REFUND_TRADE_LIST":[{}],"#, entry("100", "99")), "unknown unknown_code"),
        (format!(r#""REFUND_TRADE_LIST":[{one},{one}],"#), "unknown ask_again"),
        (String::new(), "not found"),
        (r#""REFUND_COUNT":0,"REFUND_AMT":0,"#.to_owned(), "not found"),
        (r#""REFUND_TRADE_LIST":"","REFUND_COUNT":"0","#.to_owned(), "not found"),
        (r#""REFUND_COUNT":1,"#.to_owned(), "unknown unreadable"),
        (r#""REFUND_COUNT":"x","#.to_owned(), "unknown unreadable"),
        (r#""REFUND_AMT":"x","#.to_owned(), "unknown unreadable"),
        (r#""REFUND_AMT":100,"#.to_owned(), "unknown ask_again"),
        (r#""REFUND_AMT":99,"#.to_owned(), "not found"),
        (r#""BUSI_ID":"0010000002","#.to_owned(), "unknown mismatch"),
    ] {
        let verdict = refund_answer(Kind::SosopayJson, &refund_query(0), answer(&more));
        assert_eq!(short_refund(&verdict), proof, "{more}");
    }
    let nameless = r#"{"REFUND_QUERY_RESP":{"RESULT":{"CODE":"SUCCESS"}}}"#;
    let verdict = refund_answer(Kind::SosopayJson, &refund_query(0), nameless);
    assert_eq!(short_refund(&verdict), "unknown unreadable");
}

#[test]
fn a_refund_query_answered_in_xml_is_read_like_json() {
    let trade = |number: &str, state: &str| {
        format!(
            "<REFUND_TRADE><REFUND_CODE>{number}</REFUND_CODE><REFUND_AMT>100</REFUND_AMT>\
             <STATE>{state}</STATE></REFUND_TRADE>"
        )
    };
    let body = format!(
        "<REFUND_QUERY_RESP><RESULT><CODE>SUCCESS</CODE></RESULT><CHARGE_CODE>{ORDER}</CHARGE_CODE>\
         <AMT>15800</AMT><REFUND_TRADE_LIST>{}{}</REFUND_TRADE_LIST></REFUND_QUERY_RESP>",
        trade("another", "13"),
        trade(REFUND, "11")
    );
    let verdict = refund_answer(Kind::SosopayJson, &refund_query(0), body);
    assert_eq!(short_refund(&verdict), "refunded");
}

#[test]
fn xml_v1_6_the_orders_state_proves_what_it_can() {
    for (before, state, proof) in [
        (0, "1", "not found"),
        (0, "4", "refunded"),
        (0, "5", "refunded"),
        (0, "8", "refunding"),
        (0, "9", "refused refund_failed"),
        (0, "0", "unknown ask_again"),
        (0, "2", "unknown ask_again"),
        (0, "14", "unknown ask_again"),
        (0, "99", "unknown unknown_code"),
        (15700, "5", "refunded"),
        (15700, "4", "not found"),
        (15700, "8", "refunding"),
        (15700, "9", "unknown ask_again"),
        (15700, "1", "unknown ask_again"),
        // Asked by the refund's own number.
        (500, "10", "refunding"),
        (500, "11", "refunded"),
        (500, "12", "refused refund_failed"),
        (500, "13", "refused refund_failed"),
        (500, "4", "unknown ask_again"),
        (500, "1", "unknown ask_again"),
    ] {
        let more = [("CHARGE_CODE", ORDER), ("AMT", "158.00"), ("CHARGE_STATE", state)];
        let body = resp(Kind::SosopayXml, "QUERY_RESP", "SUCCESS", &more);
        let verdict = refund_answer(Kind::SosopayXml, &refund_query(before), body);
        assert_eq!(short_refund(&verdict), proof, "{before} {state}");
    }
    // A gateway that does not know refunds by their numbers proves nothing.
    let body = resp(Kind::SosopayXml, "QUERY_RESP", "CHARGE_NONEXISTENT", &[]);
    let verdict = refund_answer(Kind::SosopayXml, &refund_query(500), body.clone());
    assert_eq!(short_refund(&verdict), "unknown ask_again");
    let verdict = refund_answer(Kind::SosopayXml, &refund_query(0), body);
    assert_eq!(short_refund(&verdict), "not found");
    // A refund of everything is no part.
    let all = RefundRequest::Query(refund_of(sale(), 15800, 0));
    let more = [("CHARGE_CODE", ORDER), ("AMT", "158.00"), ("CHARGE_STATE", "4")];
    let body = resp(Kind::SosopayXml, "QUERY_RESP", "SUCCESS", &more);
    assert_eq!(short_refund(&refund_answer(Kind::SosopayXml, &all, body)), "unknown ask_again");
}

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
