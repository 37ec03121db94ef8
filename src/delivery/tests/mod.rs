//! The tables of the delivery room.

mod limits;
mod patience;
mod verdicts;

use super::{Failure, Outcome, Reply, ReplyCode, Stage, Trouble};

/// `550 5.1.1 no such user` as the answer at a stage.
fn answer(stage: Stage, line: &str) -> Outcome {
    let (code, text) = line.split_at(3);
    let code = ReplyCode::new(code.parse().expect("three digits")).expect("a reply code");
    Outcome::Failed(Failure { stage, trouble: Trouble::Reply(Reply::new(code, &[text.trim()])) })
}

fn trouble(stage: Stage, trouble: Trouble) -> Outcome {
    Outcome::Failed(Failure { stage, trouble })
}

fn accepted(line: &str) -> Outcome {
    let (code, text) = line.split_at(3);
    let code = ReplyCode::new(code.parse().expect("three digits")).expect("a reply code");
    Outcome::Accepted(Reply::new(code, &[text.trim()]))
}
