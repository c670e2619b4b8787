//! XML v1 request bodies (`ORDER_REQ`, XML v1 §2 and §3, fields in the tables' order), and XML
//! answers of either edition as a [`Tree`].

use super::wire_json::{Fields, dynamic_id_type, push_notify_url};
use super::{Sosopay, channel_type};
use crate::gateway::json::Value;
use crate::gateway::tree::{DEPTH_MAX, Tree, TreeError};
use crate::gateway::{Extras, FieldError};
use crate::payment::{Request, Sale};
use quick_xml::Reader;
use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::{BytesRef, Event};
use std::collections::BTreeMap;

/// Elements that may stand more than once beside each other; any other twin is refused.
const REPEATING: [&str; 6] =
    ["GOODS_DETAIL", "TRADEFUNDBILL", "REFUND_TRADE", "tradeInfos", "TRADE_INFO", "PAY_CHANNEL"];

/// The body; none for what is asked with GET.
pub(super) fn body(
    codec: &Sosopay,
    request: &Request,
    extras: &Extras,
) -> Result<Option<Vec<u8>>, FieldError> {
    let mut fields = head(codec, request.sale());
    match request {
        Request::Pay { sale, code } => {
            fields.push(("CHANNEL_TYPE", "0".into()));
            fields.push(("DYNAMIC_ID_TYPE", dynamic_id_type(code.kind()).into()));
            fields.push(("DYNAMIC_ID", code.expose().into()));
            fields.push(("CHARGE_CODE", sale.order.as_str().into()));
        }
        Request::Precreate { sale, channel, life: _ } => {
            fields.push(("CHANNEL_TYPE", channel_type(channel)?.text().into()));
            fields.push(("CHARGE_CODE", sale.order.as_str().into()));
            push_notify_url(&mut fields, codec);
        }
        Request::Query { .. } | Request::Cancel { .. } => return Ok(None),
    }
    fields.push(("PAY_SUBJECT", request.sale().subject.as_str().into()));
    if !extras.goods.is_empty() {
        let goods = extras.goods.iter().map(|goods| goods.fields()).collect();
        fields.push(("GOODS_DETAIL", Value::Objects(goods)));
    }
    Ok(Some(write("ORDER_REQ", &fields)))
}

fn head(codec: &Sosopay, sale: &Sale) -> Fields {
    vec![
        ("BUSI_ID", codec.merchant_id.as_str().into()),
        (codec.operator_field.name(), sale.operator.as_str().into()),
        ("DEV_ID", codec.device.as_str().into()),
        ("AMT", sale.amount.yuan().into()),
    ]
}

/// A body. A list repeats its element, once per item (XML v1 §2).
pub(super) fn write(root: &str, fields: &[(&str, Value)]) -> Vec<u8> {
    let mut body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><{root}>");
    for (name, value) in fields {
        match value {
            Value::Text(text) => push_element(&mut body, name, text),
            Value::Number(number) => push_element(&mut body, name, &number.to_string()),
            Value::Objects(objects) => {
                for object in objects {
                    body.push_str(&format!("<{name}>"));
                    object.iter().for_each(|(name, text)| push_element(&mut body, name, text));
                    body.push_str(&format!("</{name}>"));
                }
            }
        }
    }
    body.push_str(&format!("</{root}>"));
    body.into_bytes()
}

fn push_element(body: &mut String, name: &str, text: &str) {
    body.push_str(&format!("<{name}>{}</{name}>", escape(text)));
}

/// An element that is being read.
struct Open {
    name: String,
    text: String,
    children: BTreeMap<String, Tree>,
}

impl Open {
    fn new(name: String) -> Open {
        Open { name, text: String::new(), children: BTreeMap::new() }
    }

    /// Takes a finished child in.
    fn adopt(&mut self, name: String, child: Tree) -> Result<(), TreeError> {
        if !REPEATING.contains(&name.as_str()) {
            return match self.children.insert(name, child) {
                None => Ok(()),
                Some(_) => Err(TreeError::Duplicate),
            };
        }
        match self.children.entry(name).or_insert_with(|| Tree::List(Vec::new())) {
            Tree::List(items) => {
                items.push(child);
                Ok(())
            }
            Tree::Nothing | Tree::Text(_) | Tree::Object(_) => Err(TreeError::Malformed),
        }
    }

    fn finish(self) -> Result<(String, Tree), TreeError> {
        let text = self.text.trim();
        let tree = match (self.children.is_empty(), text.is_empty()) {
            (true, true) => Tree::Nothing,
            (true, false) => Tree::Text(text.to_owned()),
            (false, true) => Tree::Object(self.children),
            // Text beside elements: a body that was broken and closed again by someone.
            (false, false) => return Err(TreeError::Malformed),
        };
        Ok((self.name, tree))
    }
}

/// Reads a whole document. Attributes, comments and processing instructions are passed over; a
/// document type or an entity of its own is refused.
pub(super) fn read(text: &str) -> Result<Tree, TreeError> {
    let mut reader = Reader::from_str(text);
    // The document itself, so that the root is adopted like any other.
    let mut open = vec![Open::new(String::new())];
    loop {
        let event = reader.read_event().map_err(|_| TreeError::Malformed)?;
        match event {
            Event::Start(start) => {
                if open.len() > DEPTH_MAX {
                    return Err(TreeError::TooDeep);
                }
                open.push(Open::new(start.name().as_ref().to_owned()));
            }
            Event::Empty(start) => {
                adopt(&mut open, start.name().as_ref().to_owned(), Tree::Nothing)?
            }
            Event::End(_) => {
                let (name, tree) = open.pop().ok_or(TreeError::Malformed)?.finish()?;
                adopt(&mut open, name, tree)?;
            }
            Event::Text(piece) => {
                push_text(&mut open, &piece)?;
            }
            Event::CData(piece) => {
                push_text(&mut open, &piece)?;
            }
            Event::GeneralRef(reference) => {
                let c = resolved(&reference)?;
                push_text(&mut open, &c)?;
            }
            Event::DocType(_) => return Err(TreeError::Declaration),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    document(open)
}

/// The one root, when everything is closed.
fn document(mut open: Vec<Open>) -> Result<Tree, TreeError> {
    match (open.pop(), open.pop()) {
        (Some(document), None) if document.children.len() == 1 => {
            document.finish().map(|(_, tree)| tree)
        }
        _ => Err(TreeError::Malformed),
    }
}

fn adopt(open: &mut [Open], name: String, child: Tree) -> Result<(), TreeError> {
    open.last_mut().ok_or(TreeError::Malformed)?.adopt(name, child)
}

fn push_text(open: &mut [Open], text: &str) -> Result<(), TreeError> {
    if text.contains(|c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n')) {
        return Err(TreeError::Malformed);
    }
    open.last_mut().ok_or(TreeError::Malformed)?.text.push_str(text);
    Ok(())
}

/// A character reference or one of XML's own five entities.
fn resolved(reference: &BytesRef<'_>) -> Result<String, TreeError> {
    if let Some(c) = reference.resolve_char_ref().map_err(|_| TreeError::Malformed)? {
        return Ok(c.to_string());
    }
    resolve_predefined_entity(reference).map(str::to_owned).ok_or(TreeError::Declaration)
}
