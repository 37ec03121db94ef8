//! The wire: one SMTP session, driven stage by stage.
