//! Composition: one frozen letter and one addressee become the octets of one message.
