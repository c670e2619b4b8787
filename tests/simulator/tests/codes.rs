//! Every documented error code, answered once by every operation of every protocol, and every fault
//! of an answer's shape.

mod wire;

use serde_json::Value;
use simulator::{Fault, FaultRule, Kind, Operation, Simulator};
use wire::*;

/// JSON zh appendix 5.
const SOSOPAY: [&str; 16] = [
    "SUCESS",
    "FAIL",
    "ILLEGAL_PARAMETER",
    "INVALID_SIGN",
    "AMT_ERROR",
    "DATABASE_ERROR",
    "INVALID_CONTRACT",
    "UNREGISTERED_BUSI",
    "EXCEPTION",
    "CHARGE_NONEXISTENT",
    "SERVICE_UNAVAILABLE",
    "HTTP_EXCEPTION",
    "IO_EXCEPTION",
    "CREATE_SECURITY_CONNECTION_ERROR",
    "AREADY_REVOKED",
    "SERIAL_REPEAT",
];

/// Upay v2 §4-1: the code and its layer.
const UPAY_LAYERS: [(&str, &str); 9] = [
    ("INVALID_PARAMS", "400"),
    ("INVALID_PARAMETER", "400"),
    ("INVALID_TERMINAL", "400"),
    ("TERMINAL_NOT_EXISTS", "400"),
    ("ILLEGAL_SIGN", "400"),
    ("UNKNOWN_SYSTEM_ERROR", "500"),
    ("UNEXPECTED_PROVIDER_ERROR", "500"),
    ("MAINTENANCE_INPROGRESS", "500"),
    ("INVALID_BARCODE", "400 or 200"),
];

/// Upay v2 §4-5, and the second spelling of §3-2.4.
const UPAY_BUSINESS: [&str; 15] = [
    "AUTHCODE_EXPIRE",
    "INSUFFICIENT_FUND",
    "EXPIRED_BARCODE",
    "BUYER_OVER_DAILY_LIMIT",
    "BUYER_OVER_TRANSACTION_LIMIT",
    "SELLER_OVER_DAILY_LIMIT",
    "TRADE_NOT_EXIST",
    "TRADE_HAS_SUCCESS",
    "SELLER_BALANCE_NOT_ENOUGH",
    "REFUND_AMT_NOT_EQUAL_TOTAL",
    "TRADE_FAILED",
    "CLIENT_SN_CONFLICT",
    "UPAY_ORDER_NOT_EXIST",
    "UPAY_ORDER_NOT_EXISTS",
    "REFUND_REQUEST_CONFLICT",
];

/// Upay v2 §4-2.
const UPAY_RESULTS: [&str; 13] = [
    "PAY_SUCCESS",
    "PAY_FAIL",
    "PAY_FAIL_ERROR",
    "CANCEL_SUCCESS",
    "CANCEL_ERROR",
    "CANCEL_ABORT_ERROR",
    "CANCEL_ABORT_SUCCESS",
    "REFUND_SUCCESS",
    "REFUND_ERROR",
    "PRECREATE_SUCCESS",
    "PRECREATE_FAIL",
    "SUCCESS",
    "FAIL",
];

fn answer_once(gateway: &Simulator, operation: Operation, code: &str) {
    let fault = Fault::ErrorCode { code: code.to_owned(), processed: false };
    gateway.control().inject(FaultRule::on(operation, fault).times(1));
}

/// Calls a SOSOPAY operation of the JSON edition with nothing in order but its address; the faults
/// answer before anything is checked.
async fn sosopay(gateway: &Simulator, operation: Operation) -> Value {
    let at = gateway.address();
    let base = "/openGateway/openService";
    let empty = sosopay_order("a", "1.00");
    match operation {
        Operation::Query => get(at, &format!("{base}/query/a/{MERCHANT}?_type=json")).await,
        Operation::RefundQuery => {
            get(at, &format!("{base}/refundQuery/a/{MERCHANT}?_type=json")).await
        }
        Operation::Cancel => get(at, &format!("{base}/cancelTrade/a/{MERCHANT}?_type=json")).await,
        Operation::JsapiOrder => {
            let body = empty.replace("\"AMT\"", "\"TRADE_TYPE\":\"JSAPI\",\"AMT\"");
            post(at, &sosopay_target("order", &body, "&_type=json"), &body).await
        }
        Operation::Recharge => {
            post(at, &format!("/openGateway/platService/flowRecharge/{MERCHANT}"), "{}").await
        }
        Operation::BatchQuery => get(at, &format!("{base}/batchQuery")).await,
        Operation::Channels => get(at, &format!("{base}/channels")).await,
        other => {
            let path = match other {
                Operation::Pay => "preOrder",
                Operation::Precreate => "order",
                Operation::AlipayOrder => "creatOrder",
                Operation::WapOrder => "wapOrder",
                Operation::Refund => "refund",
                unknown => panic!("{unknown:?} is no operation of SOSOPAY with a code"),
            };
            post(at, &format!("{base}/{path}?_type=json&busiCode={MERCHANT}"), &empty).await
        }
    }
    .json()
}

