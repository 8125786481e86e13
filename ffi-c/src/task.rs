//! Tasks.

mod firing;
mod options;
mod registering;
mod steering;
mod watching;

use backstay::Task;

pub use self::firing::*;
pub use self::options::*;
pub use self::registering::*;
pub use self::steering::*;
pub use self::watching::*;
use crate::answers::backstay_status;
use crate::border::{dup, guard, release};

/// A registered task: fire it to make an instance.
///
/// Usable from any thread. It may outlive its host: then it answers CLOSED or UNREGISTERED. You release what
/// backstay_task_register, dup and the searches gave you; that ends nothing, the task stays registered until it is
/// unregistered or its host closes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct backstay_task {
    /// Opaque; 0 is none.
    pub id: u64,
}

/// One more handle to the same task; each is released once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_task_dup(task: backstay_task, out: *mut backstay_task) -> backstay_status {
    // SAFETY: NULL or writable.
    guard(|| unsafe { dup::<Task, _>(task.id, out) })
}

/// Ends a handle; 0 is fine. The task stays registered.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_task_release(task: backstay_task) -> backstay_status {
    guard(|| release::<Task>(task.id))
}
