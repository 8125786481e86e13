//! How long an instance may run (C7), and how that stands still while it is suspended (S3).

mod common;

use backstay::{CancelReason, Deferral, Host, Outcome, State, TaskBuilder};
use common::{
    Deferring, GRACE, SECOND, Staying, TICK, advance, end_of, fire, just_before, manual_host, narrow_host,
};
use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(30);

fn limited(host: &Host) -> Deferring {
    Deferring::described(host, TaskBuilder::new("limited").deadline(DEADLINE))
}

fn reason(deferral: &Deferral) -> Option<CancelReason> {
    deferral.instance().canceled()
}

const OVER: Option<CancelReason> = Some(CancelReason::ExecutionTimeExceeded);

#[test]
fn it_is_cancelled_when_its_time_is_over_and_not_before() {
    // C7
    let host = manual_host();
    let deferral = limited(&host).start();
    advance(&host, just_before(DEADLINE));
    assert_eq!(reason(&deferral), None);
    advance(&host, TICK);
    assert_eq!(reason(&deferral), OVER);
    assert_eq!(deferral.instance().state(), State::Running, "it has its grace");
    advance(&host, GRACE);
    assert_eq!(end_of(deferral.instance()).outcome, Outcome::Abandoned);
}

#[test]
fn there_is_none_by_default() {
    // C7
    let host = manual_host();
    let deferral = Deferring::new(&host, "free").start();
    advance(&host, DEADLINE * 1_000_000);
    assert_eq!(reason(&deferral), None);
    assert_eq!((deferral.instance().deadline(), deferral.instance().remaining()), (None, None));
}

#[test]
fn a_deferral_does_not_extend_it() {
    // C7
    let host = manual_host();
    let deferral = limited(&host).start();
    advance(&host, DEADLINE / 2);
    let second = deferral.instance().get_deferral("more").expect("it is Running");
    deferral.complete();
    advance(&host, DEADLINE / 2);
    assert_eq!(reason(&second), OVER);
}

#[test]
fn it_runs_from_the_start_and_not_from_the_firing() {
    // C7
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    staying.start();
    let limited = limited(&host);
    let pending = fire(&limited.task);
    advance(&host, DEADLINE * 2);
    assert_eq!((pending.state(), pending.remaining()), (State::Pending, Some(DEADLINE)));
    staying.leave.open();
    let deferral = limited.wait_started();
    advance(&host, just_before(DEADLINE));
    assert_eq!(reason(&deferral), None);
    advance(&host, TICK);
    assert_eq!(reason(&deferral), OVER);
}

#[test]
fn what_is_left_of_it_can_be_read() {
    // C7: and after the end it is what was not used
    let host = manual_host();
    let deferral = limited(&host).start();
    let instance = deferral.instance().clone();
    assert_eq!((instance.deadline(), instance.remaining()), (Some(DEADLINE), Some(DEADLINE)));
    advance(&host, SECOND * 10);
    assert_eq!(instance.remaining(), Some(SECOND * 20));
    deferral.complete();
    end_of(&instance);
    advance(&host, SECOND * 10);
    assert_eq!(instance.remaining(), Some(SECOND * 20));
}

#[test]
fn nothing_is_left_when_it_is_over() {
    // C7
    let host = manual_host();
    let deferral = limited(&host).start();
    advance(&host, DEADLINE + SECOND);
    assert_eq!(deferral.instance().remaining(), Some(Duration::ZERO));
}

#[test]
fn each_instance_has_its_own() {
    // C7
    let host = manual_host();
    let limited = limited(&host);
    let first = limited.start();
    advance(&host, SECOND * 10);
    let second = limited.start();
    advance(&host, SECOND * 20);
    assert_eq!((reason(&first), reason(&second)), (OVER, None));
    advance(&host, SECOND * 10);
    assert_eq!(reason(&second), OVER);
}

#[test]
fn an_earlier_reason_stays() {
    // C7, C2
    let host = manual_host();
    let deferral = limited(&host).start();
    advance(&host, SECOND * 29);
    deferral.instance().cancel(CancelReason::IdleTask);
    advance(&host, SECOND);
    assert_eq!(reason(&deferral), Some(CancelReason::IdleTask));
}

/// Suspends and resumes an instance on one of its levels.
type Level = (&'static str, fn(&Host, &Deferral), fn(&Host, &Deferral));

const LEVELS: [Level; 3] = [
    ("instance", |_, held| held.instance().suspend(None), |_, held| held.instance().resume()),
    ("task", |_, held| held.instance().task().suspend(None), |_, held| held.instance().task().resume()),
    ("host", |host, _| host.suspend(None), |host, _| host.resume()),
];

#[test]
fn it_stands_still_while_the_instance_is_suspended() {
    // S3
    for (level, suspend, resume) in LEVELS {
        let host = manual_host();
        let deferral = limited(&host).start();
        advance(&host, SECOND * 10);
        suspend(&host, &deferral);
        advance(&host, DEADLINE * 2);
        assert_eq!(
            (reason(&deferral), deferral.instance().remaining()),
            (None, Some(SECOND * 20)),
            "{level}"
        );
        resume(&host, &deferral);
        advance(&host, just_before(SECOND * 20));
        assert_eq!(reason(&deferral), None, "{level}");
        advance(&host, TICK);
        assert_eq!(reason(&deferral), OVER, "{level}");
    }
}

#[test]
fn every_suspension_is_left_out() {
    // S3
    let host = manual_host();
    let deferral = limited(&host).start();
    for _ in 0..3 {
        advance(&host, just_before(SECOND * 10));
        deferral.instance().suspend(None);
        advance(&host, SECOND * 10);
        deferral.instance().resume();
    }
    assert_eq!((reason(&deferral), deferral.instance().remaining()), (None, Some(TICK * 3)));
    advance(&host, TICK * 3);
    assert_eq!(reason(&deferral), OVER);
}

#[test]
fn the_grace_does_not_stand_still() {
    // S3, C6
    let host = manual_host();
    let deferral = limited(&host).start();
    deferral.instance().suspend(None);
    deferral.instance().cancel(CancelReason::Abort);
    advance(&host, GRACE);
    assert_eq!(end_of(deferral.instance()).outcome, Outcome::Abandoned);
}
