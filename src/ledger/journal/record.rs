//! One record of the send journal, octet by octet.

use std::sync::Arc;

use chrono::DateTime;

use super::super::{
    DeliveryId,
    turns::{Begin, Charge, Finish},
};
use crate::delivery::{EnhancedStatus, Reply, ReplyCode, Stage, State};

/// A beginning or an outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// `in_transaction`
    Begin(Begin),
    /// What became of it.
    Finish(Finish),
    /// It is begun as soon as its beginning is written, behind the letter before it.
    Ready(Begin),
    /// What stood ready does so no more: it was not begun.
    Unready(DeliveryId, i64),
    /// A start of the daemon: its epoch, and in which run of the machine.
    Start(i64, [u8; 32]),
}

const BEGIN: u8 = 1;
const FINISH: u8 = 2;
const START: u8 = 3;
const READY: u8 = 4;
const UNREADY: u8 = 5;
/// Stands for "none" where 0 is a value.
const NONE: u8 = 255;

pub(super) fn encode_start(epoch: i64, boot: &[u8; 32], out: &mut Vec<u8>) {
    out.push(START);
    put_i64(out, epoch);
    out.extend_from_slice(boot);
}

pub(super) fn encode_begin(begin: &Begin, out: &mut Vec<u8>) {
    out.push(BEGIN);
    put_begin(begin, out);
}

pub(super) fn encode_ready(begin: &Begin, out: &mut Vec<u8>) {
    out.push(READY);
    put_begin(begin, out);
}

pub(super) fn encode_unready(delivery: DeliveryId, number: i64, out: &mut Vec<u8>) {
    out.push(UNREADY);
    put_i64(out, delivery.0);
    put_i64(out, number);
}

fn put_begin(begin: &Begin, out: &mut Vec<u8>) {
    put_i64(out, begin.delivery.0);
    put_i64(out, begin.number);
    put_i64(out, begin.at.timestamp_millis());
    out.extend_from_slice(&begin.sha256);
    put_text(out, &begin.relay);
    put_text(out, &begin.message_id);
}

pub(super) fn encode_finish(finish: &Finish, out: &mut Vec<u8>) {
    out.push(FINISH);
    put_i64(out, finish.delivery.0);
    put_i64(out, finish.number);
    put_i64(out, finish.started_at.timestamp_millis());
    put_i64(out, finish.ended_at.timestamp_millis());
    put_i64(out, finish.next_attempt_at.map_or(i64::MIN, |at| at.timestamp_millis()));
    out.extend_from_slice(&finish.sha256);
    out.push(position(&State::ALL, &finish.state));
    out.push(position(&Stage::ALL, &finish.stage));
    out.push(finish.blame.map_or(NONE, |blame| position(&BLAMES, &blame)));
    out.push(u8::from(finish.charge == Charge::Addressee));
    let code = finish.reply.as_ref().map_or(0, |reply| reply.code.get());
    out.extend_from_slice(&code.to_le_bytes());
    let status = finish.reply.as_ref().and_then(|reply| reply.status).map(|status| status.to_string());
    put_text(out, &finish.relay);
    put_text(out, status.as_deref().unwrap_or_default());
    let words = finish.reply.as_ref().map(|reply| reply.text.as_str()).or(finish.remark.as_deref());
    put_text(out, words.unwrap_or_default());
}

/// The words of blame in the ledger.
const BLAMES: [&str; 3] = ["relay", "circular", "addressee"];

fn position<T: PartialEq>(all: &[T], one: &T) -> u8 {
    all.iter().position(|other| other == one).map_or(NONE, |at| at as u8)
}

fn put_i64(out: &mut Vec<u8>, number: i64) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(&(text.len() as u32).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// Octets being read from the front.
pub(super) struct Reading<'a>(&'a [u8]);

