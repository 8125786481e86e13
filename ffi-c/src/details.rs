//! What a firing carries, for C.

use std::ffi::c_void;

use backstay::{Details, Status};

use crate::backstay_str;
use crate::border::{Plain, SizeFirst, UserData, backstay_destroy_fn, bytes, name, read_known};

/// What a firing carries.
pub type backstay_details_kind = u32;

/// Nothing. To pass nothing, leave media_type, bytes, length and object zero.
pub const BACKSTAY_DETAILS_NONE: backstay_details_kind = 0;
/// Bytes with a media type.
pub const BACKSTAY_DETAILS_BYTES: backstay_details_kind = 1;
/// An object of the language that fired: others see that it is there, and pass it on, but cannot read it.
pub const BACKSTAY_DETAILS_OPAQUE: backstay_details_kind = 2;

/// What a firing carries to its instance: nothing, bytes that every language can read, or an object of yours. Text
/// is "text/plain".
///
/// Read by the call that it is passed to and copied; an object is kept until the last instance that carries it is
/// gone, and then ended by `destroy`. When struct_size was never set, the object is not known and stays yours.
#[repr(C)]
pub struct backstay_details {
    /// sizeof(backstay_details), set by the caller, also to read them.
    pub struct_size: u32,
    /// When passed, 0 means what the other fields say; BACKSTAY_DETAILS_OPAQUE passes `object`.
    pub kind: backstay_details_kind,
    /// How the bytes are to be read; "application/octet-stream" by default.
    pub media_type: backstay_str,
    /// The bytes.
    pub bytes: *const c_void,
    /// How many bytes.
    pub length: usize,
    /// An object of yours, with BACKSTAY_DETAILS_OPAQUE. Read back it is NULL when another language made it.
    pub object: *mut c_void,
    /// Says what `object` is: an address of yours, such as that of a variable. Compare it before you use an object.
    pub object_type: *const c_void,
    /// Ends the object, exactly once, on any thread, also when the call that it was passed to failed; may be NULL.
    pub destroy: backstay_destroy_fn,
}

// SAFETY: `struct_size` is the first field.
unsafe impl SizeFirst for backstay_details {}
// SAFETY: integers, pointers, and a function that may be NULL.
unsafe impl Plain for backstay_details {}

/// An object of C on its way through the core.
struct Object {
    object: UserData,
    kind: *const c_void,
}

// SAFETY: the address is only compared.
unsafe impl Send for Object {}
// SAFETY: as above.
unsafe impl Sync for Object {}

/// Details as C passed them. Read before the guard, so that `destroy` runs on every way out, also in a forked child.
pub(crate) struct Passed(Result<Option<(backstay_details, UserData)>, Status>);

impl Passed {
    /// # Safety
    /// NULL, or a struct that is as long as it says.
    pub(crate) unsafe fn read(details: *const backstay_details) -> Self {
        if details.is_null() {
            return Self(Ok(None));
        }
        // SAFETY: not NULL, so as long as it says.
        Self(unsafe { read_known(details) }.and_then(|(details, all_known)| {
            let object = UserData::new(details.object, details.destroy);
            if all_known { Ok(Some((details, object))) } else { Err(Status::InvalidArgument) }
        }))
    }

    /// # Safety
    /// The views of the struct are still good.
    pub(crate) unsafe fn into_details(self) -> Result<Details, Status> {
        let Some((details, object)) = self.0? else { return Ok(Details::none()) };
        // SAFETY: good for the call.
        let media_type = unsafe { name(details.media_type) }?;
        // SAFETY: good for the call.
        let bytes = unsafe { bytes(details.bytes.cast(), details.length) }?;
        let is_object = !details.object.is_null() || details.destroy.is_some();
        match (details.kind, &*media_type, bytes) {
            (BACKSTAY_DETAILS_OPAQUE, "", []) if !details.object.is_null() => {
                Ok(Details::opaque(Object { object, kind: details.object_type }))
            }
            // An object that nothing says to pass on, and numbers that are none.
            (kind, ..) if is_object || kind > BACKSTAY_DETAILS_BYTES => Err(Status::InvalidArgument),
            (BACKSTAY_DETAILS_NONE, "", []) => Ok(Details::none()),
            (_, "", bytes) => Ok(Details::bytes("application/octet-stream", bytes)),
            (_, _, bytes) => Ok(Details::bytes(media_type, bytes)),
        }
    }
}

impl backstay_details {
    /// A view of these details, good while they live.
    pub(crate) fn of(details: &Details) -> Self {
        let object = details.as_object::<Object>();
        let (kind, bytes) = match details.as_bytes() {
            Some(bytes) => (BACKSTAY_DETAILS_BYTES, bytes),
            None if details.is_none() => (BACKSTAY_DETAILS_NONE, &[][..]),
            None => (BACKSTAY_DETAILS_OPAQUE, &[][..]),
        };
        Self {
            struct_size: 0,
            kind,
            media_type: backstay_str::of(details.media_type().unwrap_or_default()),
            bytes: bytes.as_ptr().cast(),
            length: bytes.len(),
            object: object.map_or(std::ptr::null_mut(), |object| object.object.data()),
            object_type: object.map_or(std::ptr::null(), |object| object.kind),
            destroy: None,
        }
    }

    /// Whether both are views of the same memory.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        (self.bytes, self.length, self.object) == (other.bytes, other.length, other.object)
    }
}
