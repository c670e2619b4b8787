//! SOSOPAY, both editions: what each answer proves (protocol/README, "What each answer proves").

use crate::support::*;
use cashier::gateway::Kind;
use cashier::gateway::sosopay::dictionary::{ChannelType, Code, State};
use cashier::payment::{Channel, Request, Verdict};

const EDITIONS: [Kind; 2] = [Kind::SosopayJson, Kind::SosopayXml];

fn root(request: &Request) -> &'static str {
    match request {
        Request::Pay { .. } | Request::Precreate { .. } => "ORDER_RESP",
        Request::Query { .. } => "QUERY_RESP",
        Request::Cancel { .. } => "CANCELTRADE_RESP",
    }
}

/// An answer about our order, in the edition's own encoding and unit; cancels carry no identity.
fn body(kind: Kind, request: &Request, code: &str, state: &str) -> String {
    let named = !matches!(request, Request::Cancel { .. });
    let root = root(request);
    match kind {
        Kind::SosopayJson | Kind::Shouqianba => {
            let rest = if named {
                format!(
                    r#","CHARGE_CODE":"{ORDER}","AMT":15800,"CHANNEL_TYPE":2,
                    "BAR_CODE":"wx://a"{}"#,
                    if state.is_empty() { String::new() } else { format!(r#","STATE":{state}"#) },
                )
            } else {
                String::new()
            };
            format!(r#"{{"{root}":{{"RESULT":{{"CODE":"{code}","INFO":"i"}}{rest}}}}}"#)
        }
        Kind::SosopayXml => {
            let rest = if named {
                format!(
                    "<CHARGE_CODE>{ORDER}</CHARGE_CODE><AMT>158.0</AMT><CHANNEL_TYPE>2\
                     </CHANNEL_TYPE><BAR_CODE>wx://a</BAR_CODE><CHARGE_STATE>{state}</CHARGE_STATE>"
                )
            } else {
                String::new()
            };
            format!("<{root}><RESULT><CODE>{code}</CODE><INFO>i</INFO></RESULT>{rest}</{root}>")
        }
    }
}

fn proves(kind: Kind, request: &Request, code: &str, state: &str) -> String {
    short(&answer(kind, request, body(kind, request, code, state)))
}

#[test]
fn the_json_documents_samples() {
    for (sample, theirs, request, proof) in [
        ("zh-2.6-preorder", "E4E0D212-789B-4914-A4EB-19550F751066", pay(sale_of(ORDER, 1)), "paid"),
        ("en-2.6-preorder", "E4E0D212-789B-4914-A4EB-19550F751066", pay(sale_of(ORDER, 1)), "paid"),
        ("zh-3.6-order", "D3820833-F310-4658-BF98-52959454FCA0", precreate(sale()), "presented"),
        ("en-3.6-order", "D3820833-F310-4658-BF98-52959454FCA0", precreate(sale()), "presented"),
        // What an official account pays with is no QR.
        (
            "zh-4.5-jsapi-order",
            "D3820833-F310-4658-BF98-52959454FCA0",
            precreate(sale()),
            "unknown unreadable",
        ),
        ("zh-7.3-query", "1FD7DA99-997C-4C27-99F9-40C1EC170D5C", query(sale_of(ORDER, 1)), "paid"),
        ("en-9.3-query", "1FD7DA99-997C-4C27-99F9-40C1EC170D5C", query(sale_of(ORDER, 1)), "paid"),
        ("zh-8.3-cancel", "", cancel(sale()), "reversed"),
        ("en-11.3-cancel", "", cancel(sale()), "reversed"),
    ] {
        let sample = vector(&format!("sosopay-json/{sample}.json"));
        if !theirs.is_empty() {
            // As it stands, it is about the document's own order.
            let verdict = answer(Kind::SosopayJson, &request, sample.clone());
            assert_eq!(short(&verdict), "unknown mismatch", "{sample}");
        }
        // The documents' numbers have 36 characters, four more than ours may.
        let ours = if theirs.is_empty() { sample } else { sample.replace(theirs, ORDER) };
        assert_eq!(short(&answer(Kind::SosopayJson, &request, ours.clone())), proof, "{ours}");
    }
}

#[test]
fn a_paid_preorder_gives_channel_and_numbers() {
    let sample = vector("sosopay-json/zh-2.6-preorder.json")
        .replace("E4E0D212-789B-4914-A4EB-19550F751066", ORDER);
    let verdict = answer(Kind::SosopayJson, &pay(sale_of(ORDER, 1)), sample);
    let Verdict::Paid(payment) = verdict else { panic!("{verdict:?}") };
    assert_eq!(payment.amount.get(), 1);
    assert_eq!(payment.channel, Channel::Wechat);
    assert_eq!(payment.gateway_order.as_deref(), Some("20151014100000000953"));
    assert_eq!(payment.trade_no.as_deref(), Some("2088110245121545154"));
}

#[test]
fn the_xml_documents_samples() {
    let bought = sale_of("20150324001069125999", 120);
    for (sample, request, proof) in [
        // XML v1's answer names neither order nor amount, so a query has to prove it (I3).
        ("v1-2-preorder", pay(sale()), "unknown ask_again"),
        ("v1-3-order", precreate(sale()), "presented"),
        ("v1-6-query", query(bought.clone()), "paid"),
        ("v1-6-query", query(sale()), "unknown mismatch"),
        ("v1-7-cancel", cancel(sale()), "reversed"),
    ] {
        let body = vector(&format!("sosopay-xml/{sample}.xml"));
        assert_eq!(short(&answer(Kind::SosopayXml, &request, body)), proof, "{sample}");
    }
    let verdict = answer(Kind::SosopayXml, &query(bought), vector("sosopay-xml/v1-6-query.xml"));
    let Verdict::Paid(payment) = verdict else { panic!("{verdict:?}") };
    assert_eq!(payment.channel, Channel::Alipay);
    assert_eq!(payment.trade_no.as_deref(), Some("2015030821001004510081795226"));
    let verdict =
        answer(Kind::SosopayXml, &precreate(sale()), vector("sosopay-xml/v1-3-order.xml"));
    let qr = "https://qr.example.com/pay?a=1&b=2".to_owned();
    let gateway_order = Some("20151014100000000950".to_owned());
    assert_eq!(verdict, Verdict::Presented { qr, gateway_order });
}

/// Every documented code: on preOrder, order, query (paid by its state) and cancelTrade.
#[test]
fn every_code() {
    let again = "unknown ask_again";
    let fault = "unknown gateway_fault";
    let unknown = "unknown unknown_code";
    let rows = [
        ("SUCCESS", ["paid", "presented", "paid", "reversed"]),
        ("SUCESS", ["paid", "presented", "paid", "reversed"]),
        ("FAIL", [again; 4]),
        ("ILLEGAL_PARAMETER", ["declined bad_parameter", "declined bad_parameter", again, again]),
        ("INVALID_SIGN", ["declined bad_signature", "declined bad_signature", again, again]),
        ("AMT_ERROR", ["declined amount_rejected", "declined amount_rejected", again, again]),
        (
            "INVALID_CONTRACT",
            ["declined invalid_contract", "declined invalid_contract", again, again],
        ),
        (
            "UNREGISTERED_BUSI",
            ["declined unknown_merchant", "declined unknown_merchant", again, again],
        ),
        ("DATABASE_ERROR", [fault; 4]),
        ("EXCEPTION", [fault; 4]),
        ("CHARGE_NONEXISTENT", [again, again, "not found", "not found"]),
        ("SERVICE_UNAVAILABLE", [fault; 4]),
        ("HTTP_EXCEPTION", [fault; 4]),
        ("IO_EXCEPTION", [fault; 4]),
        ("CREATE_SECURITY_CONNECTION_ERROR", [fault; 4]),
        ("AREADY_REVOKED", [again, again, again, "reversed"]),
        ("SERIAL_REPEAT", [again; 4]),
        ("ALREADY_REVOKED", [unknown; 4]),
        ("success", [unknown; 4]),
        ("0", [unknown; 4]),
    ];
    for (code, _) in Code::DOCUMENTED {
        assert!(rows.iter().any(|(row, _)| row == code), "{code} has no row");
    }
    for kind in EDITIONS {
        for (code, proofs) in rows {
            for (request, proof) in all(&sale()).iter().zip(proofs) {
                let proven = proves(kind, request, code, "1");
                assert_eq!(proven, proof, "{kind:?}: {code} on {}", request.operation());
            }
        }
    }
}

/// Every documented state: on a query, and on a preOrder that says SUCCESS.
#[test]
fn every_state() {
    let again = "unknown ask_again";
    let unknown = "unknown unknown_code";
    let rows = [
        ("0", "pending", again),
        ("1", "paid", "paid"),
        ("2", "reversed", again),
        ("3", "pending", again),
        ("4", "paid, part returned", again),
        ("5", "paid, all returned", again),
        ("6", "declined trade_closed", again),
        ("7", "pending", again),
        ("8", "paid, return unclear", again),
        ("9", "paid, return unclear", again),
        ("10", unknown, again),
        ("11", unknown, again),
        ("12", unknown, again),
        ("13", unknown, again),
        ("14", unknown, again),
        ("15", unknown, again),
        ("1.0", unknown, again),
        ("-1", unknown, again),
    ];
    for (state, _) in State::DOCUMENTED {
        assert!(rows.iter().any(|(row, _, _)| row == state), "{state} has no row");
    }
    for kind in EDITIONS {
        for (state, queried, paid) in rows {
            assert_eq!(proves(kind, &query(sale()), "SUCCESS", state), queried, "{state}");
            assert_eq!(proves(kind, &pay(sale()), "SUCCESS", state), paid, "{state}");
            assert_eq!(proves(kind, &query(sale()), "FAIL", state), again, "{state}");
        }
    }
}

#[test]
fn every_channel_type() {
    for (number, _) in ChannelType::DOCUMENTED {
        let body = body(Kind::SosopayJson, &pay(sale()), "SUCCESS", "")
            .replace(r#""CHANNEL_TYPE":2"#, &format!(r#""CHANNEL_TYPE":{number}"#));
        let verdict = answer(Kind::SosopayJson, &pay(sale()), body);
        let Verdict::Paid(payment) = verdict else { panic!("{verdict:?}") };
        let name = match *number {
            "1" | "34" => "alipay",
            "2" => "wechat",
            "24" => "baidu",
            "27" => "bestpay",
            "31" => "qq",
            "32" => "unionpay",
            "0" | "17" | "25" | "26" | "28" | "29" | "30" => "unknown",
            _ => "bank",
        };
        assert_eq!(payment.channel.name(), name, "{number}");
    }
}

#[test]
fn i3_an_answer_for_something_else_proves_nothing() {
    for kind in EDITIONS {
        let (ours, theirs) = match kind {
            Kind::SosopayXml => ("<AMT>158.0</AMT>", ["15800", "158.000", "1.58", "", "1e2"]),
            Kind::SosopayJson | Kind::Shouqianba => {
                (r#""AMT":15800"#, ["158", "158.00", "15800.0", "null", "[15800]"])
            }
        };
        for request in [pay(sale()), precreate(sale()), query(sale())] {
            for code in ["SUCCESS", "INVALID_SIGN", "CHARGE_NONEXISTENT"] {
                let body = body(kind, &request, code, "1");
                let other = body.replace(ORDER, "1763640000123ABCDEFGJ");
                assert_eq!(short(&answer(kind, &request, other)), "unknown mismatch");
                for theirs in theirs {
                    let other =
                        body.replace(ours, &ours.replace("158.0", theirs).replace("15800", theirs));
                    let proven = short(&answer(kind, &request, other.clone()));
                    let absent = theirs.is_empty() || theirs == "null";
                    assert!(proven == "unknown mismatch" || absent, "{proven}: {other}");
                    assert!(!proven.starts_with("paid"), "{other}");
                }
                let merchant = match kind {
                    Kind::SosopayXml => body.replace("<AMT>", "<BUSI_ID>0010000002</BUSI_ID><AMT>"),
                    Kind::SosopayJson | Kind::Shouqianba => {
                        body.replace(r#""AMT""#, r#""BUSI_ID":"0010000002","AMT""#)
                    }
                };
                assert_eq!(short(&answer(kind, &request, merchant)), "unknown mismatch");
            }
        }
    }
}

#[test]
fn i3_an_answer_without_identity_is_no_proof() {
    let without = |kind, request: &Request, field: &str| {
        let body = body(kind, request, "SUCCESS", "1");
        let body = body.replace(&format!("\"{field}\""), "\"EXTRA\"");
        let body = body.replace(&format!("<{field}>"), "<EXTRA>");
        short(&answer(kind, request, body.replace(&format!("</{field}>"), "</EXTRA>")))
    };
    for kind in EDITIONS {
        for field in ["CHARGE_CODE", "AMT"] {
            assert_eq!(without(kind, &pay(sale()), field), "unknown ask_again");
            assert_eq!(without(kind, &query(sale()), field), "unknown unreadable");
        }
    }
    // JSON zh table 3.5 has CHARGE_CODE in the answer to an order; XML v1 §3 has not.
    let proven = without(Kind::SosopayJson, &precreate(sale()), "CHARGE_CODE");
    assert_eq!(proven, "unknown unreadable");
    assert_eq!(without(Kind::SosopayXml, &precreate(sale()), "CHARGE_CODE"), "presented");
}

#[test]
fn an_answer_to_another_operation_proves_nothing() {
    for kind in EDITIONS {
        for asked in all(&sale()) {
            for answered in all(&sale()).iter().filter(|other| root(other) != root(&asked)) {
                let body = body(kind, answered, "SUCCESS", "1");
                assert_eq!(short(&answer(kind, &asked, body)), "unknown unreadable");
            }
        }
    }
}

#[test]
fn states_that_contradict_each_other_prove_nothing() {
    let both = |other: &str| {
        let body = body(Kind::SosopayJson, &query(sale()), "SUCCESS", "1");
        let body = body.replace(r#""STATE""#, &format!(r#""CHARGE_STATE":{other},"STATE""#));
        short(&answer(Kind::SosopayJson, &query(sale()), body))
    };
    assert_eq!(both("1"), "paid");
    assert_eq!(both("\"1\""), "paid");
    assert_eq!(both("0"), "unknown unreadable");
    assert_eq!(both("{}"), "unknown unreadable");
}
