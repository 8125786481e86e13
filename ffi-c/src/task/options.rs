//! The description of a task.

use std::ffi::{CStr, c_char, c_void};
use std::mem::MaybeUninit;
use std::time::Duration;

use backstay::{
    IfExists, Instance, Language, OnShutdown, Site, Status, TaskBuilder, TaskError, Trigger, WhenBusy,
};

use crate::answers::backstay_status;
use crate::backstay_str;
use crate::border::{
    Callback, Lent, Plain, SizeFirst, UserData, backstay_destroy_fn, duration, listen, optional_duration,
    text,
};
use crate::host::is_set;
use crate::instance::{InstanceObject, backstay_instance};
use crate::words::{self, backstay_language};

/// What fires a task.
pub type backstay_trigger_kind = u32;

/// backstay_task_fire and nothing else.
pub const BACKSTAY_TRIGGER_MANUAL: backstay_trigger_kind = 0;
/// The clock, once: `period_ns` after the registering. The task is unregistered when that instance has finished.
pub const BACKSTAY_TRIGGER_AFTER: backstay_trigger_kind = 1;
/// The clock, every `period_ns`, first one period after the registering, and counted from the scheduled times.
/// Firings that are late or cannot start are merged into one.
pub const BACKSTAY_TRIGGER_EVERY: backstay_trigger_kind = 2;
/// backstay_host_raise_event with the name in `event`.
pub const BACKSTAY_TRIGGER_EVENT: backstay_trigger_kind = 3;

/// What becomes of a firing while the task is busy, which means that `max_running` instances of it are Running;
/// REJECT counts what is Pending, too.
pub type backstay_when_busy = u32;

/// PARALLEL for a manual task, COALESCE for all others.
pub const BACKSTAY_WHEN_BUSY_DEFAULT: backstay_when_busy = 0;
/// As many as may run at once; by default there is no limit, and with one the others wait.
pub const BACKSTAY_WHEN_BUSY_PARALLEL: backstay_when_busy = 1;
/// They wait, and start in order.
pub const BACKSTAY_WHEN_BUSY_QUEUE: backstay_when_busy = 2;
/// At most one waits; a firing that finds one gives it its details and is merged with it.
pub const BACKSTAY_WHEN_BUSY_COALESCE: backstay_when_busy = 3;
/// Refused with CURRENTLY_RUNNING.
pub const BACKSTAY_WHEN_BUSY_REJECT: backstay_when_busy = 4;
/// What waits and as much of what runs as makes room is cancelled with BACKSTAY_CANCEL_ABORT.
pub const BACKSTAY_WHEN_BUSY_REPLACE: backstay_when_busy = 5;

/// What registering does when the name is taken.
pub type backstay_if_exists = u32;

/// It is refused with NAME_TAKEN.
pub const BACKSTAY_IF_EXISTS_FAIL: backstay_if_exists = 0;
/// The new task takes the name at once; what runs of the old one finishes.
pub const BACKSTAY_IF_EXISTS_REPLACE: backstay_if_exists = 1;
/// The old task stays and is given back.
pub const BACKSTAY_IF_EXISTS_KEEP: backstay_if_exists = 2;
/// As REPLACE, and what runs of the old one is cancelled with BACKSTAY_CANCEL_ABORT.
pub const BACKSTAY_IF_EXISTS_REPLACE_AND_CANCEL: backstay_if_exists = 3;

/// What a shutdown does with the instances of a task.
pub type backstay_on_shutdown = u32;

/// They are cancelled and waited for.
pub const BACKSTAY_ON_SHUTDOWN_CANCEL: backstay_on_shutdown = 0;
/// They are not cancelled, and waited for.
pub const BACKSTAY_ON_SHUTDOWN_FINISH: backstay_on_shutdown = 1;
/// They are cancelled, and not waited for.
pub const BACKSTAY_ON_SHUTDOWN_LEAVE: backstay_on_shutdown = 2;

/// An entry point: runs once for every instance, and may run on several threads at once.
///
/// BACKSTAY_OK is success. BACKSTAY_CANCELED after a cancellation is a return, too; without one it is an error.
/// Everything else makes the
/// instance Failed, with the text of backstay_instance_set_error or the sentence of the status. Deferrals that are
/// pending when it returns keep the instance Running.
///
/// Thread: a worker of the host, or where its executor runs jobs. May call anything that does not wait for its own
/// instance or host. `instance` is lent for the call: dup it to keep it. User data: ended when the task has ended,
/// and its last instance with it, and no call is left.
pub type backstay_run_fn =
    Option<unsafe extern "C" fn(instance: backstay_instance, user_data: *mut c_void) -> backstay_status>;

