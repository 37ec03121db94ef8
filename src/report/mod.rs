//! Reports: rows in; tables, CSV and JSON out.
