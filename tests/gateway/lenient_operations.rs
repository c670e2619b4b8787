//! Answers to refunds and one-shot operations in other shapes than the samples': the same answers.

use crate::operation_answers::SAMPLE_ORDER;
use crate::operations::*;
use crate::refunds_sosopay::sample_refund;
use crate::support::*;
use cashier::gateway::operation::*;
use cashier::gateway::{Kind, Operation};
use serde_json::{Map, Value};

/// Every value as something else that means the same.
fn reshaped(value: Value, shape: &dyn Fn(Value) -> Value) -> Value {
    let inner = match value {
        Value::Array(items) => {
            Value::Array(items.into_iter().map(|item| reshaped(item, shape)).collect())
        }
        Value::Object(fields) => Value::Object(
            fields.into_iter().map(|(name, value)| (name, reshaped(value, shape))).collect(),
        ),
        other => other,
    };
    shape(inner)
}

fn numbers_for_strings(value: Value) -> Value {
    let number = |text: &str| {
        let number: u64 = text.parse().ok()?;
        // Not "00", "0010000001" or what a reader of floats would round.
        (number.to_string() == text && number < 1 << 53).then(|| Value::from(number))
    };
    match &value {
        Value::String(text) => number(text).unwrap_or(value),
        _ => value,
    }
}

fn strings_for_numbers(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::Bool(yes) => Value::String(yes.to_string()),
        other => other,
    }
}

fn objects_for_lists(value: Value) -> Value {
    match value {
        Value::Array(mut items) if items.len() == 1 => items.remove(0),
        other => other,
    }
}

fn extra_fields(value: Value) -> Value {
    match value {
        Value::Object(mut fields) => {
            fields.insert("A_NEW_ONE".to_owned(), Value::from(vec![Value::Null, Value::from(1)]));
            fields.insert("z_new".to_owned(), Value::Object(Map::new()));
            Value::Object(fields)
        }
        other => other,
    }
}

/// `serde_json` writes the names in alphabetical order, so any shape is reordered as well.
fn shapes(body: &str) -> Vec<String> {
    let shapes: [&dyn Fn(Value) -> Value; 5] = [
        &|value| value,
        &numbers_for_strings,
        &strings_for_numbers,
        &objects_for_lists,
        &extra_fields,
    ];
    let read = || serde_json::from_str(body).expect("a sample");
    shapes.into_iter().map(|shape| reshaped(read(), shape).to_string()).collect()
}

#[test]
fn an_operation_is_answered_alike_in_every_shape() {
    let [(page, _), ..] = scenes();
    let theirs = |number: &str| OrderKey::Gateways(number.to_owned());
    let phone = "13857142493".to_owned();
    for (operation, sample) in [
        (Operation::JsapiOrder(jsapi()), "sosopay-json/zh-4.5-jsapi-order"),
        (Operation::WapOrder(wap(page)), "sosopay-json/en-6.5-wap-order"),
        (Operation::Lookup(theirs("20151014100000000952")), "sosopay-json/zh-7.3-query"),
        (
            Operation::RefundList(theirs("20170622100000235524")),
            "sosopay-json/en-10.3-refund-query",
        ),
        (Operation::ApplyCancel(sale()), "sosopay-json/zh-8.3-cancel"),
        (
            Operation::Recharge(Recharge { phone, megabytes: 10, ..recharge() }),
            "sosopay-json/zh-9.5-recharge",
        ),
        (Operation::BatchQuery(batch()), "sosopay-json/sdk-batch-query"),
        (Operation::Channels, "sosopay-json/sdk-channels"),
        (Operation::Login(login()), "sosopay-json/sdk-login"),
        (Operation::Activate(activate()), "upay/activate"),
        (Operation::CheckIn(check_in()), "upay/checkin"),
        (Operation::Revoke(sale_of("22345677767776", 1)), "upay/2-3.2-xi-cancel-success"),
    ] {
        let body = vector(&format!("{sample}.json")).replace(SAMPLE_ORDER, ORDER);
        let plain = answered(&operation, body.clone());
        assert!(plain.is_ok(), "{sample}: {plain:?}");
        for shape in shapes(&body) {
            assert_eq!(answered(&operation, shape.clone()), plain, "{shape}");
        }
    }
}

#[test]
fn a_refund_is_proven_alike_in_every_shape() {
    for (kind, request, sample) in [
        (Kind::Shouqianba, apply(0), "upay/3-3.3-refund-fail"),
        (Kind::Shouqianba, refund_query(0), "upay/3-4.3-query-partial"),
        (Kind::SosopayJson, apply(0), "sosopay-json/zh-6.5-refund"),
        (
            Kind::SosopayJson,
            sample_refund("20170622100000235526", 0),
            "sosopay-json/en-10.3-refund-query",
        ),
    ] {
        let body = vector(&format!("{sample}.json"));
        let plain = refund_answer(kind, &request, body.clone());
        for shape in shapes(&body) {
            assert_eq!(refund_answer(kind, &request, shape.clone()), plain, "{shape}");
        }
    }
}

#[test]
fn an_operation_whose_answer_lacks_a_field_never_gains_one() {
    // Each field removed in turn: the answer is the same with less in it, or none.
    let body = vector("sosopay-json/zh-7.3-query.json");
    let theirs = OrderKey::Gateways("20151014100000000952".to_owned());
    let whole: Value = serde_json::from_str(&body).expect("a sample");
    let fields = whole.get("QUERY_RESP").and_then(Value::as_object).expect("fields");
    for name in fields.keys() {
        let mut fewer = fields.clone();
        fewer.remove(name);
        let body = serde_json::json!({ "QUERY_RESP": fewer }).to_string();
        let answer = answered(&Operation::Lookup(theirs.clone()), body);
        let must_be_there = ["RESULT", "CHARGE_DOWN_CODE"].contains(&name.as_str());
        assert_eq!(answer.is_err(), must_be_there, "{name}: {answer:?}");
    }
}
