//! Tables in plain text: columns aligned by display width; where they do not fit a line, each row as a list of its cells.

use super::{
    prose::Align,
    wrap::{self, LINE_END, width},
};

/// Between columns.
const GUTTER: &str = "  ";

/// Writes rows of cells; the first row is the head.
pub(super) fn lay_out(prefix: &str, columns: &[Align], rows: &[Vec<String>], out: &mut String) {
    let widths: Vec<usize> = (0..columns.len())
        .map(|column| rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0))
        .collect();
    let whole: usize = widths.iter().sum::<usize>() + GUTTER.len() * columns.len().saturating_sub(1) + width(prefix);
    if whole > wrap::COLUMNS {
        return as_lists(prefix, rows, out);
    }
    for (number, row) in rows.iter().enumerate() {
        push_row(prefix, columns, &widths, row, out);
        if number == 0 {
            let dashes: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            push_row(prefix, columns, &widths, &dashes, out);
        }
    }
}

fn push_row(prefix: &str, columns: &[Align], widths: &[usize], row: &[String], out: &mut String) {
    out.push_str(prefix);
    for (number, (cell, (align, column))) in row.iter().zip(columns.iter().zip(widths)).enumerate() {
        if number > 0 {
            out.push_str(GUTTER);
        }
        let spare = column.saturating_sub(width(cell));
        let before = match align {
            Align::Start => 0,
            Align::Center => spare / 2,
            Align::End => spare,
        };
        out.push_str(&" ".repeat(before));
        out.push_str(cell);
        out.push_str(&" ".repeat(spare - before));
    }
    out.truncate(out.trim_end_matches(' ').len());
    out.push_str(LINE_END);
}

fn as_lists(prefix: &str, rows: &[Vec<String>], out: &mut String) {
    let Some((head, body)) = rows.split_first() else { return };
    let hanging = format!("{prefix}  ");
    if body.is_empty() {
        head.iter().for_each(|cell| wrap::wrap(cell, prefix, &hanging, out));
    }
    for (number, row) in body.iter().enumerate() {
        if number > 0 {
            out.push_str(prefix.trim_end());
            out.push_str(LINE_END);
        }
        for (label, cell) in head.iter().zip(row) {
            let content = if label.is_empty() { cell.clone() } else { format!("{label}: {cell}") };
            wrap::wrap(&content, prefix, &hanging, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[&[&str]], columns: &[Align]) -> String {
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|c| (*c).to_owned()).collect()).collect();
        let mut out = String::new();
        lay_out("", columns, &rows, &mut out);
        out.replace(LINE_END, "\n")
    }

    #[test]
    fn columns_are_aligned_by_what_is_seen() {
        assert_eq!(
            table(&[&["Region", "Seats"], &["非洲", "12"], &["Americas", "9"]], &[Align::Start, Align::End]),
            "Region    Seats\n--------  -----\n非洲         12\nAmericas      9\n"
        );
    }

    #[test]
    fn a_table_too_wide_for_a_line_becomes_a_list_of_its_cells() {
        let long = "word ".repeat(20);
        let text = table(&[&["Item", "What"], &["1", &long], &["2", "x"]], &[Align::Start, Align::Start]);
        assert!(text.starts_with("Item: 1\nWhat: word"), "{text}");
        assert!(text.contains("\n\nItem: 2\nWhat: x\n"), "{text}");
        assert!(text.lines().all(|line| width(line) <= wrap::COLUMNS));
        let head_alone = table(&[&[&long, "last"]], &[Align::Start, Align::Start]);
        assert!(head_alone.starts_with("word") && head_alone.ends_with("\nlast\n"), "{head_alone}");
    }
}
