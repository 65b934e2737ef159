//! Tasks for Label Studio: one array of posts with what the model would say of each.

use serde_json::json;

use crate::feed::Row;
use crate::score::Score;

/// Writes tasks; the first of them has no comma before it.
#[derive(Default)]
pub(crate) struct Tasks {
    begun: bool,
}

impl Tasks {
    /// A task, with a comma before it. Rows that cannot be read are tasks with their reason, so that the count stays.
    pub(super) fn format(row: &Row, score: &Score, out: &mut Vec<u8>) {
        let post = row.post.as_ref().ok();
        let choice = |name: &str, choices: Vec<&str>| json!({"from_name": name, "to_name": "text", "type": "choices", "value": {"choices": choices}});
        let mut result = Vec::new();
        if let Some(p) = score.partisan {
            result.push(choice("partisan", vec![if p >= 0.5 { "partisan" } else { "not partisan" }]));
            result.push(choice("signals", score.fired.clone()));
        }
        for reason in score.evidence.iter().filter(|e| e.head == "partisan") {
            let label = if reason.push > 0.0 { "for" } else { "against" };
            let value = json!({"start": reason.start, "end": reason.end, "text": reason.text, "labels": [label]});
            result.push(json!({"from_name": "evidence", "to_name": "text", "type": "labels", "value": value}));
        }
        let task = json!({
            "data": {
                "text": post.map_or("", |p| p.words()),
                "id": post.and_then(|p| p.id.as_deref()),
                "line": row.line,
                "activity": score.activity,
                "status": score.status,
                "band": score.band,
                "reason": score.reason,
            },
            "predictions": [{"model_version": score.model_version(), "score": score.partisan, "result": result}],
        });
        out.extend_from_slice(b",\n");
        out.extend_from_slice(task.to_string().as_bytes());
    }

    /// Makes the first comma the beginning of the array.
    pub(super) fn begin(&mut self, bytes: &mut [u8]) {
        if let (false, Some(first)) = (self.begun, bytes.first_mut()) {
            *first = b'[';
            self.begun = true;
        }
    }

    pub(super) fn finish(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.begun { b"\n]\n" } else { b"[]\n" });
    }
}
