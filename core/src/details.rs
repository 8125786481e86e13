//! What a firing carries to its instance.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// What a firing carries to its instance (F7): nothing, bytes with a media type that every language can read, or an
/// object of the language that fired, which the others see as present but opaque.
///
/// Details never change and are shared by reference: a clone costs a count.
#[derive(Clone, Default)]
pub struct Details(Option<Arc<Content>>);

enum Content {
    Bytes { media_type: Cow<'static, str>, bytes: Box<[u8]> },
    Opaque(Box<dyn Any + Send + Sync>),
}

impl Details {
    /// A firing that says nothing.
    pub fn none() -> Self {
        Self(None)
    }

    /// Text, as `text/plain`.
    pub fn text(text: impl Into<String>) -> Self {
        Self::bytes("text/plain", text.into())
    }

    /// Bytes that are to be read as `media_type` says.
    pub fn bytes(media_type: impl Into<Cow<'static, str>>, bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into().into_boxed_slice();
        Self(Some(Arc::new(Content::Bytes { media_type: media_type.into(), bytes })))
    }

    /// An object of this language; other languages only see that it is there.
    pub fn opaque(object: impl Any + Send + Sync) -> Self {
        Self(Some(Arc::new(Content::Opaque(Box::new(object)))))
    }

    /// Whether the firing said nothing.
    pub fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// Whether they hold an object of a user, whose destructor may do anything.
    pub(crate) fn is_opaque(&self) -> bool {
        matches!(self.0.as_deref(), Some(Content::Opaque(_)))
    }

    /// The bytes, when there are any.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self.0.as_deref() {
            Some(Content::Bytes { bytes, .. }) => Some(bytes),
            _ => None,
        }
    }

    /// How the bytes are to be read, when there are any.
    pub fn media_type(&self) -> Option<&str> {
        match self.0.as_deref() {
            Some(Content::Bytes { media_type, .. }) => Some(media_type),
            _ => None,
        }
    }

    /// The text of `text/plain` details that are UTF-8.
    pub fn as_text(&self) -> Option<&str> {
        (self.media_type()? == "text/plain")
            .then_some(self.as_bytes()?)
            .and_then(|b| std::str::from_utf8(b).ok())
    }

    /// The object that this language fired with, when it is a `T`.
    pub fn as_object<T: Any>(&self) -> Option<&T> {
        match self.0.as_deref() {
            Some(Content::Opaque(object)) => object.downcast_ref(),
            _ => None,
        }
    }
}

impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_deref() {
            None => f.write_str("Details(none)"),
            Some(Content::Bytes { media_type, bytes }) => {
                write!(f, "Details({media_type}, {} bytes)", bytes.len())
            }
            Some(Content::Opaque(_)) => f.write_str("Details(opaque)"),
        }
    }
}
