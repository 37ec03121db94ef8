//! The wire and the rehearsal's server together, as `run` without a relay has them.

use circulard::{
    rehearsal::{CaptureServer, Manners},
    smtp::{RelaySettings, Session},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{MESSAGE, deliver, in_short, patient, trusted};

#[tokio::test]
async fn a_rehearsed_message_is_kept_octet_for_octet() {
    let folder = tempfile::tempdir().expect("a folder");
    let (cancel, tracker) = (CancellationToken::new(), TaskTracker::new());
    let manners = Manners::Realistic { deferred_one_in: 1, refused_one_in: 0 };
    let started = CaptureServer::start(folder.path().to_owned(), manners, cancel.clone(), &tracker).await;
    let relay = RelaySettings::loopback("rehearsal", started.expect("a server").addr);
    let mut session = Session::open(&relay, None, &trusted(), "", &patient()).await.expect("a session");
    assert!(session.offers().pipelining && session.offers().smtputf8);
    assert_eq!(in_short(&deliver(&mut session, "a@b.example", MESSAGE).await), "rcpt 450");
    assert_eq!(in_short(&deliver(&mut session, "a@b.example", MESSAGE).await), "accepted 250");
    session.quit().await;
    cancel.cancel();
    tracker.close();
    tracker.wait().await;
    assert_eq!(std::fs::read(folder.path().join("000001-a@b.example.eml")).expect("kept"), MESSAGE);
}
