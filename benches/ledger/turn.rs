//! A turn as a session takes it: a beginning, and its acceptance.

use std::sync::Arc;

use chrono::Utc;
use circulard::{
    delivery::{Reply, ReplyCode, Stage, State},
    ledger::{Begin, Charge, DeliveryId, Finish},
};

pub fn begin(delivery: i64) -> Begin {
    Begin {
        delivery: DeliveryId(delivery),
        number: 1,
        relay: Arc::from("main"),
        message_id: format!("<1.{delivery}.abcdefgh@house.example>"),
        sha256: [7; 32],
        at: Utc::now(),
    }
}

pub fn accepted(begin: &Begin) -> Finish {
    Finish {
        delivery: begin.delivery,
        number: 1,
        relay: Arc::clone(&begin.relay),
        started_at: begin.at,
        ended_at: begin.at,
        state: State::Accepted,
        blame: None,
        stage: Stage::FinalDot,
        reply: ReplyCode::new(250).map(|code| Reply::new(code, &["2.0.0 Ok: queued as 4F2B3C1D5E"])),
        remark: None,
        charge: Charge::Nobody,
        next_attempt_at: None,
        sha256: begin.sha256,
    }
}
