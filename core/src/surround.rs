//! What a binding does around the stretches in which a thread of the host has work: it enters its interpreter, say, which
//! costs more than most jobs.

use std::sync::Arc;

/// What surrounds the work of a thread; by default nothing.
#[derive(Clone, Default)]
pub(crate) struct Surround(Option<Arc<Around>>);

/// Is given one function, which does one piece of work and tells whether there is more, and calls it as long as it likes.
pub(crate) type Around = dyn Fn(&mut dyn FnMut() -> bool) + Send + Sync;

impl Surround {
    pub(crate) fn by(around: impl Fn(&mut dyn FnMut() -> bool) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(around)))
    }

    /// Does pieces of work until there is none any more. What is left when the binding ends a stretch early begins
    /// another one, behind a piece that nothing surrounds: so there is an end even if it never begins one.
    pub(crate) fn stretch(&self, piece: &mut dyn FnMut() -> bool) {
        let Some(around) = &self.0 else {
            while piece() {}
            return;
        };
        let mut is_more = true;
        while is_more {
            around(&mut || {
                is_more = is_more && piece();
                is_more
            });
            is_more = is_more && piece();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(surround: &Surround, pieces: usize) -> usize {
        let mut done = 0;
        surround.stretch(&mut || {
            done += 1;
            done < pieces
        });
        done
    }

    #[test]
    fn every_piece_is_done_whatever_the_binding_does() {
        let all = Surround::by(|piece| while piece() {});
        let one = Surround::by(|piece| {
            piece();
        });
        let none = Surround::by(|_| {});
        let too_many = Surround::by(|piece| {
            for _ in 0..100 {
                piece();
            }
        });
        for surround in [Surround::default(), all, one, none, too_many] {
            for pieces in [1, 2, 7] {
                assert_eq!(done(&surround, pieces), pieces);
            }
        }
    }
}
