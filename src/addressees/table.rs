//! A list as rows of cells, whatever kind of file it is.

use super::columns::Column;
use crate::circular::Problem;

/// Rows of a list, one at a time.
pub(super) trait Table {
    /// Goes to the next row that holds anything and says its line, from 1; `None` after the last.
    fn next(&mut self) -> Result<Option<u32>, Problem>;

    /// The cells of the row, which begins on `line`.
    fn cells(&self, line: u32) -> Result<Vec<&str>, Problem>;

    /// The cells as well as they can be shown, where [`Table::cells`] cannot give them.
    fn whom(&self) -> Vec<String>;

    /// The header has been found: these are the columns of the rows that follow.
    fn know(&mut self, columns: &[Column]);

    /// What is worth saying about the whole, once all rows have been read.
    fn notes(&mut self) -> Vec<Problem>;
}