/// Describes a task: all zero but `struct_size`, `name` and `run` is a manual task. BACKSTAY_NO_TIME is a grace of
/// zero.
///
/// Read by the call that it is passed to and copied.
#[repr(C)]
pub struct backstay_task_options {
    /// sizeof(backstay_task_options).
    pub struct_size: u32,
    /// What fires it.
    pub trigger: backstay_trigger_kind,
    /// Unique in its group.
    pub name: backstay_str,
    /// The group; tasks without one are in the group without a name.
    pub group: backstay_str,
    /// With BACKSTAY_TRIGGER_EVENT: the name of the event.
    pub event: backstay_str,
    /// With BACKSTAY_TRIGGER_AFTER and _EVERY: the time.
    pub period_ns: i64,
    /// How long an instance may run, suspensions not counted, before it is cancelled with
    /// BACKSTAY_CANCEL_EXECUTION_TIME_EXCEEDED; no end by default.
    pub deadline_ns: i64,
    /// How long a cancelled instance may take before it is abandoned; the host's grace by default.
    pub grace_ns: i64,
    /// The conditions that must all hold for an instance to start.
    pub conditions: *const backstay_str,
    /// How many.
    pub condition_count: usize,
    /// Whether losing one of them while Running cancels with BACKSTAY_CANCEL_CONDITION_LOSS.
    pub cancel_on_condition_loss: MaybeUninit<bool>,
    /// What becomes of a firing while the task is busy.
    pub when_busy: backstay_when_busy,
    /// How many instances may run at once, more than which means busy; 1 by default, no limit with PARALLEL.
    pub max_running: u32,
    /// How many instances may be Pending before firings are refused with CURRENTLY_RUNNING; 1,048,576 by default.
    pub max_pending: u32,
    /// How many failures in a row disable the task; never by default.
    pub max_failures: u32,
    /// What registering does when the name is taken.
    pub if_exists: backstay_if_exists,
    /// What a shutdown does with its instances.
    pub on_shutdown: backstay_on_shutdown,
    /// The language that stands in reports for the entry point; C by default.
    pub language: backstay_language,
    /// The line that stands there, such as __LINE__; 0 when unknown.
    pub line: u32,
    /// The file of that line, such as __FILE__: zero-terminated; NULL when unknown.
    pub file: *const c_char,
    /// The entry point.
    pub run: backstay_run_fn,
    /// Passed to `run`.
    pub user_data: *mut c_void,
    /// Ends the user data, exactly once, also when registering fails; may be NULL.
    pub destroy: backstay_destroy_fn,
}

// SAFETY: `struct_size` is the first field.
unsafe impl SizeFirst for backstay_task_options {}
// SAFETY: integers, pointers, functions that may be NULL, and a bool that is only read as a byte.
unsafe impl Plain for backstay_task_options {}

/// What C said of a task, and what is wrong with it: each with its field.
pub(super) struct Description {
    builder: TaskBuilder,
    faults: Vec<String>,
    /// Whether one of them is an argument that no task could have, such as an unknown number.
    is_argument_wrong: bool,
}

impl Description {
    fn fault(&mut self, field: &str, problem: &str) {
        self.contradiction(field, problem);
        self.is_argument_wrong = true;
    }

    /// Each argument for itself could be that of a task.
    fn contradiction(&mut self, field: &str, problem: &str) {
        self.faults.push(format!("{field}: {problem}"));
    }

    /// Changes the builder by a time, of which 0 means default.
    fn time(&mut self, field: &str, ns: i64, set: impl FnOnce(TaskBuilder, Duration) -> TaskBuilder) {
        match optional_duration(ns) {
            Ok(None) => {}
            Ok(Some(time)) => self.change(|builder| set(builder, time)),
            Err(_) => self.fault(field, "is negative; give nanoseconds, or 0 for the default"),
        }
    }

    fn change(&mut self, change: impl FnOnce(TaskBuilder) -> TaskBuilder) {
        self.builder = change(std::mem::replace(&mut self.builder, TaskBuilder::new("")));
    }

