//! `GET /receipts.json`: what the virtual printer printed, oldest first, line by line.

use super::{Panelled, fresh};
use axum::extract::State as Has;
use axum::response::Response;
use hal::printer::Align;
use hal::{PrintJob, PrintLine};
use serde_json::{Value, json};

pub(super) async fn receipts(Has(shared): Panelled) -> Response {
    let jobs = shared.handles.printer.receipts();
    fresh(jobs.iter().map(receipt).collect::<Vec<_>>())
}

fn receipt(job: &PrintJob) -> Value {
    json!({ "lines": job.lines.iter().map(line).collect::<Vec<_>>(), "cut": job.cut })
}

fn line(line: &PrintLine) -> Value {
    match line {
        PrintLine::Text { text, style, align } => json!({
            "kind": "text",
            "text": text,
            "bold": style.bold,
            "double": style.double,
            "align": match align {
                Align::Left => "left",
                Align::Center => "center",
                Align::Right => "right",
            },
        }),
        PrintLine::Pair { left, right } => json!({ "kind": "pair", "left": left, "right": right }),
        PrintLine::Rule => json!({ "kind": "rule" }),
        PrintLine::Qr(text) => json!({ "kind": "qr", "text": text }),
        PrintLine::Feed(lines) => json!({ "kind": "feed", "lines": lines }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_is_told() {
        let lines = vec![
            PrintLine::heading("达美乐"),
            PrintLine::pair("金额", "¥0.01"),
            PrintLine::Rule,
            PrintLine::Qr("t".into()),
            PrintLine::Feed(2),
        ];
        let told = receipt(&PrintJob { lines, cut: true });
        let heading = json!({
            "kind": "text", "text": "达美乐", "bold": true, "double": true, "align": "center",
        });
        assert_eq!(told["lines"][0], heading);
        let kinds = ["text", "pair", "rule", "qr", "feed"];
        for (line, kind) in told["lines"].as_array().unwrap().iter().zip(kinds) {
            assert_eq!(line["kind"], kind);
        }
        assert_eq!(told["cut"], true);
    }
}
