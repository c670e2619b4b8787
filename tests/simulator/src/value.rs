//! The tree that every answer is built as, before it becomes JSON or XML.
//!
//! One tree serves both encodings of the SOSOPAY answers (JSON zh §2.2 `_type`), keeps the order of
//! the documents' samples, and can say what a well-typed value cannot: a duplicate key, or a number
//! where a string is documented. Faults change the tree; the encoders write whatever it holds.
//! Numbers are kept as text, so that `0.01` never passes through a float.

use std::fmt::Write as _;

/// A node of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A string.
    Text(String),
    /// A number, as it is to be written.
    Number(String),
    /// A list; in XML its elements repeat the name of the field.
    List(Vec<Value>),
    /// Named fields, in order; a name may stand twice.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// A string.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A whole number.
    pub fn number(number: i64) -> Self {
        Self::Number(number.to_string())
    }

    /// An object of the given fields.
    pub fn object<const N: usize>(fields: [(&str, Value); N]) -> Self {
        Self::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Appends a field to an object; on anything else it does nothing.
    pub fn push(&mut self, name: &str, value: Value) {
        if let Self::Object(fields) = self {
            fields.push((name.to_owned(), value));
        }
    }

    /// The first field of that name, at any depth, depth first.
    pub fn find(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Text(_) | Self::Number(_) => None,
            Self::List(items) => items.iter().find_map(|item| item.find(name)),
            Self::Object(fields) => {
                fields.iter().find_map(
                    |(field, value)| {
                        if field == name { Some(value) } else { value.find(name) }
                    },
                )
            }
        }
    }

    /// The first field of that name, at any depth, to be changed.
    pub fn find_mut(&mut self, name: &str) -> Option<&mut Value> {
        match self {
            Self::Text(_) | Self::Number(_) => None,
            Self::List(items) => items.iter_mut().find_map(|item| item.find_mut(name)),
            Self::Object(fields) => fields.iter_mut().find_map(|(field, value)| {
                if field == name { Some(value) } else { value.find_mut(name) }
            }),
        }
    }

    /// The text of a string or number.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text),
            Self::List(_) | Self::Object(_) => None,
        }
    }

    /// The tree as JSON.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write_json(&mut out);
        out
    }

    fn write_json(&self, out: &mut String) {
        match self {
            Self::Text(text) => write_json_string(out, text),
            Self::Number(number) => out.push_str(number),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write_json(out);
                }
                out.push(']');
            }
            Self::Object(fields) => {
                out.push('{');
                for (index, (name, value)) in fields.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_json_string(out, name);
                    out.push(':');
                    value.write_json(out);
                }
                out.push('}');
            }
        }
    }

    /// The tree as an XML document: the fields of the outer object are its elements (one root, as
    /// every documented answer has).
    pub fn to_xml(&self) -> String {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        self.write_xml(&mut out, "VALUE");
        out
    }

    fn write_xml(&self, out: &mut String, name: &str) {
        match self {
            Self::Text(text) | Self::Number(text) => write_xml_text(out, text),
            Self::List(items) => {
                for item in items {
                    write_xml_element(out, name, item);
                }
            }
            Self::Object(fields) => {
                for (field, value) in fields {
                    match value {
                        Self::List(items) => {
                            for item in items {
                                write_xml_element(out, field, item);
                            }
                        }
                        Self::Text(_) | Self::Number(_) | Self::Object(_) => {
                            write_xml_element(out, field, value);
                        }
                    }
                }
            }
        }
    }
}

fn write_xml_element(out: &mut String, name: &str, value: &Value) {
    out.push('<');
    out.push_str(name);
    out.push('>');
    value.write_xml(out, name);
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

fn write_xml_text(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            other => out.push(other),
        }
    }
}

fn write_json_string(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control.is_control() => {
                // Writing into a String cannot fail.
                let _ = write!(out, "\\u{:04x}", control as u32);
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_tree_writes_the_json_and_the_xml_of_an_answer() {
        let tree = Value::object([(
            "R",
            Value::object([
                ("CODE", Value::text("a\"<&")),
                ("AMT", Value::number(1)),
                ("ITEM", Value::List(vec![Value::text("x"), Value::Number("0.01".into())])),
            ]),
        )]);
        assert_eq!(tree.to_json(), r#"{"R":{"CODE":"a\"<&","AMT":1,"ITEM":["x",0.01]}}"#);
        assert_eq!(
            tree.to_xml(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><R><CODE>a\"&lt;&amp;</CODE><AMT>1</AMT>\
             <ITEM>x</ITEM><ITEM>0.01</ITEM></R>"
        );
    }

    #[test]
    fn json_strings_survive_a_reader() {
        let odd = "\u{1}\u{7f}\"\\\n达美乐";
        let text = Value::text(odd).to_json();
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), odd);
    }
}
