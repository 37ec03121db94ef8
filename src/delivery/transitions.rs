//! Which state may follow which: the whole life of a delivery, the operator's hand included.
//!
//! The ledger asks before it writes. What is not here is a bug of ours, never a fact about the world.

use super::{Next, State};

impl State {
    /// Whether a delivery may go from this state to `to`.
    pub fn may_become(self, to: State) -> bool {
        self.successors().contains(&to)
    }

    /// All states that may follow, each with its reason.
    pub fn successors(self) -> &'static [State] {
        match self {
            // A session claims it; a person holds it, or a retry whose bytes would differ; the circular is cancelled.
            State::Queued => &[State::InTransaction, State::Held, State::Withdrawn],
            // The outcome; back to the queue where relay or circular is to blame.
            State::InTransaction => &[State::Accepted, State::Deferred, State::Refused, State::Queued, State::InDoubt],
            // The retry table; the give-up time; a person holds it; the circular is cancelled.
            State::Deferred => &[State::InTransaction, State::Expired, State::Held, State::Withdrawn],
            // Tried again, once; a second doubt or a person holds it; a person settles it: accepted, or lost (queued).
            // Never withdrawn: it may have been sent.
            State::InDoubt => &[State::InTransaction, State::Held, State::Accepted, State::Queued],
            // Released or settled as lost; settled as accepted; the circular is cancelled.
            State::Held => &[State::Queued, State::Accepted, State::Withdrawn],
            State::Accepted | State::Refused | State::Expired | State::Withdrawn => &[],
        }
    }
}

impl Next {
    /// The state that a transaction leaves behind.
    pub fn state(self) -> State {
        match self {
            Next::Accepted => State::Accepted,
            Next::Deferred => State::Deferred,
            Next::Refused => State::Refused,
            Next::InDoubt => State::InDoubt,
            Next::BackToQueue => State::Queued,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows: from; columns: to, both in the order of `State::ALL`.
    const TABLE: [(State, [u8; 9]); 9] = [
        //                      queued in_tr acc def doubt ref exp wdr held
        (State::Queued, /*       */ [0, 1, 0, 0, 0, 0, 0, 1, 1]),
        (State::InTransaction, /**/ [1, 0, 1, 1, 1, 1, 0, 0, 0]),
        (State::Accepted, /*     */ [0, 0, 0, 0, 0, 0, 0, 0, 0]),
        (State::Deferred, /*     */ [0, 1, 0, 0, 0, 0, 1, 1, 1]),
        (State::InDoubt, /*      */ [1, 1, 1, 0, 0, 0, 0, 0, 1]),
        (State::Refused, /*      */ [0, 0, 0, 0, 0, 0, 0, 0, 0]),
        (State::Expired, /*      */ [0, 0, 0, 0, 0, 0, 0, 0, 0]),
        (State::Withdrawn, /*    */ [0, 0, 0, 0, 0, 0, 0, 0, 0]),
        (State::Held, /*         */ [1, 0, 1, 0, 0, 0, 0, 1, 0]),
    ];

    #[test]
    fn every_pair_of_states_is_allowed_or_forbidden_as_the_table_says() {
        for (row, (from, allowed)) in TABLE.into_iter().enumerate() {
            assert_eq!(from, State::ALL[row]);
            for (to, allowed) in State::ALL.into_iter().zip(allowed) {
                assert_eq!(from.may_become(to), allowed == 1, "{from} to {to}");
            }
        }
    }

    #[test]
    fn nothing_follows_a_final_state_and_every_other_state_can_reach_one() {
        for state in State::ALL {
            assert_eq!(state.successors().is_empty(), state.is_final(), "{state}");
            let mut reached = vec![state];
            while let Some(next) =
                reached.iter().flat_map(|s| s.successors()).copied().find(|next| !reached.contains(next))
            {
                reached.push(next);
            }
            assert!(reached.iter().any(|s| s.is_final()), "{state}");
        }
    }

    #[test]
    fn whatever_a_transaction_ends_in_may_follow_it() {
        for next in [Next::Accepted, Next::Deferred, Next::Refused, Next::InDoubt, Next::BackToQueue] {
            assert!(State::InTransaction.may_become(next.state()), "{next:?}");
        }
    }
}
