//! Spoils an answer while it is still a tree: another order, amount or merchant, other types,
//! doubled keys, contradictions.
//!
//! None of these makes a well-formed, consistent answer that says "paid" of an order that is not:
//! such a gateway would be beyond any terminal's judgement (I3 asks for evidence, not for truth).

use crate::value::Value;

use super::Fault;

const ORDER_FIELDS: [&str; 2] = ["CHARGE_CODE", "client_sn"];
const AMOUNT_FIELDS: [&str; 2] = ["AMT", "total_amount"];
const MERCHANT_FIELDS: [&str; 2] = ["BUSI_ID", "terminal_sn"];

/// Changes the tree as the fault says; faults of bytes and sockets leave it alone.
pub(crate) fn spoil(fault: &Fault, tree: &mut Value) {
    match fault {
        Fault::WrongOrder => replace(tree, ORDER_FIELDS, |old| format!("X{old}")),
        Fault::WrongAmount => replace(tree, AMOUNT_FIELDS, |old| format!("1{old}")),
        Fault::WrongMerchant => replace(tree, MERCHANT_FIELDS, |old| format!("9{old}")),
        Fault::WrongType => swap_types(tree),
        Fault::DuplicateKeys => duplicate(tree),
        Fault::ContradictingAnswers => contradict(tree),
        // Beneath the root: an XML document has one.
        Fault::ExtraFields => {
            if let Value::Object(roots) = tree {
                roots.iter_mut().for_each(|(_, root)| extend(root));
            }
        }
        Fault::Reordered => reorder(tree),
        Fault::DropAnswer
        | Fault::DropRequest
        | Fault::Reset { .. }
        | Fault::Delay { .. }
        | Fault::DelayAnswer { .. }
        | Fault::Drip { .. }
        | Fault::Http500 { .. }
        | Fault::Truncated
        | Fault::BrokenOff { .. }
        | Fault::Huge
        | Fault::Garbage
        | Fault::DeeplyNested
        | Fault::ErrorCode { .. }
        | Fault::Redirect
        | Fault::StaleNotFound
        | Fault::Offline
        | Fault::Silence
        | Fault::Maintenance
        | Fault::EarlyNotice
        | Fault::Repeat { .. }
        | Fault::WrongSign
        | Fault::WrongEncryption
        | Fault::PlayedBack => {}
    }
}

/// Rewrites the first field of either name. An answer without one (XML v1's ORDER_RESP names
/// neither order nor amount) is given the SOSOPAY one, as a gateway that confuses two calls would.
fn replace(tree: &mut Value, names: [&str; 2], change: impl Fn(&str) -> String) {
    for name in names {
        if let Some(field) = tree.find_mut(name) {
            let changed = change(field.as_text().unwrap_or_default());
            match field {
                Value::Number(number) => *number = changed,
                Value::Text(_) | Value::List(_) | Value::Object(_) => *field = Value::Text(changed),
            }
            return;
        }
    }
    if let Value::Object(roots) = tree
        && let Some((_, root @ Value::Object(_))) = roots.first_mut()
    {
        let [sosopay, _] = names;
        root.push(sosopay, Value::text(change("0")));
    }
}

/// A scalar, a list and an object that nobody documented, in every object.
fn extend(tree: &mut Value) {
    match tree {
        Value::Text(_) | Value::Number(_) => {}
        Value::List(items) => items.iter_mut().for_each(extend),
        Value::Object(fields) => {
            fields.iter_mut().for_each(|(_, value)| extend(value));
            tree.push("x_trace", Value::text("7f3a"));
            tree.push("x_list", Value::List(vec![Value::number(1), Value::number(2)]));
            tree.push("x_more", Value::object([("since", Value::text("2026"))]));
        }
    }
}

fn reorder(tree: &mut Value) {
    match tree {
        Value::Text(_) | Value::Number(_) => {}
        Value::List(items) => items.iter_mut().for_each(reorder),
        Value::Object(fields) => {
            fields.iter_mut().for_each(|(_, value)| reorder(value));
            fields.reverse();
        }
    }
}

