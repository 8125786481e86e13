//! Names that are passed again and again, such as the labels of deferrals and the files in which they are taken.
//!
//! A name that is passed for the second time from the same address is kept for good; from then on it costs a comparison,
//! where a copy would cost an allocation and a validation for each call. A name that is made anew for each call, such as
//! a label with a number in it, is copied as ever.
//!
//! Invariants:
//!
//! 1. What is kept never changes and is never freed. That is `MOST` names of at most `LONGEST` bytes, half a MiB, for the
//!    life of the process; beyond it names are copied.
//! 2. A name is answered with a kept one that is equal to it, byte for byte, at that moment. The address only says where
//!    to look, so a buffer whose content has changed is another name.
//! 3. The lock is held to look up and to add: nothing is called or dropped under it, and no other lock taken.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeSet;

use backstay::Status;
use parking_lot::Mutex;

use super::strings::{backstay_str, bytes};

const MOST: usize = 1024;
const LONGEST: usize = 512;

static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// What a thread remembers of the names from a thirty-second of all addresses, so that label and file find room in one:
/// the two last ones that are kept, and how the two last others looked.
struct Seen {
    kept: [Cell<&'static str>; 2],
    others: [Cell<u64>; 2],
}

const PLACES: usize = 32;

thread_local! {
    static SEEN: [Seen; PLACES] = const { [const { Seen::new() }; PLACES] };
}

/// The text that C passed, as one that the core may keep: UTF-8, or `INVALID_ARGUMENT`.
///
/// # Safety
/// `view.ptr` points to `view.len` bytes that do not change during the call.
#[inline]
pub(crate) unsafe fn name(view: backstay_str) -> Result<Cow<'static, str>, Status> {
    // SAFETY: passed on to the caller.
    let bytes = unsafe { bytes(view.ptr.cast(), view.len) }?;
    match known(bytes) {
        Some(name) => Ok(Cow::Borrowed(name)),
        None => SEEN.with(|seen| seen[place(bytes.as_ptr())].look_closer(bytes)),
    }
}

/// The kept name that is equal to these bytes, if this thread remembers one from this address.
fn known(bytes: &[u8]) -> Option<&'static str> {
    if bytes.is_empty() {
        return Some("");
    }
    SEEN.with(|seen| {
        let kept = seen[place(bytes.as_ptr())].kept.iter().map(Cell::get);
        kept.into_iter().find(|name| name.as_bytes() == bytes)
    })
}

/// Where to look for a name from this address: the highest bits of a product, which depend on all bits of the address.
fn place(address: *const u8) -> usize {
    let mixed = (address.addr() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    usize::from(mixed.to_le_bytes()[7]) % PLACES
}

impl Seen {
    const fn new() -> Self {
        Self { kept: [const { Cell::new("") }; 2], others: [const { Cell::new(0) }; 2] }
    }

    /// For a name that is not among those that are kept and remembered; by now it may be one.
    #[cold]
    fn look_closer(&self, bytes: &[u8]) -> Result<Cow<'static, str>, Status> {
        let text = std::str::from_utf8(bytes).map_err(|_| Status::InvalidArgument)?;
        if bytes.len() <= LONGEST
            && self.has_come_before(look_of(bytes))
            && let Some(name) = keep(text)
        {
            self.kept[1].set(self.kept[0].replace(name));
            return Ok(Cow::Borrowed(name));
        }
        Ok(Cow::Owned(text.to_owned()))
    }

    /// Whether one of the two last others looked like that; otherwise it is one of them from now on.
    fn has_come_before(&self, look: u64) -> bool {
        let has_come = self.others.iter().any(|other| other.get() == look);
        if !has_come {
            self.others[1].set(self.others[0].replace(look));
        }
        has_come
    }
}

/// A number for these bytes, by FNV-1a; when two names have the same one, one of them is kept a call earlier.
fn look_of(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3))
}

/// The kept name that is equal to this one; none when there is no room for it.
fn keep(text: &str) -> Option<&'static str> {
    let mut names = NAMES.lock();
    if let Some(name) = names.get(text) {
        return Some(name);
    }
    (names.len() < MOST).then(|| {
        let name: &'static str = Box::leak(text.into());
        names.insert(name);
        name
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name_of(bytes: &[u8]) -> Result<Cow<'static, str>, Status> {
        // SAFETY: the bytes are there, and nobody changes them.
        unsafe { name(backstay_str { ptr: bytes.as_ptr().cast(), len: bytes.len() }) }
    }

    /// The address of a name that is kept, and none of a copy.
    fn kept(bytes: &[u8]) -> Option<*const u8> {
        match name_of(bytes).expect("it is a name") {
            Cow::Borrowed(name) if name.as_bytes() == bytes => Some(name.as_ptr()),
            Cow::Owned(name) if name.as_bytes() == bytes => None,
            _ => panic!("it is another name"),
        }
    }

    #[test]
    fn a_name_is_kept_when_it_comes_again() {
        let upload = b"upload".to_vec();
        assert_eq!(kept(&upload), None);
        let first = kept(&upload).expect("it has come again");
        assert_eq!(kept(&upload), Some(first));
        let same = b"upload".to_vec();
        assert_eq!(kept(&same), None, "it comes from another address");
        assert_eq!(kept(&same), Some(first), "there is one of each");
    }

    #[test]
    fn a_buffer_that_has_changed_is_another_name() {
        let mut buffer = *b"part 1";
        let seen: [Option<*const u8>; 3] = std::array::from_fn(|_| kept(&buffer));
        assert!(seen[2].is_some());
        for number in b'2'..=b'9' {
            buffer[5] = number;
            assert_eq!(kept(&buffer), None);
        }
        buffer[5] = b'1';
        assert_eq!(kept(&buffer), seen[2]);
    }

    #[test]
    fn two_names_in_one_place_do_not_get_in_each_others_way() {
        let text: String = (1000..3000).map(|number| number.to_string()).collect();
        let (first, others) = text.as_bytes().split_at(4);
        let second = others.chunks(4).find(|other| place(other.as_ptr()) == place(first.as_ptr()));
        let second = second.expect("there are fewer places");
        for round in 0..4 {
            assert_eq!([first, second].map(|name| kept(name).is_some()), [round > 0; 2]);
        }
    }

    #[test]
    fn what_is_no_name_is_refused_every_time() {
        for _ in 0..3 {
            assert_eq!(name_of(b"\xFF\xFE"), Err(Status::InvalidArgument));
        }
    }

    #[test]
    fn what_is_too_long_is_copied_every_time() {
        let long = vec![b'x'; LONGEST + 1];
        assert_eq!([(); 3].map(|()| kept(&long)), [None; 3]);
    }
}
