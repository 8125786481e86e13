//! What a child made by `fork` is answered by the Rust crate: every call that can block, start or register is refused,
//! and nothing hangs (H6). It stands here because a fork needs `libc`, which core has not.

use std::time::Duration;

use backstay::{Cancellation, Details, Error, Host, Instance, Task, TaskBuilder};

const LONG: Duration = Duration::from_secs(10);

/// What a child says: the number of the call that was not refused, or 0.
fn first_call_that_is_not_refused(host: Host, task: &Task, instance: &Instance, token: &Cancellation) -> i32 {
    // One after the other, since what is not refused may block.
    let calls: [&dyn Fn() -> bool; 12] = [
        &|| matches!(TaskBuilder::new("child").run(|_| Ok(())).register(&host), Err(Error::Forked)),
        &|| task.fire(Details::none()) == Err(Error::Forked),
        &|| host.raise_event("event", Details::none()) == Err(Error::Forked),
        &|| host.set_condition("condition", true) == Err(Error::Forked),
        &|| matches!(instance.wait(Some(LONG)), Err(Error::Forked)),
        &|| instance.checkpoint_within(Some(LONG)) == Err(Error::Forked),
        &|| token.wait(Some(LONG)) == Err(Error::Forked),
        &|| host.flush(Some(LONG)) == Err(Error::Forked),
        &|| host.advance(LONG) == Err(Error::Forked),
        &|| host.drain(LONG) == Err(Error::Forked),
        &|| host.shutdown(LONG) == Err(Error::Forked),
        &|| host.begin_shutdown(LONG).wait(Some(LONG)) == Err(Error::Forked),
    ];
    let open = calls.iter().position(|is_refused| !is_refused());
    // The last handle of the host, as far as this process is concerned.
    drop(host);
    open.map_or(0, |index| i32::try_from(index + 1).unwrap_or(i32::MAX))
}

#[test]
fn a_child_made_by_fork_is_refused_and_the_parent_goes_on() {
    let host = Host::builder().manual_clock().build().expect("the defaults are fine");
    let (give, deferrals) = std::sync::mpsc::channel();
    let run = move |instance: &Instance| {
        give.send(instance.get_deferral("the parent")?).ok();
        Ok(())
    };
    let task = TaskBuilder::new("task").run(run).register(&host).expect("the name is new");
    let instance = task.fire(Details::none()).expect("the task is registered");
    let deferral = deferrals.recv_timeout(LONG).expect("the entry point takes a deferral");
    let token = instance.cancellation();
    // Suspended, so that a checkpoint would stay.
    host.suspend(None);

    // SAFETY: the child calls the library, which is what is tested, and then nothing but `_exit`.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // SAFETY: a hang ends the child by a signal, which the parent sees.
        unsafe { libc::alarm(30) };
        let answer = first_call_that_is_not_refused(host, &task, &instance, &token);
        // SAFETY: ends the child at once, without running what belongs to the test harness of the parent.
        unsafe { libc::_exit(answer) };
    }
    assert!(child > 0, "a child was made");
    let mut status = 0;
    // SAFETY: waits for the child of this process and writes to a variable of this function.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert!(libc::WIFEXITED(status), "the child came to its end");
    assert_eq!(libc::WEXITSTATUS(status), 0, "the number of the call that was not refused");

    host.resume();
    deferral.complete();
    assert!(instance.wait(Some(LONG)).is_ok_and(|done| done.check().is_ok()), "the parent goes on");
}