    /// The value of an enumeration, unless the number is none of it.
    fn choice<T: Copy>(&mut self, field: &str, number: u32, choices: &[T]) -> Option<T> {
        let choice = choices.get(number as usize).copied();
        if choice.is_none() {
            self.fault(field, "is not known to this library");
        }
        choice
    }

    /// # Safety
    /// The view is good for the call.
    unsafe fn text<'a>(&mut self, field: &str, view: backstay_str) -> &'a str {
        // SAFETY: passed on to the caller.
        unsafe { text(view) }.unwrap_or_else(|_| {
            self.fault(field, "is not UTF-8 text");
            ""
        })
    }

    /// # Safety
    /// The strings of `options` are good for the call.
    pub(super) unsafe fn read(options: &backstay_task_options) -> Self {
        let mut seen = Self { builder: TaskBuilder::new(""), faults: Vec::new(), is_argument_wrong: false };
        // SAFETY: passed on to the caller, here and below.
        let (name, group) = unsafe { (seen.text("name", options.name), seen.text("group", options.group)) };
        seen.builder = TaskBuilder::new(name);
        if !group.is_empty() {
            seen.change(|builder| builder.group(group));
        }
        // SAFETY: as above.
        if let Some(trigger) = unsafe { seen.trigger(options) } {
            seen.change(|builder| builder.trigger(trigger));
        }
        // SAFETY: as above.
        unsafe { seen.conditions(options) };
        seen.change(|builder| builder.cancel_on_condition_loss(is_set(&options.cancel_on_condition_loss)));
        if options.deadline_ns != crate::BACKSTAY_FOREVER {
            seen.time("deadline_ns", options.deadline_ns, TaskBuilder::deadline);
        }
        seen.time("grace_ns", options.grace_ns, TaskBuilder::grace);
        seen.policies(options);
        seen
    }

    /// # Safety
    /// The strings of `options` are good for the call.
    unsafe fn trigger(&mut self, options: &backstay_task_options) -> Option<Trigger> {
        // SAFETY: passed on to the caller.
        let event = unsafe { self.text("event", options.event) };
        let period = duration(options.period_ns);
        let is_clock = matches!(options.trigger, BACKSTAY_TRIGGER_AFTER | BACKSTAY_TRIGGER_EVERY);
        if period.is_err() {
            self.fault("period_ns", "is negative; give nanoseconds");
        } else if options.period_ns != 0 && !is_clock {
            self.contradiction(
                "period_ns",
                "is set, but the trigger is no clock; use BACKSTAY_TRIGGER_AFTER or _EVERY",
            );
        }
        if !event.is_empty() && options.trigger != BACKSTAY_TRIGGER_EVENT {
            self.contradiction("event", "is set, but the trigger is no event; use BACKSTAY_TRIGGER_EVENT");
        }
        let period = period.ok().flatten().unwrap_or(Duration::MAX);
        match options.trigger {
            BACKSTAY_TRIGGER_MANUAL => Some(Trigger::Manual),
            BACKSTAY_TRIGGER_AFTER => Some(Trigger::After(period)),
            BACKSTAY_TRIGGER_EVERY => Some(Trigger::Every(period)),
            BACKSTAY_TRIGGER_EVENT => Some(Trigger::event(event)),
            _ => {
                self.fault("trigger", "is not known to this library");
                None
            }
        }
    }

    /// # Safety
    /// The strings of `options` are good for the call.
    unsafe fn conditions(&mut self, options: &backstay_task_options) {
        if options.conditions.is_null() && options.condition_count != 0 {
            self.fault("conditions", "is NULL, but condition_count is not 0");
            return;
        }
        for index in 0..options.condition_count {
            // SAFETY: `index` is below the length of the caller's array.
            let name = unsafe { self.text("conditions", options.conditions.add(index).read()) };
            self.change(|builder| builder.condition(name));
        }
    }

