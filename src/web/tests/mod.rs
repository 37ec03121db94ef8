//! Tests of the dashboard: every route as everybody, forms of other sites, hostile words, and the acts.

mod access;
mod acts;
mod door;
mod fixture;
mod hostile;
mod pages;

pub(in crate::web) use fixture::{Answer, HOST, House};