fn swap_types(tree: &mut Value) {
    match tree {
        Value::Number(number) => *tree = Value::Text(std::mem::take(number)),
        Value::Text(text) => {
            // Up to 15 digits, so that no reader of doubles can change the value.
            let digits = !text.is_empty()
                && text.len() <= 15
                && text.bytes().all(|byte| byte.is_ascii_digit())
                && (text == "0" || !text.starts_with('0'));
            if digits {
                *tree = Value::Number(std::mem::take(text));
            }
        }
        Value::List(items) => {
            items.iter_mut().for_each(swap_types);
            if items.len() == 1
                && let Some(only) = items.pop()
            {
                *tree = only;
            }
        }
        Value::Object(fields) => fields.iter_mut().for_each(|(_, value)| swap_types(value)),
    }
}

fn duplicate(tree: &mut Value) {
    match tree {
        Value::Text(_) | Value::Number(_) => {}
        Value::List(items) => items.iter_mut().for_each(duplicate),
        Value::Object(fields) => {
            let doubles: Vec<(String, Value)> = fields
                .iter()
                .filter_map(|(name, value)| {
                    let other = match name.as_str() {
                        "CODE" | "result_code" => Value::text("FAIL"),
                        "STATE" | "CHARGE_STATE" => Value::number(0),
                        "order_status" => Value::text("CREATED"),
                        "AMT" | "total_amount" => Value::text(format!("1{}", value.as_text()?)),
                        _ => return None,
                    };
                    Some((name.clone(), other))
                })
                .collect();
            fields.iter_mut().for_each(|(_, value)| duplicate(value));
            fields.extend(doubles);
        }
    }
}

fn contradict(tree: &mut Value) {
    if let Some(status) = tree.find_mut("order_status") {
        let opposite = if status.as_text() == Some("PAID") { "PAY_CANCELED" } else { "PAID" };
        *status = Value::text(opposite);
        // The flow state contradicts the order's in either direction.
        if let (Some(flow), "PAID") = (tree.find_mut("status"), opposite) {
            *flow = Value::text("FAIL_CANCELED");
        }
        return;
    }
    let Some(code) = tree.find_mut("CODE") else { return };
    if code.as_text() == Some("SUCCESS") {
        *code = Value::text("FAIL");
    } else if let Value::Object(roots) = tree
        && let Some((_, root)) = roots.first_mut()
    {
        root.push("STATE", Value::number(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Value {
        Value::object([(
            "QUERY_RESP",
            Value::object([
                ("RESULT", Value::object([("CODE", Value::text("SUCCESS"))])),
                ("CHARGE_CODE", Value::text("0012")),
                ("AMT", Value::number(1)),
                ("STATE", Value::number(1)),
                ("BILL", Value::List(vec![Value::object([("AMOUNT", Value::text("12"))])])),
            ]),
        )])
    }

    fn spoilt(fault: &Fault) -> String {
        let mut tree = answer();
        spoil(fault, &mut tree);
        tree.to_json()
    }

    #[test]
    fn identity_and_amount_can_be_anothers() {
        assert!(spoilt(&Fault::WrongOrder).contains(r#""CHARGE_CODE":"X0012""#));
        assert!(spoilt(&Fault::WrongAmount).contains(r#""AMT":11"#));
        assert!(spoilt(&Fault::WrongMerchant).contains(r#""BUSI_ID":"90""#));
    }

    #[test]
    fn types_are_swapped_and_values_kept() {
        let text = spoilt(&Fault::WrongType);
        assert!(text.contains(r#""AMT":"1""#), "{text}");
        assert!(text.contains(r#""CHARGE_CODE":"0012""#), "leading zeros stay text: {text}");
        assert!(text.contains(r#""BILL":{"AMOUNT":12}"#), "{text}");
    }

    #[test]
    fn keys_are_doubled_and_disagree() {
        let text = spoilt(&Fault::DuplicateKeys);
        assert!(text.contains(r#""CODE":"SUCCESS","CODE":"FAIL""#), "{text}");
        assert!(text.contains(r#""STATE":0"#) && text.contains(r#""STATE":1"#), "{text}");
    }

    #[test]
    fn fields_are_added_or_moved_and_values_kept() {
        let text = spoilt(&Fault::ExtraFields);
        assert!(text.contains(r#""CODE":"SUCCESS","x_trace""#), "{text}");
        let text = spoilt(&Fault::Reordered);
        assert!(text.starts_with(r#"{"QUERY_RESP":{"BILL":[{"AMOUNT":"12"}],"STATE":1"#), "{text}");
    }

    #[test]
    fn an_answer_contradicts_itself() {
        let text = spoilt(&Fault::ContradictingAnswers);
        assert!(text.contains(r#""CODE":"FAIL""#) && text.contains(r#""STATE":1"#), "{text}");
    }
}
