//! When a circular goes out: local times with a zone, cron expressions, release windows.
