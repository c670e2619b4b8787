//! What must not keep a good answer from being understood (protocol/README, "Be lenient").

use crate::support::*;
use cashier::gateway::{CipherMode, CipherSettings, Gateway, KeyEncoding, Kind, ResponseFormat};
use cashier::payment::Verdict;

const JSON: &str = r#"{"QUERY_RESP":{"RESULT":{"CODE":"SUCCESS","INFO":"ok"},
    "CHARGE_CODE":"1763640000123ABCDEFGH","AMT":15800,"STATE":1}}"#;

const XML: &str = "<QUERY_RESP><RESULT><CODE>SUCCESS</CODE><INFO>ok</INFO></RESULT>\
    <CHARGE_CODE>1763640000123ABCDEFGH</CHARGE_CODE><AMT>158</AMT>\
    <CHARGE_STATE>1</CHARGE_STATE></QUERY_RESP>";

fn paid(kind: Kind, body: &str) {
    assert_eq!(short(&answer(kind, &query(sale()), body)), "paid", "{body}");
}

#[test]
fn a_number_may_be_a_string_and_a_string_a_number() {
    paid(Kind::SosopayJson, JSON);
    paid(Kind::SosopayJson, &JSON.replace("15800", "\"15800\"").replace(":1}", ":\"1\"}"));
    let numeric = JSON.replace("\"1763640000123ABCDEFGH\"", "20150324001069125999");
    let request = query(sale_of("20150324001069125999", 15800));
    assert_eq!(short(&answer(Kind::SosopayJson, &request, numeric)), "paid");
    let upay = format!(
        r#"{{"result_code":200,"biz_response":{{"result_code":"SUCCESS","data":{{
        "client_sn":"{ORDER}","total_amount":15800,"order_status":"PAID","payway":1}}}}}}"#
    );
    paid(Kind::Shouqianba, &upay);
}

#[test]
fn a_list_of_one_may_be_the_one() {
    let listed = JSON.replace(r#"{"CODE""#, r#"[{"CODE""#).replace("ok\"}", "ok\"}]");
    paid(Kind::SosopayJson, &listed);
    for bill in [
        r#"{"TRADEFUNDBILL":{"AMOUNT":"158.00","FUND_CHANNEL":"11"}}"#,
        r#"{"TRADEFUNDBILL":[{"AMOUNT":158,"FUND_CHANNEL":11}]}"#,
        "[]",
        "null",
        "\"\"",
    ] {
        let with = JSON.replace("\"AMT\"", &format!("\"FUND_BILL_LIST\":{bill},\"AMT\""));
        paid(Kind::SosopayJson, &with);
    }
}

#[test]
fn extra_fields_missing_ones_and_another_order_do_not_matter() {
    let turned = format!(
        r#"{{"x":[1,{{"y":null}}],"QUERY_RESP":{{"STATE":1,"AMT":15800,"new":{{"a":[true]}},
        "CHARGE_CODE":"{ORDER}","realAMT":158.00,"RESULT":{{"CODE":"SUCESS"}},"DEV_ID":null}}}}"#
    );
    paid(Kind::SosopayJson, &turned);
    // §2-3.1 of Upay v2 lists the fields right under biz_response.
    let flat = format!(
        r#"{{"biz_response":{{"order_status":"PAID","total_amount":"15800","client_sn":"{ORDER}",
        "result_code":"SUCCESS"}},"result_code":"200"}}"#
    );
    paid(Kind::Shouqianba, &flat);
}

#[test]
fn blanks_byte_order_mark_and_prolog_do_not_matter() {
    paid(Kind::SosopayJson, &format!("\u{FEFF}\r\n {JSON}\n\n"));
    paid(Kind::SosopayXml, &format!("\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{XML}\n"));
    paid(Kind::SosopayXml, &XML.replace("><", ">\r\n\t<"));
    paid(Kind::SosopayXml, &XML.replace(">1763640000123ABCDEFGH<", ">\n1763640000123ABCDEFGH <"));
}

#[test]
fn xml_may_be_written_in_other_ways() {
    paid(Kind::SosopayXml, &XML.replace(">SUCCESS<", "><![CDATA[SUCCESS]]><"));
    paid(Kind::SosopayXml, &XML.replace(">SUCCESS<", ">SUCC&#69;&#x53;S<"));
    paid(Kind::SosopayXml, &XML.replace("<AMT>", "<!-- yuan --><AMT unit=\"yuan\">"));
    paid(
        Kind::SosopayXml,
        &XML.replace("<AMT>", "<ali/><PAY_SUBJECT>a &amp; b</PAY_SUBJECT><AMT>"),
    );
    for amount in ["158", "158.0", "158.00"] {
        paid(Kind::SosopayXml, &XML.replace(">158<", &format!(">{amount}<")));
    }
}

/// The unit is the edition's, whichever encoding the answer comes in.
#[test]
fn either_encoding_is_read_whichever_was_asked_for() {
    paid(Kind::SosopayJson, &XML.replace(">158<", ">15800<"));
    paid(Kind::SosopayXml, &JSON.replace("15800", "\"158.00\""));
    assert_eq!(short(&answer(Kind::SosopayJson, &query(sale()), XML)), "unknown mismatch");
    assert_eq!(short(&answer(Kind::SosopayXml, &query(sale()), JSON)), "unknown mismatch");
}

fn encrypting() -> Gateway {
    let mut settings = settings(Kind::SosopayJson);
    settings.response = ResponseFormat::Xml;
    settings.encrypt = Some(CipherSettings {
        mode: CipherMode::Ecb,
        key: None,
        encoding: KeyEncoding::Utf8,
        iv: None,
    });
    Gateway::new(settings).expect("whole settings")
}

/// `printf %s "$BODY" | openssl enc -des-ede3 -base64 -K $(printf %s "$KEY" | xxd -p)`, which
/// breaks lines after 64 characters.
#[test]
fn an_encrypted_answer_is_read_with_its_line_breaks() {
    let sealed = vector("sosopay-json/answer-query.ecb.b64");
    assert!(sealed.trim_end().contains('\n'));
    assert_eq!(short(&encrypting().decode(&query(sale()), &ok(sealed.clone()))), "paid");
    assert!(encrypting().redact(sealed.as_bytes()).starts_with(r#"{"QUERY_RESP""#));
}

#[test]
fn with_encryption_on_an_answer_in_plain_text_proves_nothing_but_is_quoted() {
    for body in [JSON.to_owned(), XML.to_owned(), JSON.replace("SUCCESS", "INVALID_SIGN")] {
        let verdict = encrypting().decode(&query(sale()), &ok(body));
        assert_eq!(short(&verdict), "unknown unreadable");
        let Verdict::Unknown(doubt) = verdict else { panic!("{verdict:?}") };
        let said = doubt.said.unwrap_or_default();
        assert!(said.contains("not encrypted") && said.contains("S"), "{said}");
    }
    let broken = vector("sosopay-json/answer-query.ecb.b64").replacen('a', "b", 1);
    let verdict = encrypting().decode(&query(sale()), &ok(broken));
    assert_eq!(short(&verdict), "unknown unreadable");
}
