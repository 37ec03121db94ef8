//! Rehearsal: the embedded capture server that stands in for the world.
