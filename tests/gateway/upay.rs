//! Upay v2: what each answer proves (protocol/README, "What each answer proves").

use crate::support::*;
use cashier::gateway::Kind;
use cashier::gateway::shouqianba::dictionary::{BizCode, ErrorCode, OrderStatus, Payway, Status};
use cashier::payment::{Channel, Request, Verdict};

fn proves(request: &Request, body: &str) -> String {
    short(&answer(Kind::Shouqianba, request, body))
}

/// A business answer about our order.
fn biz(code: &str, error: Option<&str>, status: Option<&str>) -> String {
    let error = error.map_or(String::new(), |error| format!(r#""error_code":"{error}","#));
    let status = status.map_or(String::new(), |text| format!(r#""order_status":"{text}","#));
    format!(
        r#"{{"result_code":"200","biz_response":{{"result_code":"{code}",{error}"data":{{{status}
        "sn":"7894259244067349","client_sn":"{ORDER}","trade_no":"1006101016201512081965934048",
        "total_amount":"15800","net_amount":"15800","payway":"3","qr_code":"weixin://x"}}}}}}"#
    )
}

fn outer(result: &str, error: &str) -> String {
    format!(r#"{{"result_code":"{result}","error_code":"{error}","error_message":"…"}}"#)
}

#[test]
fn the_documents_samples() {
    let one = |order| sale_of(order, 1);
    let (a, b) = (one("12345677767776"), one("22345677767776"));
    for (sample, request, proof) in [
        ("2-3.2-i-pay-success", pay(a.clone()), "paid"),
        ("2-3.2-ii-pay-in-progress", pay(a.clone()), "pending"),
        ("2-3.2-iii-pay-fail", pay(a.clone()), "declined code_expired"),
        ("2-3.2-iv-terminal-not-exists", pay(a.clone()), "declined unknown_terminal"),
        ("2-3.2-v-invalid-parameter", pay(a.clone()), "declined bad_parameter"),
        ("3-2.3-invalid-params", pay(a.clone()), "declined bad_parameter"),
        ("2-3.2-vi-unknown-system-error", pay(a.clone()), "unknown gateway_fault"),
        ("2-3.2-vii-maintenance", pay(a.clone()), "unknown gateway_fault"),
        ("2-3.2-ix-query-canceled", query(one("1234567")), "reversed"),
        ("3-6.3-precreate", precreate(b.clone()), "presented"),
        ("2-3.2-xi-cancel-success", cancel(b.clone()), "reversed"),
        ("3-5.3-cancel-fail", cancel(b), "unknown ask_again"),
    ] {
        assert_eq!(proves(&request, &vector(&format!("upay/{sample}.json"))), proof, "{sample}");
    }
    let verdict = answer(Kind::Shouqianba, &pay(a), vector("upay/2-3.2-i-pay-success.json"));
    let Verdict::Paid(payment) = verdict else { panic!("{verdict:?}") };
    assert_eq!(payment.amount.get(), 1);
    assert_eq!(payment.channel, Channel::Wechat);
    assert_eq!(payment.gateway_order.as_deref(), Some("7894259244067349"));
    assert_eq!(payment.trade_no.as_deref(), Some("1006101016201512081965934048"));
}

#[test]
fn a_precreate_shows_the_qr() {
    let verdict = answer(
        Kind::Shouqianba,
        &precreate(sale_of("22345677767776", 1)),
        vector("upay/3-6.3-precreate.json"),
    );
    let qr = "weixin://wxpay/bizpayurl?pr=59tFp8e".to_owned();
    let gateway_order = Some("7894259244061958".to_owned());
    assert_eq!(verdict, Verdict::Presented { qr, gateway_order });
}

/// Every documented business code, without an order_status: on pay, precreate, query, cancel.
#[test]
fn every_business_code() {
    let again = "unknown ask_again";
    let uncertain = "unknown wallet_uncertain";
    let missing = "unknown unreadable";
    let rows = [
        ("PAY_SUCCESS", ["paid", again, again, again]),
        ("PAY_FAIL", ["declined trade_failed", again, again, again]),
        ("PAY_FAIL_ERROR", [uncertain; 4]),
        ("PAY_IN_PROGRESS", ["pending"; 4]),
        ("CANCEL_SUCCESS", [again, again, again, "reversed"]),
        ("CANCEL_ERROR", [uncertain; 4]),
        ("CANCEL_ABORT_ERROR", [uncertain; 4]),
        ("CANCEL_ABORT_SUCCESS", [again, again, again, "reversed"]),
        ("CANCEL_IN_PROGRESS", ["pending"; 4]),
        ("REFUND_SUCCESS", [again; 4]),
        ("REFUND_ERROR", [uncertain; 4]),
        ("REFUND_IN_PROGRESS", ["pending"; 4]),
        ("PRECREATE_SUCCESS", [again, "presented", again, again]),
        ("PRECREATE_FAIL", [again, "unknown unknown_code", again, again]),
        ("PRECREATE_IN_PROGRESS", ["pending"; 4]),
        ("SUCCESS", [again, again, missing, again]),
        ("FAIL", ["unknown unknown_code", "unknown unknown_code", again, again]),
        ("INPROGRESS", ["pending"; 4]),
        ("UNKNOWN", ["unknown gateway_fault"; 4]),
        ("SOMETHING_IN_PROGRESS", ["pending"; 4]),
        ("PAY_SUCCES", ["unknown unknown_code"; 4]),
        ("pay_success", ["unknown unknown_code"; 4]),
    ];
    for (code, _) in BizCode::DOCUMENTED {
        assert!(rows.iter().any(|(row, _)| row == code), "{code} has no row");
    }
    for (code, proofs) in rows {
        for (request, proof) in all(&sale()).iter().zip(proofs) {
            let proven = proves(request, &biz(code, None, None));
            assert_eq!(proven, proof, "{code} on {}", request.operation());
        }
    }
}

/// Every documented order_status: on PAY_SUCCESS, on PAY_FAIL, on a query, on CANCEL_SUCCESS.
#[test]
fn every_order_status() {
    let again = "unknown ask_again";
    let uncertain = "unknown wallet_uncertain";
    let rows = [
        ("CREATED", [again, again, "pending", again]),
        ("PAID", ["paid", again, "paid", again]),
        ("PAY_CANCELED", [again, "declined trade_failed", "declined trade_closed", "reversed"]),
        ("PAY_ERROR", [again, uncertain, uncertain, again]),
        ("REFUNDED", [again, again, "paid, all returned", again]),
        ("PARTIAL_REFUNDED", [again, again, "paid, part returned", again]),
        ("REFUND_ERROR", [again, uncertain, uncertain, again]),
        ("CANCELED", [again, "declined trade_failed", "reversed", "reversed"]),
        ("CANCEL_ERROR", [again, uncertain, uncertain, again]),
        ("PAYED", [again, again, "unknown unknown_code", again]),
    ];
    for (status, _) in OrderStatus::DOCUMENTED {
        assert!(rows.iter().any(|(row, _)| row == status), "{status} has no row");
    }
    for (status, proofs) in rows {
        let asked = [
            (pay(sale()), "PAY_SUCCESS"),
            (pay(sale()), "PAY_FAIL"),
            (query(sale()), "SUCCESS"),
            (cancel(sale()), "CANCEL_SUCCESS"),
        ];
        for ((request, code), proof) in asked.iter().zip(proofs) {
            let proven = proves(request, &biz(code, None, Some(status)));
            assert_eq!(proven, proof, "{code} with {status}");
        }
    }
}

/// Every documented error_code: as FAIL on pay, as FAIL on a query; with 400 the same.
#[test]
fn every_error_code() {
    let again = "unknown ask_again";
    let fault = "unknown gateway_fault";
    let rows = [
        ("INVALID_PARAMS", "declined bad_parameter", again),
        ("INVALID_PARAMETER", "declined bad_parameter", again),
        ("INVALID_TERMINAL", "declined unknown_terminal", again),
        ("TERMINAL_NOT_EXISTS", "declined unknown_terminal", again),
        ("ILLEGAL_SIGN", "declined bad_signature", again),
        ("INVALID_BARCODE", "declined code_invalid", again),
        ("UNKNOWN_SYSTEM_ERROR", fault, fault),
        ("MAINTENANCE_INPROGRESS", fault, fault),
        ("UNEXPECTED_PROVIDER_ERROR", fault, fault),
        ("AUTHCODE_EXPIRE", "declined code_expired", again),
        ("EXPIRED_BARCODE", "declined code_expired", again),
        ("INSUFFICIENT_FUND", "declined insufficient_funds", again),
        ("BUYER_OVER_DAILY_LIMIT", "declined buyer_limit", again),
        ("BUYER_OVER_TRANSACTION_LIMIT", "declined buyer_limit", again),
        ("SELLER_OVER_DAILY_LIMIT", "declined seller_limit", again),
        ("TRADE_NOT_EXIST", "declined gateway_refused", again),
        ("TRADE_HAS_SUCCESS", again, again),
        ("SELLER_BALANCE_NOT_ENOUGH", "declined gateway_refused", again),
        ("REFUND_AMT_NOT_EQUAL_TOTAL", "declined gateway_refused", again),
        ("TRADE_FAILED", "declined trade_failed", again),
        ("CLIENT_SN_CONFLICT", again, again),
        ("UPAY_ORDER_NOT_EXIST", "not found", "not found"),
        ("UPAY_ORDER_NOT_EXISTS", "not found", "not found"),
        ("REFUND_REQUEST_CONFLICT", "declined gateway_refused", again),
        ("UPAY_REFUND_INVALID_ORDER_STATE", "declined gateway_refused", again),
        ("UPAY_CANCEL_INVALID_ORDER_STATE", "declined gateway_refused", again),
        ("WALLET_ON_FIRE", "unknown unknown_code", "unknown unknown_code"),
    ];
    for (error, _) in ErrorCode::DOCUMENTED {
        assert!(rows.iter().any(|(row, _, _)| row == error), "{error} has no row");
    }
    for (error, charged, asked) in rows {
        for body in [biz("FAIL", Some(error), None), outer("400", error)] {
            for request in [pay(sale()), precreate(sale())] {
                assert_eq!(proves(&request, &body), charged, "{error}");
            }
            for request in [query(sale()), cancel(sale())] {
                assert_eq!(proves(&request, &body), asked, "{error}");
            }
        }
        for request in all(&sale()) {
            assert_eq!(proves(&request, &outer("500", error)), "unknown gateway_fault");
            assert_eq!(proves(&request, &outer("302", error)), "unknown unknown_code");
        }
    }
}

#[test]
fn a_failed_pay_is_not_charged_unless_its_reason_says_otherwise() {
    for (error, proof) in [
        ("INSUFFICIENT_FUND", "declined insufficient_funds"),
        ("WALLET_ON_FIRE", "declined trade_failed"),
        ("CLIENT_SN_CONFLICT", "unknown ask_again"),
        ("TRADE_HAS_SUCCESS", "unknown ask_again"),
        ("UNEXPECTED_PROVIDER_ERROR", "unknown gateway_fault"),
    ] {
        assert_eq!(proves(&pay(sale()), &biz("PAY_FAIL", Some(error), None)), proof, "{error}");
    }
}

#[test]
fn a_movement_that_did_not_succeed_contradicts_pay_success() {
    for (status, _) in Status::DOCUMENTED {
        let body = biz("PAY_SUCCESS", None, Some("PAID"))
            .replace(r#""sn""#, &format!(r#""status":"{status}","sn""#));
        let proof = if *status == "SUCCESS" { "paid" } else { "unknown ask_again" };
        assert_eq!(proves(&pay(sale()), &body), proof, "{status}");
    }
}

/// §4-4: only FAIL_CANCELED says that neither side has it.
#[test]
fn i4_a_movement_that_did_not_surely_fail_contradicts_pay_fail() {
    let uncertain = ["FAIL_ERROR", "CANCEL_ERROR", "REFUND_ERROR"];
    let statuses = Status::DOCUMENTED.iter().map(|(status, _)| *status);
    for status in statuses.chain(["IN_PROG"]) {
        for order_status in [None, Some("PAY_CANCELED")] {
            let body = biz("PAY_FAIL", Some("TRADE_FAILED"), order_status)
                .replace(r#""sn""#, &format!(r#""status":"{status}","sn""#));
            let proof = match status {
                "FAIL_CANCELED" => "declined trade_failed",
                status if uncertain.contains(&status) => "unknown wallet_uncertain",
                _ => "unknown ask_again",
            };
            assert_eq!(proves(&pay(sale()), &body), proof, "{status} {order_status:?}");
        }
    }
}

#[test]
fn what_was_given_back_is_read_from_net_amount() {
    for (net, proof) in [
        ("15700", "paid, 100 returned"),
        ("0", "paid, 15800 returned"),
        ("15800", "paid, part returned"),
        ("99999", "paid, part returned"),
        ("157.00", "paid, part returned"),
        ("", "paid, part returned"),
    ] {
        let body = biz("SUCCESS", None, Some("PARTIAL_REFUNDED"))
            .replace(r#""net_amount":"15800""#, &format!(r#""net_amount":"{net}""#));
        assert_eq!(proves(&query(sale()), &body), proof, "{net}");
    }
}

#[test]
fn every_payway_is_a_channel() {
    for payway in Payway::DOCUMENTED.iter().map(|(text, _)| *text).chain(["17"]) {
        let body = biz("PAY_SUCCESS", None, None)
            .replace(r#""payway":"3""#, &format!(r#""payway":"{payway}""#));
        let verdict = answer(Kind::Shouqianba, &pay(sale()), body);
        let Verdict::Paid(payment) = verdict else { panic!("{verdict:?}") };
        let channel = match payway {
            "1" => Channel::Alipay,
            "3" => Channel::Wechat,
            "4" => Channel::Baidu,
            "5" => Channel::Jd,
            other => Channel::Unknown(other.to_owned()),
        };
        assert_eq!(payment.channel, channel);
    }
}

#[test]
fn i3_an_answer_for_something_else_proves_nothing() {
    let rows = [
        (pay(sale()), biz("PAY_SUCCESS", None, Some("PAID"))),
        (pay(sale()), biz("PAY_FAIL", Some("EXPIRED_BARCODE"), Some("PAY_CANCELED"))),
        (pay(sale()), biz("FAIL", Some("EXPIRED_BARCODE"), None)),
        (precreate(sale()), biz("PRECREATE_SUCCESS", None, Some("CREATED"))),
        (query(sale()), biz("SUCCESS", None, Some("PAID"))),
        (query(sale()), biz("SUCCESS", None, Some("PAY_CANCELED"))),
        (query(sale()), biz("FAIL", Some("UPAY_ORDER_NOT_EXIST"), None)),
        (cancel(sale()), biz("CANCEL_SUCCESS", None, Some("CANCELED"))),
    ];
    for (request, body) in rows {
        for (ours, theirs) in [
            (format!(r#""client_sn":"{ORDER}""#), r#""client_sn":"1763640000123ABCDEFGJ""#),
            (format!(r#""client_sn":"{ORDER}""#), r#""client_sn":["1763640000123ABCDEFGH"]"#),
            (r#""total_amount":"15800""#.to_owned(), r#""total_amount":"158""#),
            (r#""total_amount":"15800""#.to_owned(), r#""total_amount":"158.00""#),
            (r#""total_amount":"15800""#.to_owned(), r#""total_amount":15800.0"#),
        ] {
            assert!(body.contains(&ours), "{body}");
            let body = body.replace(&ours, theirs);
            assert_eq!(proves(&request, &body), "unknown mismatch", "{body}");
        }
    }
    let other = biz("PAY_SUCCESS", None, None).replace(r#""sn""#, r#""terminal_sn":"t2","sn""#);
    assert_eq!(proves(&pay(sale()), &other), "unknown mismatch");
}

#[test]
fn i3_an_answer_without_identity_is_no_proof() {
    for (request, body, proof) in [
        (pay(sale()), biz("PAY_SUCCESS", None, Some("PAID")), "unknown ask_again"),
        (query(sale()), biz("SUCCESS", None, Some("PAID")), "unknown unreadable"),
    ] {
        for field in ["client_sn", "total_amount"] {
            let body = body.replace(&format!("\"{field}\""), "\"extra\"");
            assert_eq!(proves(&request, &body), proof, "{body}");
        }
    }
    let nameless = |body: String| body.replace("\"client_sn\"", "\"extra\"");
    let body = nameless(biz("PRECREATE_SUCCESS", None, None));
    assert_eq!(proves(&precreate(sale()), &body), "unknown ask_again");
    let body = nameless(biz("CANCEL_SUCCESS", None, None));
    assert_eq!(proves(&cancel(sale()), &body), "unknown ask_again");
}