    fn policies(&mut self, options: &backstay_task_options) {
        const BUSY: [Option<WhenBusy>; 6] = [
            None,
            Some(WhenBusy::Parallel),
            Some(WhenBusy::Queue),
            Some(WhenBusy::Coalesce),
            Some(WhenBusy::Reject),
            Some(WhenBusy::Replace),
        ];
        const EXISTS: [IfExists; 4] =
            [IfExists::Fail, IfExists::Replace, IfExists::Keep, IfExists::ReplaceAndCancel];
        const SHUTDOWN: [OnShutdown; 3] = [OnShutdown::Cancel, OnShutdown::Finish, OnShutdown::Leave];
        if let Some(Some(when_busy)) = self.choice("when_busy", options.when_busy, &BUSY) {
            self.change(|builder| builder.when_busy(when_busy));
        }
        if let Some(if_exists) = self.choice("if_exists", options.if_exists, &EXISTS) {
            self.change(|builder| builder.if_exists(if_exists));
        }
        if let Some(on_shutdown) = self.choice("on_shutdown", options.on_shutdown, &SHUTDOWN) {
            self.change(|builder| builder.on_shutdown(on_shutdown));
        }
        if options.max_running != 0 {
            self.change(|builder| builder.max_running(options.max_running as usize));
        }
        if options.max_pending != 0 {
            self.change(|builder| builder.max_pending(options.max_pending as usize));
        }
        if options.max_failures != 0 {
            self.change(|builder| builder.max_failures(options.max_failures));
        }
    }

    /// Adds the entry point, if there is one; otherwise that is a fault of its own. The user data ends with the
    /// task.
    ///
    /// # Safety
    /// `options.file` is NULL or a zero-terminated string.
    pub(super) unsafe fn run(&mut self, options: &backstay_task_options, user_data: UserData) {
        // SAFETY: passed on to the caller.
        let site = unsafe { self.site(options) };
        if let Ok(callback) = Callback::new(options.run, user_data) {
            self.change(|builder| builder.run_at(move |instance| enter(&callback, instance), site));
        }
    }

    /// # Safety
    /// `options.file` is NULL or a zero-terminated string.
    unsafe fn site(&mut self, options: &backstay_task_options) -> Site {
        let file = if options.file.is_null() {
            String::new()
        } else {
            // SAFETY: as above.
            unsafe { CStr::from_ptr(options.file) }.to_string_lossy().into_owned()
        };
        let language = match options.language {
            0 => Language::C,
            number => words::language(number).unwrap_or_else(|_| {
                self.fault("language", "is not known to this library");
                Language::C
            }),
        };
        Site { language, file: file.into(), line: options.line }
    }

    /// The builder when nothing is wrong; otherwise everything that is, in the names of C (G2).
    pub(super) fn into_builder(
        mut self,
        options: &backstay_task_options,
    ) -> Result<TaskBuilder, (Status, String)> {
        for fault in self.builder.validate() {
            let field = match fault.field {
                "trigger" if options.trigger == BACKSTAY_TRIGGER_EVENT => "event",
                "trigger" => "period_ns",
                "deadline" => "deadline_ns",
                field => field,
            };
            self.faults.push(format!("{field}: {}", fault.problem));
        }
        match (self.faults.is_empty(), self.is_argument_wrong) {
            (true, _) => Ok(self.builder),
            (false, true) => Err((Status::InvalidArgument, self.faults.join("; "))),
            (false, false) => Err((Status::InvalidTask, self.faults.join("; "))),
        }
    }
}

/// Calls an entry point of C. Its handle has ended before this returns, so before the entry point's hold goes.
fn enter(
    callback: &Callback<unsafe extern "C" fn(backstay_instance, *mut c_void) -> backstay_status>,
    instance: &Instance,
) -> Result<(), TaskError> {
    let no_handle = |status: Status| TaskError::with_type(status.message(), status.name());
    let lent = Lent::new(InstanceObject::running(instance.clone())).map_err(no_handle)?;
    // Kept in use, so that what is said of an error is found also when the handle was released.
    let object = lent.object().map_err(no_handle)?;
    let (function, user_data) = callback.parts();
    // SAFETY: the caller gave function and user data for each other, and both live while the callback does.
    let (number, _) = listen(|| unsafe { function(backstay_instance { id: lent.handle() }, user_data) });
    drop(lent);
    let status = Status::from_number(number).unwrap_or(Status::Failed);
    if status == Status::Ok {
        return Ok(());
    }
    let said = object.take_error();
    let (text, type_name) = said.map_or((None, None), |said| (Some(said.text), said.type_name));
    let text = text.unwrap_or_else(|| status.message().to_owned());
    let type_name = type_name.unwrap_or_else(|| status.name().to_owned());
    match status {
        Status::Canceled => Err(TaskError::canceled_with(text, type_name)),
        _ => Err(TaskError::with_type(text, type_name)),
    }
}
