//! circulard gets an official circular to every addressee, and can prove it.
//!
//! This page is the house in two minutes.
//!
//! ```text
//!  templates/   recipients/                                  (files, as staff keep them)
//!       └─────┬──────┘
//!         folders
//!             ▼
//!  circular ─▶ addressees ─▶ freeze ─▶ queue ─▶ compose ─▶ smtp ─────▶ relay ─ ─ ▶ world
//!                              │        ▲  │        │        │
//!                              ▼        │  ▼        ▼        ▼ outcome
//!                            ledger ◀───┴────────────── send journal
//!                              │
//!                              ▼
//!                          cli · web
//! ```
//!
//! # Layers
//!
//! | layer | rooms | may import |
//! |---|---|---|
//! | words and rules: pure, time and keys are arguments | [`circular`], [`addressees`], [`compose`], [`delivery`], [`schedule`], [`alerts`], [`report`] | words and rules |
//! | hands: each touches one thing outside | [`folders`], [`smtp`], [`ledger`], [`rehearsal`], [`secrets`], [`clock`] | words; never another hand |
//! | desk: one act per file | [`desk`] | words, hands |
//! | workers: one loop each | [`workers`] | words, hands, desk; never another worker |
//! | faces: what people see; they decide nothing | [`cli`], [`web`] | words, desk, ledger |
//! | door | `main`, [`config`], [`daemon`], [`demo`] | everything; nobody imports the door |
//!
//! `tests/house.rs` reads every path in the source and keeps this table true.
//!
//! # The way of a letter
//!
//! Intake reads files that have come to rest ([`workers::intake`]); the desk understands them ([`desk::understand`]) and tells
//! the ledger where they stand ([`desk::sight`]), and the people where they live, in a note beside a parked letter
//! ([`desk::keep_note`]). At its time a circular is frozen ([`desk::freeze`]): rendered parts with
//! slots, annexes, addressees, Date and sender are in the ledger, and the files may change as they like. The feeder puts
//! deliveries on a shelf, lanes take them to a relay, one session each ([`workers::dispatch`]).
//!
//! # The crash protocol
//!
//! A lane makes two things durable in one write to the send journal: the outcome of its last transaction and the beginning of
//! its next. Only then may the final dot leave. The ledger follows the journal in batches, and at start whatever it lacks is
//! replayed. What was begun and has no outcome is in doubt, by name, at most one a session. The journal was foreseen for the
//! day when the ledger's own commits would be too slow; it came at once, because it is also the witness that tells a restored
//! or copied ledger from a true one ([`ledger::Standing`]).
//!
//! # Invariants
//!
//! 1. The number frozen is the sum over the states, always. The totals people see are sums over a tally that a trigger keeps
//!    in the transaction that changes a state; the certificate and `verify` count the rows.
//! 2. A mailbox is in an issue once; nothing goes to an address that was not frozen.
//! 3. Attempts and events are appended, never updated; events are chained by SHA-256.
//! 4. An unknown reply means temporary; only a 5yz, time or a person ends a delivery badly.
//! 5. To carries that one addressee; nobody sees another's address.
//! 6. The same delivery is the same octets on every attempt; octets that would differ are held, not sent.
//! 7. A list that changes much, or whose file is gone, changes no group before a person has accepted it.
//! 8. What a person has decided (a hold, an approval, a cancellation) outlives whatever the files do meanwhile.

pub mod addressees;
pub mod alerts;
pub mod circular;
pub mod cli;
pub mod clock;
pub mod compose;
pub mod config;
pub mod daemon;
pub mod delivery;
pub mod demo;
pub mod desk;
pub mod folders;
pub mod ledger;
pub mod rehearsal;
pub mod report;
pub mod schedule;
pub mod secrets;
pub mod smtp;
pub mod web;
pub mod workers;
