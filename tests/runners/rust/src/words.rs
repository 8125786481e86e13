//! Lines, words and quotes: the lowest floor of the language.
//!
//! Words are split at blanks. A quote may open anywhere in a word; inside quotes blanks, `;` and `#` are plain. There
//! are no escapes, so a word cannot contain a quote.

use std::fmt;

/// The parts of `text` between the separators that stand outside of quotes; at least one.
pub(crate) fn parts(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
    .collect()
}

/// What a line says without its comment.
pub(crate) fn without_comment(line: &str) -> &str {
    // There is always a first part.
    parts(line, '#')[0]
}

/// The words of `text`, without their quotes.
pub(crate) fn words(text: &str) -> Result<Vec<String>, String> {
    if text.matches('"').count() % 2 == 1 {
        return Err("a quote is opened and not closed".to_owned());
    }
    let mut quoted = false;
    let split = text.split(move |c: char| {
        quoted ^= c == '"';
        c.is_whitespace() && !quoted
    });
    Ok(split.filter(|word| !word.is_empty()).map(|word| word.replace('"', "")).collect())
}

/// A word as it must be written to be read back as itself.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |c: char| !c.is_whitespace() && c != ';' && c != '#';
        if !self.0.is_empty() && self.0.chars().all(is_plain) {
            f.write_str(self.0)
        } else {
            write!(f, "\"{}\"", self.0)
        }
    }
}

/// Reads the words of one step from left to right.
pub(crate) struct Words(std::vec::IntoIter<String>);

impl Words {
    pub(crate) fn new(words: Vec<String>) -> Self {
        Self(words.into_iter())
    }

    /// The next word, which is to be `what`.
    pub(crate) fn word(&mut self, what: &str) -> Result<String, String> {
        self.0.next().ok_or_else(|| format!("{what} is missing"))
    }

    /// The next word, which is to be `what` followed by a colon.
    pub(crate) fn headed(&mut self, what: &str) -> Result<String, String> {
        let word = self.word(&format!("{what} with a colon"))?;
        match word.strip_suffix(':') {
            Some(name) => Ok(name.to_owned()),
            None => Err(format!("{what} {word:?} needs a colon after it")),
        }
    }

    /// The next word must be this one.
    pub(crate) fn keyword(&mut self, keyword: &str) -> Result<(), String> {
        match self.0.next() {
            Some(word) if word == keyword => Ok(()),
            Some(word) => Err(format!("`{keyword}` belongs where {word:?} stands")),
            None => Err(format!("`{keyword}` is missing")),
        }
    }

    /// All that is left, as one text: words joined by one blank.
    pub(crate) fn text(&mut self, what: &str) -> Result<String, String> {
        let words = self.rest();
        if words.is_empty() { Err(format!("{what} is missing")) } else { Ok(words.join(" ")) }
    }

    /// All that is left, as it is.
    pub(crate) fn rest(&mut self) -> Vec<String> {
        self.0.by_ref().collect()
    }

    /// All that is left, as options: `key=value`, or a key alone.
    pub(crate) fn options(&mut self) -> Vec<(String, Option<String>)> {
        let split = |word: String| match word.split_once('=') {
            Some((key, value)) => (key.to_owned(), Some(value.to_owned())),
            None => (word, None),
        };
        self.0.by_ref().map(split).collect()
    }

    /// Nothing may be left.
    pub(crate) fn end(mut self) -> Result<(), String> {
        match self.0.next() {
            Some(word) => Err(format!("{word:?} is one word too many")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        words(text).expect("every quote is closed")
    }

    #[test]
    fn words_are_split_at_blanks_of_any_kind_and_number() {
        assert_eq!(read("  fire\tcopy  as i \r"), ["fire", "copy", "as", "i"]);
        assert!(read("").is_empty());
    }

    #[test]
    fn quotes_may_open_anywhere_in_a_word() {
        assert_eq!(read(r#"details="a b" "details=a b" det"ails=a "b"#), ["details=a b"; 3]);
        assert_eq!(read(r#"a"" "" "b""#), ["a", "", "b"]);
    }

    #[test]
    fn there_are_no_escapes() {
        assert_eq!(read(r#"a\n "b\" c"#), ["a\\n", "b\\", "c"]);
    }

    #[test]
    fn a_quote_must_be_closed() {
        assert!(words(r#"fail a of i "no"#).is_err());
    }

    #[test]
    fn comments_and_separators_are_plain_inside_quotes() {
        assert_eq!(without_comment(r#"fail "a # b" # why"#), r#"fail "a # b" "#);
        assert_eq!(parts(r#"fail "a; b"; return"#, ';'), [r#"fail "a; b""#, " return"]);
    }

    #[test]
    fn a_quoted_word_is_read_back_as_itself() {
        for word in ["plain", "", "two words", "a;b", "a#b", "k=v w", "tab\there"] {
            assert_eq!(read(&Quoted(word).to_string()), [word]);
        }
    }
}
