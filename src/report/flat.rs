//! JSON values as the cells of a table.

use serde_json::Value;

/// One JSON value as a cell: lists by semicolons, nothing for null.
pub fn flat(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(|item| !item.is_object()) => {
            items.iter().map(flat).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}
