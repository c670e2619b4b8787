//! JSON and XML bodies into fields, strictly.

use quick_xml::{Reader, events::Event};
use serde_json::Value as Json;

use super::{Fields, Refused};

/// Fields that JSON zh's and the SDK's tables give the type Integer.
const INTEGERS: [&str; 8] = [
    "TIME_EXPIRE",
    "CHANNEL_TYPE",
    "DYNAMIC_ID_TYPE",
    "flowVal",
    "state",
    "ChannelType",
    "PageNum",
    "pageSize",
];
/// Elements of one XML body; a longer one is refused before it costs memory.
const MAX_ELEMENTS: usize = 2_000;

fn unreadable(edition: &str) -> Refused {
    Refused::parameter(format!("报文不是有效的{edition}"))
}

/// A JSON object of strings, Integers and GOODS_DETAIL.
pub(super) fn json(body: &[u8]) -> Result<Fields, Refused> {
    let Ok(Json::Object(object)) = serde_json::from_slice::<Json>(body) else {
        return Err(unreadable("JSON"));
    };
    let mut fields = Fields::default();
    for (name, value) in object {
        match value {
            Json::String(text) => fields.fields.push((name, text)),
            Json::Number(number) if INTEGERS.contains(&name.as_str()) && number.is_u64() => {
                fields.fields.push((name, number.to_string()));
            }
            Json::Array(items) if name == "GOODS_DETAIL" => {
                fields.goods = items.into_iter().map(good).collect::<Result<_, _>>()?;
            }
            Json::Null => {}
            Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
                return Err(Refused::parameter(format!("{name}类型错误")));
            }
        }
    }
    Ok(fields)
}

fn good(item: Json) -> Result<super::Good, Refused> {
    let Json::Object(object) = item else {
        return Err(Refused::parameter("GOODS_DETAIL类型错误"));
    };
    let field = |(name, value)| match value {
        Json::String(text) => Ok((name, text)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
            Err(Refused::parameter(format!("{name}类型错误")))
        }
    };
    object.into_iter().map(field).collect()
}

/// An XML document with that root: fields one level down, GOODS_DETAIL two.
///
/// Text beside elements is skipped, because XML v1's own sample has some
/// (`<NODIFY_URL/>http://…<NODIFY_URL/>`). Entities beyond the five of XML are refused.
pub(super) fn xml(body: &[u8], root: &str) -> Result<Fields, Refused> {
    let bad = || unreadable("XML");
    let text = std::str::from_utf8(body).map_err(|_| bad())?;
    let mut reader = Reader::from_str(text);
    let mut fields = Fields::default();
    let mut path: Vec<String> = Vec::new();
    let mut content = String::new();
    let mut elements = 0_usize;
    let mut seen_root = false;
    loop {
        match reader.read_event().map_err(|_| bad())? {
            Event::Start(tag) => {
                let name = tag.name().as_ref().to_owned();
                elements += 1;
                if path.is_empty() && (name != root || seen_root) {
                    return Err(Refused::parameter(format!("报文根节点应为{root}")));
                }
                seen_root = true;
                if elements > MAX_ELEMENTS || path.len() >= 3 {
                    return Err(bad());
                }
                if path.len() == 1 && name == "GOODS_DETAIL" {
                    fields.goods.push(Vec::new());
                }
                path.push(name);
                content.clear();
            }
            Event::End(_) => {
                let name = path.pop().ok_or_else(bad)?;
                let value = std::mem::take(&mut content).trim().to_owned();
                match path.as_slice() {
                    [_] if name != "GOODS_DETAIL" => fields.fields.push((name, value)),
                    [_, list] if list == "GOODS_DETAIL" => {
                        if let Some(good) = fields.goods.last_mut() {
                            good.push((name, value));
                        }
                    }
                    _ => {}
                }
            }
            Event::Text(piece) => content.push_str(&piece.xml10_content()),
            Event::CData(piece) => content.push_str(&piece.xml10_content()),
            Event::GeneralRef(entity) => content.push(character(&entity).ok_or_else(bad)?),
            Event::Eof => break,
            Event::DocType(_) => return Err(bad()),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    if path.is_empty() && seen_root { Ok(fields) } else { Err(bad()) }
}

fn character(entity: &quick_xml::events::BytesRef<'_>) -> Option<char> {
    if let Some(character) = entity.resolve_char_ref().ok()? {
        return Some(character);
    }
    match &**entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_must_be_strings_and_integers_may_be_either() {
        let fields = json(br#"{"AMT":"1","CHANNEL_TYPE":2,"X":null}"#).unwrap();
        assert_eq!(fields.text("CHANNEL_TYPE"), Some("2"));
        for odd in [
            r#"{"AMT":1}"#,
            r#"{"CHANNEL_TYPE":1.5}"#,
            r#"{"A":{}}"#,
            r#"{"GOODS_DETAIL":{}}"#,
            r#"{"GOODS_DETAIL":[{"GOOD_PRICE":2}]}"#,
            "[]",
            "",
            "{",
        ] {
            assert_eq!(json(odd.as_bytes()).unwrap_err().code, "ILLEGAL_PARAMETER", "{odd}");
        }
    }

    #[test]
    fn xml_fields_goods_entities_and_comments_are_read() {
        let fields = xml(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ORDER_REQ><!-- 商户 --><A>a&amp;b&#x4e2d;</A>\
             <U/>http://x<U/><GOODS_DETAIL><GOOD_ID>1</GOOD_ID></GOODS_DETAIL>\
             <GOODS_DETAIL><GOOD_ID><![CDATA[<2>]]></GOOD_ID></GOODS_DETAIL></ORDER_REQ>"
                .as_bytes(),
            "ORDER_REQ",
        )
        .unwrap();
        assert_eq!(fields.text("A"), Some("a&b中"));
        assert_eq!(fields.goods.len(), 2);
        assert_eq!(fields.goods[1][0].1, "<2>");
    }

    #[test]
    fn xml_that_is_not_the_documents_is_refused() {
        let deep = format!("<ORDER_REQ>{}", "<a>".repeat(10_000));
        for odd in [
            "",
            "<ORDER_REQ>",
            "<X></X>",
            "<ORDER_REQ></ORDER_REQ><ORDER_REQ></ORDER_REQ>",
            "<ORDER_REQ><A></B></ORDER_REQ>",
            "<!DOCTYPE x><ORDER_REQ></ORDER_REQ>",
            "<ORDER_REQ><A>&secret;</A></ORDER_REQ>",
            &deep,
        ] {
            assert!(xml(odd.as_bytes(), "ORDER_REQ").is_err(), "{odd:.40}");
        }
        assert!(xml(b"<ORDER_REQ>\xff</ORDER_REQ>", "ORDER_REQ").is_err());
    }
}