impl<'a> Reading<'a> {
    pub fn new(octets: &'a [u8]) -> Self {
        Self(octets)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    fn time(&mut self) -> Option<DateTime<chrono::Utc>> {
        DateTime::from_timestamp_millis(self.i64()?)
    }

    fn text(&mut self) -> Option<String> {
        let length = u32::from_le_bytes(self.array()?) as usize;
        String::from_utf8(self.take(length)?.to_vec()).ok()
    }

    fn byte(&mut self) -> Option<u8> {
        self.array::<1>().map(|[byte]| byte)
    }
}

impl Record {
    pub(super) fn decode(octets: &mut Reading<'_>) -> Option<Self> {
        match octets.byte()? {
            BEGIN => decode_begin(octets).map(Record::Begin),
            FINISH => decode_finish(octets).map(Record::Finish),
            START => Some(Record::Start(octets.i64()?, octets.array()?)),
            READY => decode_begin(octets).map(Record::Ready),
            UNREADY => Some(Record::Unready(DeliveryId(octets.i64()?), octets.i64()?)),
            _ => None,
        }
    }
}

fn decode_begin(octets: &mut Reading<'_>) -> Option<Begin> {
    Some(Begin {
        delivery: DeliveryId(octets.i64()?),
        number: octets.i64()?,
        at: octets.time()?,
        sha256: octets.array()?,
        relay: Arc::from(octets.text()?),
        message_id: octets.text()?,
    })
}

fn decode_finish(octets: &mut Reading<'_>) -> Option<Finish> {
    let (delivery, number) = (DeliveryId(octets.i64()?), octets.i64()?);
    let (started_at, ended_at) = (octets.time()?, octets.time()?);
    let next_attempt_at = match octets.i64()? {
        i64::MIN => None,
        at => Some(DateTime::from_timestamp_millis(at)?),
    };
    let sha256 = octets.array()?;
    let state = *State::ALL.get(usize::from(octets.byte()?))?;
    let stage = *Stage::ALL.get(usize::from(octets.byte()?))?;
    let blame = match octets.byte()? {
        NONE => None,
        at => Some(*BLAMES.get(usize::from(at))?),
    };
    let charge = if octets.byte()? == 1 { Charge::Addressee } else { Charge::Nobody };
    let code = ReplyCode::new(u16::from_le_bytes(octets.array()?));
    let relay = Arc::from(octets.text()?);
    let (status, words) = (octets.text()?, octets.text()?);
    let status: Option<EnhancedStatus> = status.parse().ok();
    let (reply, remark) = match code {
        Some(code) => (Some(Reply { code, status, text: words }), None),
        None => (None, (!words.is_empty()).then_some(words)),
    };
    Some(Finish {
        delivery,
        number,
        relay,
        started_at,
        ended_at,
        state,
        blame,
        stage,
        reply,
        remark,
        charge,
        next_attempt_at,
        sha256,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> DateTime<chrono::Utc> {
        DateTime::from_timestamp_millis(milliseconds).expect("a time")
    }

    fn encoded(encode: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut octets = Vec::new();
        encode(&mut octets);
        octets
    }

    pub(in super::super) fn finish(delivery: i64, state: State) -> Finish {
        Finish {
            delivery: DeliveryId(delivery),
            number: 3,
            relay: Arc::from("main"),
            started_at: at(1_800_000_000_123),
            ended_at: at(1_800_000_000_456),
            state,
            blame: Some("addressee"),
            stage: Stage::Rcpt,
            reply: ReplyCode::new(450).map(|code| Reply::new(code, &["4.2.1 später, 请稍后"])),
            remark: None,
            charge: Charge::Addressee,
            next_attempt_at: Some(at(1_800_000_300_000)),
            sha256: [7; 32],
        }
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let begin = Begin {
            delivery: DeliveryId(42),
            number: 1,
            relay: Arc::from("main"),
            message_id: "<1.42.x@itu.example>".to_owned(),
            sha256: [9; 32],
            at: at(1_800_000_000_001),
        };
        let all = [
            (Record::Begin(begin.clone()), encoded(|out| encode_begin(&begin, out))),
            (Record::Ready(begin.clone()), encoded(|out| encode_ready(&begin, out))),
            (Record::Unready(begin.delivery, 3), encoded(|out| encode_unready(begin.delivery, 3, out))),
            (Record::Start(4, [5; 32]), encoded(|out| encode_start(4, &[5; 32], out))),
        ];
        for (record, octets) in all {
            assert_eq!(Record::decode(&mut Reading::new(&octets)), Some(record));
        }
        for state in State::ALL {
            for (reply, remark) in
                [(finish(1, state).reply, None), (None, Some("connection lost".to_owned())), (None, None)]
            {
                let told = Finish { reply, remark, blame: None, next_attempt_at: None, ..finish(1, state) };
                for finish in [finish(1, state), told] {
                    let mut octets = Vec::new();
                    encode_finish(&finish, &mut octets);
                    assert_eq!(Record::decode(&mut Reading::new(&octets)), Some(Record::Finish(finish)));
                    for cut in 0..octets.len() {
                        assert_eq!(Record::decode(&mut Reading::new(&octets[..cut])), None, "cut at {cut}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_sum_is_the_standard_one() {
        assert_eq!(crc32fast::hash(b"123456789"), 0xcbf4_3926);
    }
}
