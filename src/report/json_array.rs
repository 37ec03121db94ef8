//! One JSON array, a row to a line: programs read it whole, people read it by lines.

use std::io::{self, Write};

use serde::Serialize;

/// Writes rows one by one, so that a million need no memory.
pub struct JsonArray<W: Write> {
    out: W,
    rows: u64,
}

impl<W: Write> JsonArray<W> {
    /// Opens the array.
    pub fn begin(mut out: W) -> io::Result<Self> {
        out.write_all(b"[")?;
        Ok(Self { out, rows: 0 })
    }

    /// Writes one row.
    pub fn push<T: Serialize>(&mut self, row: &T) -> io::Result<()> {
        self.out.write_all(if self.rows == 0 { b"\n" } else { b",\n" })?;
        self.rows += 1;
        Ok(serde_json::to_writer(&mut self.out, row)?)
    }

    /// Closes the array; without this it is no JSON.
    pub fn finish(mut self) -> io::Result<()> {
        self.out.write_all(if self.rows == 0 { b"]\n" } else { b"\n]\n" })?;
        self.out.flush()
    }
}

/// A whole list at once.
pub fn json_array<W: Write, T: Serialize>(out: W, rows: impl IntoIterator<Item = T>) -> io::Result<()> {
    let mut array = JsonArray::begin(out)?;
    for row in rows {
        array.push(&row)?;
    }
    array.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn written(rows: &[Value]) -> String {
        let mut out = Vec::new();
        json_array(&mut out, rows).expect("written");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_list_of_any_length_is_one_array() {
        for rows in [vec![], vec![json!({"a": 1})], vec![json!({"a": "]\n"}), json!(null), json!([1])]] {
            let text = written(&rows);
            assert_eq!(serde_json::from_str::<Vec<Value>>(&text).expect(&text), rows);
            assert!(text.ends_with("]\n"), "{text:?}");
        }
        assert_eq!(written(&[]), "[]\n");
        assert_eq!(written(&[json!(1), json!(2)]), "[\n1,\n2\n]\n");
    }
}