#[tokio::test(start_paused = true)]
async fn every_sosopay_operation_answers_every_code_once() {
    let gateway = start(settings(Kind::SosopayJson)).await;
    for operation in [
        Operation::Pay,
        Operation::Precreate,
        Operation::JsapiOrder,
        Operation::AlipayOrder,
        Operation::WapOrder,
        Operation::Query,
        Operation::RefundQuery,
        Operation::Cancel,
        Operation::Refund,
        Operation::Recharge,
        Operation::BatchQuery,
        Operation::Channels,
    ] {
        for code in SOSOPAY {
            answer_once(&gateway, operation, code);
            let answer = sosopay(&gateway, operation).await;
            let root = match operation {
                Operation::Recharge => &answer["result"],
                _ => &answer.as_object().unwrap().values().next().unwrap()["RESULT"],
            };
            assert_eq!(root["CODE"], code, "{operation:?}: {answer}");
            assert!(!root["INFO"].as_str().unwrap().is_empty());
        }
        // Answered once: the next call is judged again.
        let armed = gateway.control().faults();
        assert!(armed.iter().all(|rule| rule.fired == 1), "{operation:?}");
    }
    assert!(gateway.control().orders().is_empty());
}

#[tokio::test(start_paused = true)]
async fn every_xml_operation_answers_every_code_once() {
    let gateway = start(settings(Kind::SosopayXml)).await;
    let at = gateway.address();
    let order = format!("<ORDER_REQ><BUSI_ID>{MERCHANT}</BUSI_ID></ORDER_REQ>");
    for (operation, root, path) in [
        (Operation::Pay, "ORDER_RESP", Some("preOrder")),
        (Operation::Precreate, "ORDER_RESP", Some("order")),
        (Operation::Refund, "REFUND_RESP", Some("refund")),
        (Operation::Query, "QUERY_RESP", None),
        (Operation::Cancel, "CANCELTRADE_RESP", None),
    ] {
        for code in SOSOPAY {
            answer_once(&gateway, operation, code);
            let answer = match (operation, path) {
                (_, Some(path)) => post(at, &format!("/openService/{path}"), &order).await,
                (Operation::Query, None) => get(at, "/openService/query/a/").await,
                (_, None) => get(at, &format!("/openService/cancelTrade/a/{MERCHANT}")).await,
            };
            let expected = format!("<{root}><RESULT><CODE>{code}</CODE>");
            assert!(answer.text().contains(&expected), "{operation:?}: {}", answer.text());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_upay_operation_answers_every_code_once() {
    let gateway = start(settings(Kind::Shouqianba)).await;
    let at = gateway.address();
    for (operation, path) in [
        (Operation::Pay, "/upay/v2/pay"),
        (Operation::Precreate, "/upay/v2/precreate"),
        (Operation::Query, "/upay/v2/query"),
        (Operation::Cancel, "/upay/v2/cancel"),
        (Operation::Refund, "/upay/v2/refund"),
        (Operation::Revoke, "/upay/v2/revoke"),
        (Operation::Activate, "/terminal/activate"),
        (Operation::Checkin, "/terminal/checkin"),
    ] {
        let call = async |code: &str| {
            answer_once(&gateway, operation, code);
            post(at, path, "{}").await.json()
        };
        for (code, layer) in UPAY_LAYERS {
            let answer = call(code).await;
            let result = answer["result_code"].as_str().unwrap();
            assert!(layer.contains(result), "{operation:?} {code}: {answer}");
            let business = &answer["biz_response"]["error_code"];
            assert!(answer["error_code"] == code || business == code, "{operation:?}: {answer}");
        }
        for code in UPAY_BUSINESS {
            let answer = call(code).await;
            assert_eq!(answer["result_code"], "200", "{operation:?} {code}");
            assert_eq!(answer["biz_response"]["error_code"], code, "{operation:?}: {answer}");
        }
        for code in UPAY_RESULTS {
            let answer = call(code).await;
            assert_eq!(answer["biz_response"]["result_code"], code, "{operation:?}: {answer}");
        }
    }
    assert!(gateway.control().faults().iter().all(|rule| rule.fired == 1));
}

#[tokio::test(start_paused = true)]
async fn answers_have_more_fields_or_another_order_and_say_the_same() {
    let gateway = start(settings(Kind::SosopayJson)).await;
    let at = gateway.address();
    for (place, fault) in [Fault::ExtraFields, Fault::Reordered].into_iter().enumerate() {
        gateway.control().inject(FaultRule::nth(Operation::Pay, 1, fault.clone()));
        let code = format!("13073086580626403{place}");
        let body = sosopay_pay(&format!("o{place}"), "1.00", &code);
        let target = sosopay_target("preOrder", &body, "&_type=json");
        let reply = post(at, &target, &body).await;
        let answer = reply.json()["ORDER_RESP"].take();
        assert_eq!((&answer["RESULT"]["CODE"], &answer["AMT"]), (&"SUCCESS".into(), &100.into()));
        match fault {
            Fault::ExtraFields => assert_eq!(answer["x_more"]["since"], "2026"),
            _ => assert!(reply.text().starts_with(r#"{"ORDER_RESP":{"DEV_ID":"#)),
        }
    }
}
