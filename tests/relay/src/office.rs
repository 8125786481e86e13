//! The post office of C (`office.h`), as the carriers of Rust see it. The only `unsafe` of the relay.

use std::ffi::{CString, c_char};

use backstay::Status;
use backstay_ffi::{backstay_deferral, backstay_instance};

/// What is to be done with a deferral: the bits of `parcel_act`.
pub(crate) mod act {
    pub(crate) const CANCEL: u32 = 1;
    pub(crate) const CHECKPOINT: u32 = 2;
    pub(crate) const NOTE: u32 = 4;
    pub(crate) const COMPLETE: u32 = 8;
    pub(crate) const FAIL: u32 = 16;
    pub(crate) const DROP: u32 = 32;
    pub(crate) const AGAIN: u32 = 64;
}

/// `struct parcel`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Parcel {
    kind: u32,
    pub(crate) number: u32,
    pub(crate) acts: u32,
    pub(crate) taker: u32,
    pub(crate) handle: u64,
}

impl Parcel {
    pub(crate) fn is_to_take(&self) -> bool {
        self.kind == 1
    }
}

/// Where its functions are, as `relay_office.addresses()` tells.
pub(crate) type Addresses = (usize, usize, usize, usize, usize, usize, usize);

/// The functions of `office.h`.
#[derive(Clone, Copy)]
pub(crate) struct Office {
    receive: extern "C" fn(u32) -> Parcel,
    open: extern "C" fn(u32, backstay_instance, backstay_deferral),
    taken: extern "C" fn(u32, i32, backstay_deferral),
    pass: extern "C" fn(u32, backstay_deferral),
    ended: extern "C" fn(u32, i32, i32),
    completed: unsafe extern "C" fn(u32, *const u8),
    wrong: unsafe extern "C" fn(u32, u32, *const c_char),
}

/// `BACKSTAY_LANGUAGE_RUST`.
const RUST: u32 = 0;

impl Office {
    pub(crate) fn at(addresses: Addresses) -> Self {
        let (receive, open, taken, pass, ended, completed, wrong) = addresses;
        let pointer = |address: usize| std::ptr::without_provenance::<()>(address);
        // SAFETY: the addresses are those of functions of these types, which stay loaded with their module.
        unsafe {
            Self {
                receive: std::mem::transmute::<*const (), extern "C" fn(u32) -> Parcel>(pointer(receive)),
                open: std::mem::transmute::<
                    *const (),
                    extern "C" fn(u32, backstay_instance, backstay_deferral),
                >(pointer(open)),
                taken: std::mem::transmute::<*const (), extern "C" fn(u32, i32, backstay_deferral)>(pointer(
                    taken,
                )),
                pass: std::mem::transmute::<*const (), extern "C" fn(u32, backstay_deferral)>(pointer(pass)),
                ended: std::mem::transmute::<*const (), extern "C" fn(u32, i32, i32)>(pointer(ended)),
                completed: std::mem::transmute::<*const (), unsafe extern "C" fn(u32, *const u8)>(pointer(
                    completed,
                )),
                wrong: std::mem::transmute::<*const (), unsafe extern "C" fn(u32, u32, *const c_char)>(
                    pointer(wrong),
                ),
            }
        }
    }

    /// The next parcel; `None` when there will be no more.
    pub(crate) fn receive(self) -> Option<Parcel> {
        let parcel = (self.receive)(RUST);
        (parcel.kind != 0).then_some(parcel)
    }

    pub(crate) fn open(self, number: u32, instance: backstay_instance, guard: backstay_deferral) {
        (self.open)(number, instance, guard);
    }

    pub(crate) fn taken(self, number: u32, status: Status, deferral: backstay_deferral) {
        (self.taken)(number, status.number(), deferral);
    }

    pub(crate) fn pass(self, number: u32, deferral: backstay_deferral) {
        (self.pass)(number, deferral);
    }

    pub(crate) fn ended(self, number: u32, status: Status, again: Status) {
        (self.ended)(number, status.number(), again.number());
    }

    pub(crate) fn completed(self, instance_id: &[u8; 16]) {
        // SAFETY: 16 bytes, good for the call.
        unsafe { (self.completed)(RUST, instance_id.as_ptr()) }
    }

    pub(crate) fn wrong(self, number: u32, what: &str) {
        let what = CString::new(what.replace('\0', " ")).unwrap_or_default();
        // SAFETY: a zero-terminated text, good for the call.
        unsafe { (self.wrong)(RUST, number, what.as_ptr()) }
    }
}
