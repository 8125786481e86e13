//! The border to plug-ins in C, and the only module with `unsafe`. `plugin.h` has the contract.
#![allow(unsafe_code)]

use std::error::Error;
use std::ffi::{CStr, CString, c_char};
use std::sync::Arc;

use backstay::{Deferral, Instance, TaskError};
use backstay_ffi::across::{Owned as _, Shared as _};
use backstay_ffi::{API, backstay_api, backstay_deferral, backstay_instance};
use libloading::Library;

type Done = extern "C" fn(backstay_deferral, u32);
type Start = unsafe extern "C" fn(*const backstay_api, Done, *mut c_char, usize) -> bool;
type Sum = unsafe extern "C" fn(backstay_instance, backstay_deferral, *const c_char);

/// A plug-in that is loaded; unloaded when this is dropped.
pub(crate) struct Plugin {
    sum: Sum,
    _library: Library,
}

impl Plugin {
    /// Loads a plug-in and gives it our table, so that it uses this copy of backstay and no other.
    pub(crate) fn load(path: &str) -> Result<Self, Box<dyn Error>> {
        // SAFETY: loading runs code of the plug-in. Who names it trusts it as much as this program.
        let library = unsafe { Library::new(path) }?;
        // SAFETY: `plugin.h` says that functions of these names have these types.
        let (start, sum) =
            unsafe { (*library.get::<Start>("plugin_start")?, *library.get::<Sum>("plugin_sum")?) };
        let mut why = [0; 256];
        // SAFETY: the table is there as long as the process, and the buffer is as long as it is said to be.
        if unsafe { start(&raw const API, done, why.as_mut_ptr().cast(), why.len()) } {
            Ok(Self { sum, _library: library })
        } else {
            let why = CStr::from_bytes_until_nul(&why).unwrap_or(c"it does not say why");
            Err(format!("{path}: {}", why.to_string_lossy()).into())
        }
    }

    /// Lets the plug-in sum up a file: the instance is lent for the call, the deferral is given away for good.
    pub(crate) fn sum(&self, instance: &Instance, deferral: Deferral, path: &str) -> Result<(), TaskError> {
        let path = CString::new(path)?;
        let lent = instance.handle()?;
        let given = deferral.detach().map_err(|refused| TaskError::new(refused.to_string()))?;
        // SAFETY: it is loaded, since `self` is borrowed; the path ends with a zero, and is there during the call.
        unsafe { (self.sum)(lent.get(), given, path.as_ptr()) };
        Ok(())
    }
}

/// What the plug-in calls. Handles and no pointers come across, so whatever it says, and however often, is answered.
extern "C" fn done(given: backstay_deferral, sum: u32) {
    match <Arc<Deferral>>::from_handle(given) {
        Ok(deferral) => crate::finish(&deferral, sum),
        Err(why) => println!("the plug-in gave back what is not its own: {why}"),
    }
}
