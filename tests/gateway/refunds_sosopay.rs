//! What SOSOPAY's answers prove of a refund (I12).

use crate::support::*;
use cashier::gateway::Kind;
use cashier::gateway::sosopay::dictionary::{Code, State};
use cashier::payment::{RefundRequest, RefundVerdict};

pub fn resp(kind: Kind, root: &str, code: &str, more: &[(&str, &str)]) -> String {
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

/// 4 is the order's word: of this refund it tells only where no other can have made it so.
#[test]
fn i12_a_part_that_was_given_back_before_does_not_prove_this_refund() {
    let all = RefundRequest::Apply(refund_of(sale(), 15800, 0));
    for (request, state, proof) in [
        (apply(0), "4", "refunded"),
        (apply(500), "4", "refunding"),
        (apply(500), "5", "refunded"),
        (apply(500), "11", "refunded"),
        (apply(15700), "4", "refunding"),
        (all, "4", "refunding"),
    ] {
        for (kind, name) in [(Kind::SosopayJson, "STATE"), (Kind::SosopayXml, "CHARGE_STATE")] {
            let more = [("CHARGE_CODE", ORDER), (name, state)];
            let verdict =
                refund_answer(kind, &request, resp(kind, "REFUND_RESP", "SUCCESS", &more));
            assert_eq!(short_refund(&verdict), proof, "{request:?} {state}");
        }
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
pub fn sample_refund(number: &str, before: i64) -> RefundRequest {
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

/// The sample's numbers are the gateway's own: one that goes on may be ours (I12).
#[test]
fn i12_a_refund_that_goes_on_under_another_number_leaves_ours_in_doubt() {
    for (state, proof) in [
        ("8", "unknown ask_again"),
        ("10", "unknown ask_again"),
        ("12", "not found"),
        ("13", "not found"),
    ] {
        let body = format!(
            r#"{{"REFUND_QUERY_RESP":{{"AMT":"15800","CHARGE_CODE":"{ORDER}","REFUND_AMT":0,
            "REFUND_TRADE_LIST":[{{"REFUND_CODE":"its-own","REFUND_AMT":100,"STATE":{state}}}],
            "RESULT":{{"CODE":"SUCCESS"}}}}}}"#
        );
        let verdict = refund_answer(Kind::SosopayJson, &refund_query(0), body);
        assert_eq!(short_refund(&verdict), proof, "{state}");
    }
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
        (0, "9", "not found"),
        (0, "0", "unknown ask_again"),
        (0, "2", "unknown ask_again"),
        (0, "14", "unknown ask_again"),
        (0, "99", "unknown unknown_code"),
        (15700, "5", "refunded"),
        (15700, "4", "not found"),
        (15700, "8", "refunding"),
        (15700, "9", "not found"),
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
