// Lines, words and quotes: the lowest floor of the language.
//
// Words are split at blanks. A quote may open anywhere in a word; inside quotes blanks, `;` and `#` are plain. There
// are no escapes, so a word cannot contain a quote.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace scenarios {

/// What is wrong with a step that cannot be read.
class Fault : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The parts of `text` between the separators that stand outside of quotes; at least one.
std::vector<std::string_view> parts(std::string_view text, char separator);

/// What a line says without its comment.
std::string_view without_comment(std::string_view line);

/// `text` between quotes, as messages show it.
std::string quoted(std::string_view text);

/// The items with `between` between them.
std::string joined(const std::vector<std::string> &items, std::string_view between);

/// What stands behind a step as `key=value`, or as a key alone.
struct Option {
    std::string key;
    std::optional<std::string> value;
};

/// Reads the words of one step from left to right; a Fault says which one is missing or wrong.
class Words {
  public:
    explicit Words(std::string_view text);

    bool are_left() const noexcept { return next_ < words_.size(); }
    /// The next word, which is to be `what`.
    std::string word(std::string_view what);
    /// The next word, which is to be `what` followed by a colon.
    std::string headed(std::string_view what);
    /// The next word must be this one.
    void keyword(std::string_view keyword);
    /// All that is left, as one text: words joined by one blank.
    std::string text(std::string_view what);
    /// All that is left, as it is.
    std::vector<std::string> rest();
    /// The next word, as an option.
    Option option();
    /// Nothing may be left.
    void end() const;

  private:
    std::vector<std::string> words_;
    std::size_t next_ = 0;
};

} // namespace scenarios
