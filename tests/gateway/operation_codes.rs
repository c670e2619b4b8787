//! Every documented code, and hostile bytes, as answers to one-shot operations.

use crate::operation_answers::SAMPLE_ORDER;
use crate::operations::*;
use crate::support::*;
use cashier::gateway::shouqianba::dictionary::ErrorCode;
use cashier::gateway::sosopay::dictionary::Code;
use cashier::gateway::{Answer, Failed, HttpResponse, Kind, Operation};
use proptest::prelude::*;

#[test]
fn appendix_5_every_return_code_of_an_operation_has_its_meaning() {
    let [(page, _), ..] = scenes();
    for (operation, root) in [
        (Operation::JsapiOrder(jsapi()), "ORDER_RESP"),
        (Operation::AlipayOrder(alipay()), "ORDER_RESP"),
        (Operation::WapOrder(wap(page)), "ORDER_RESP"),
        (Operation::Lookup(ours()), "QUERY_RESP"),
        (Operation::RefundList(ours()), "REFUND_QUERY_RESP"),
        (Operation::ApplyCancel(sale()), "CANCELTRADE_RESP"),
        (Operation::Recharge(recharge()), "x"),
        (Operation::BatchQuery(batch()), "x"),
        (Operation::Channels, "x"),
        (Operation::Login(login()), "x"),
    ] {
        let is_order = root == "ORDER_RESP";
        for (text, code) in Code::DOCUMENTED {
            let body = format!(r#"{{"{root}":{{"RESULT":{{"CODE":"{text}"}}}}}}"#);
            let xml = format!("<{root}><RESULT><CODE>{text}</CODE></RESULT></{root}>");
            let meaning = match code {
                Code::Success => continue,
                Code::IllegalParameter => "refused bad_parameter",
                Code::InvalidSign => "refused bad_signature",
                Code::AmtError => "refused amount_rejected",
                Code::InvalidContract => "refused invalid_contract",
                Code::UnregisteredBusi => "refused unknown_merchant",
                Code::AlreadyRevoked if root == "CANCELTRADE_RESP" => "answered",
                Code::ChargeNonexistent if !is_order => "not found",
                Code::ChargeNonexistent
                | Code::Fail
                | Code::SerialRepeat
                | Code::AlreadyRevoked => "unknown ask_again",
                Code::DatabaseError
                | Code::Exception
                | Code::ServiceUnavailable
                | Code::HttpException
                | Code::IoException
                | Code::CreateSecurityConnectionError => "unknown gateway_fault",
                Code::Unknown(_) => "unknown unknown_code",
            };
            for body in [body, xml] {
                let answer = answered(&operation, body);
                assert_eq!(short_answer(&answer), meaning, "{} {text}", operation.name());
            }
        }
        let new = format!(r#"{{"{root}":{{"RESULT":{{"CODE":"NEW_ONE"}}}}}}"#);
        assert_eq!(short_answer(&answered(&operation, new)), "unknown unknown_code");
    }
}

/// I4: whatever stands beside an answer, its own RESULT decides; without one it is none.
#[test]
fn i4_a_result_beside_an_answer_decides_nothing() {
    let [(page, _), ..] = scenes();
    let zh = |name: &str| vector(&format!("sosopay-json/{name}.json"));
    for (operation, body) in [
        (Operation::JsapiOrder(jsapi()), zh("zh-4.5-jsapi-order")),
        (Operation::WapOrder(wap(page)), zh("en-6.5-wap-order")),
        (Operation::Lookup(ours()), zh("zh-7.3-query")),
        (Operation::ApplyCancel(sale()), zh("zh-8.3-cancel")),
    ] {
        let body = body.replace(SAMPLE_ORDER, ORDER);
        let body = body.replace("1FD7DA99-997C-4C27-99F9-40C1EC170D5C", ORDER);
        let own = answered(&operation, body.clone());
        assert!(own.is_ok(), "{own:?}");
        for code in ["ILLEGAL_PARAMETER", "CHARGE_NONEXISTENT", "AREADY_REVOKED", "EXCEPTION"] {
            for beside in ["\"RESULT\": {X}", "\"result\": {X}", "\"A\": {\"RESULT\": {X}}"] {
                let result = beside.replace('X', &format!("\"CODE\": \"{code}\""));
                let body = body.replacen('{', &format!("{{{result},"), 1);
                assert_eq!(answered(&operation, body.clone()), own, "{body}");
            }
        }
        let bare = body.replacen("\"RESULT\"", "\"x\"", 1);
        let bare = bare.replacen('{', "{\"RESULT\": {\"CODE\": \"SUCCESS\"},", 1);
        assert_eq!(short_answer(&answered(&operation, bare)), "unknown unreadable");
    }
}

#[test]
fn upay_4_5_no_error_code_of_an_operation_is_an_answer() {
    let upay = gateway(Kind::Shouqianba);
    for operation in [
        Operation::Lookup(ours()),
        Operation::Activate(activate()),
        Operation::CheckIn(check_in()),
        Operation::Revoke(sale()),
    ] {
        for (text, code) in ErrorCode::DOCUMENTED {
            let outer = format!(r#"{{"result_code":"400","error_code":"{text}"}}"#);
            let inner = format!(
                r#"{{"result_code":"200","biz_response":{{"result_code":"FAIL","error_code":"{text}"}}}}"#
            );
            for body in [outer, inner] {
                let failed = upay.decode_operation(&operation, &ok(body)).expect_err("a failure");
                match code {
                    ErrorCode::OrderNotExist => assert_eq!(failed, Failed::NotFound),
                    ErrorCode::UnknownSystemError
                    | ErrorCode::Maintenance
                    | ErrorCode::UnexpectedProviderError => {
                        assert_eq!(failed.name(), "gateway_fault");
                    }
                    _ => assert_ne!(failed, Failed::NotFound, "{text}"),
                }
                assert!(failed.said().is_none_or(|said| said.contains(text)), "{failed:?}");
            }
        }
    }
}

#[test]
fn i4_only_status_200_is_believed_of_an_operation() {
    for (gateway, operation) in every() {
        for (status, name) in [(500, "gateway_fault"), (302, "unreadable"), (404, "unreadable")] {
            let response = HttpResponse { status, body: b"{\"success\":true}".to_vec() };
            let failed = gateway.decode_operation(&operation, &response).expect_err("a failure");
            assert_eq!(failed.name(), name);
        }
    }
}

proptest! {
    #[test]
    fn i15_no_bytes_panic_and_none_are_an_answer(
        body in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        for (gateway, operation) in every() {
            let answer = gateway.decode_operation(&operation, &ok(body.clone()));
            prop_assert!(answer.is_err(), "{:?}", answer);
        }
    }

    /// A sample with a few bytes damaged is an answer of the same kind, or none.
    #[test]
    fn i15_a_damaged_answer_never_panics(
        which in 0usize..6, at in any::<prop::sample::Index>(), byte in any::<u8>(),
        count in 0usize..4,
    ) {
        let [(page, _), ..] = scenes();
        let json = |name: &str| vector(&format!("sosopay-json/{name}.json"));
        let (operation, body) = [
            (Operation::JsapiOrder(jsapi()), json("zh-4.5-jsapi-order")),
            (Operation::WapOrder(wap(page)), json("en-6.5-wap-order")),
            (Operation::Lookup(ours()), json("zh-7.3-query")),
            (Operation::BatchQuery(batch()), json("sdk-batch-query")),
            (Operation::Login(login()), json("sdk-login")),
            (Operation::Channels, json("sdk-channels")),
        ]
        .into_iter()
        .nth(which)
        .expect("one of them");
        let mut bytes = body.replace(SAMPLE_ORDER, ORDER).into_bytes();
        let at = at.index(bytes.len());
        let end = (at + count).min(bytes.len());
        bytes.splice(at..end, [byte]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Ok(Answer::JsapiOrder(_) | Answer::WapOrder(_) | Answer::Order(_)) =
            answered(&operation, bytes)
        {
            prop_assert!(text.contains(ORDER));
        }
    }
}
