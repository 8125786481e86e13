//! Hosts.

mod ending;
mod looking;
mod options;
mod steering;

use backstay::{Host, Status};

pub use self::ending::*;
pub use self::looking::*;
pub use self::options::*;
pub use self::steering::*;
use crate::answers::backstay_status;
use crate::border::{dup, give, guard, nanoseconds, release, resolve, write_out};

/// A host: it owns tasks, workers, conditions and a clock.
///
/// Usable from any thread. It may be used after everything else is gone. You release what backstay_host_open, dup
/// and backstay_instance_host gave you; when the last handle to a host is released, a shutdown with the host's grace
/// begins and the release returns at once. A copy of the number keeps nothing alive: it is answered with
/// STALE_HANDLE when its owner has released it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct backstay_host {
    /// Opaque; 0 is none.
    pub id: u64,
}

/// Opens a host. Starts no thread: threads are started when they are needed.
///
/// `options` may be NULL for the defaults. When its struct_size was never set, the user data in it is not known and
/// stays yours.
///
/// Errors: INVALID_ARGUMENT for a wrong struct_size or a negative time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_open(
    options: *const backstay_host_options,
    out: *mut backstay_host,
) -> backstay_status {
    // Read before the guard, so that `destroy` runs on every way out, also in a forked child.
    // SAFETY: NULL, or a struct that is as long as it says.
    let settings = unsafe { Settings::read(options) };
    guard(|| {
        let builder = settings?.into_builder()?;
        if out.is_null() {
            return Err(Status::InvalidArgument);
        }
        let host = builder.build().map_err(|error| error.status())?;
        // SAFETY: not NULL.
        unsafe { give(host, out) }
    })
}

/// How long a cancelled instance may take before it is abandoned, unless its task says otherwise.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_grace(host: backstay_host, out_ns: *mut i64) -> backstay_status {
    // SAFETY: NULL or writable.
    guard(|| unsafe { write_out(out_ns, nanoseconds(resolve::<Host>(host.id)?.grace())) })
}

/// One more handle to the same host; each is released once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_dup(host: backstay_host, out: *mut backstay_host) -> backstay_status {
    // SAFETY: NULL or writable.
    guard(|| unsafe { dup::<Host, _>(host.id, out) })
}

/// Ends a handle; 0 is fine. The last one begins a shutdown with the host's grace, and does not wait for it.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_host_release(host: backstay_host) -> backstay_status {
    guard(|| release::<Host>(host.id))
}
