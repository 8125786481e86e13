#include "words.hpp"

#include <algorithm>

namespace scenarios {
namespace {

constexpr std::string_view BLANKS = " \t\r\n\v\f";

bool is_blank(char c) { return BLANKS.find(c) != std::string_view::npos; }

/// The parts of `text` between the characters that `separates` says yes to and that stand outside of quotes.
template <class Separates> std::vector<std::string_view> split(std::string_view text, Separates separates) {
    std::vector<std::string_view> found;
    bool is_quoted = false;
    std::size_t begin = 0;
    for (std::size_t index = 0; index < text.size(); index++) {
        if (text[index] == '"') is_quoted = !is_quoted;
        if (is_quoted || !separates(text[index])) continue;
        found.push_back(text.substr(begin, index - begin));
        begin = index + 1;
    }
    found.push_back(text.substr(begin));
    return found;
}

} // namespace

std::vector<std::string_view> parts(std::string_view text, char separator) {
    return split(text, [separator](char c) { return c == separator; });
}

std::string_view without_comment(std::string_view line) { return parts(line, '#').front(); }

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

std::string joined(const std::vector<std::string> &items, std::string_view between) {
    std::string text;
    for (const std::string &item : items) {
        if (&item != &items.front()) text += between;
        text += item;
    }
    return text;
}

Words::Words(std::string_view text) {
    if (std::count(text.begin(), text.end(), '"') % 2 == 1) throw Fault("a quote is opened and not closed");
    for (const std::string_view part : split(text, is_blank)) {
        if (part.empty()) continue;
        std::string &word = words_.emplace_back(part);
        word.erase(std::remove(word.begin(), word.end(), '"'), word.end());
    }
}

std::string Words::word(std::string_view what) {
    if (!are_left()) throw Fault(std::string(what) + " is missing");
    return words_[next_++];
}

std::string Words::headed(std::string_view what) {
    std::string found = word(std::string(what) + " with a colon");
    if (found.empty() || found.back() != ':') {
        throw Fault(std::string(what) + ' ' + quoted(found) + " needs a colon after it");
    }
    found.pop_back();
    return found;
}

void Words::keyword(std::string_view keyword) {
    const std::string name = '`' + std::string(keyword) + '`';
    if (!are_left()) throw Fault(name + " is missing");
    const std::string &found = words_[next_++];
    if (found != keyword) throw Fault(name + " belongs where " + quoted(found) + " stands");
}

std::string Words::text(std::string_view what) {
    if (!are_left()) throw Fault(std::string(what) + " is missing");
    return joined(rest(), " ");
}

std::vector<std::string> Words::rest() {
    const auto begin = words_.begin() + static_cast<std::ptrdiff_t>(next_);
    next_ = words_.size();
    return {begin, words_.end()};
}

Option Words::option() {
    const std::string found = word("an option");
    const std::size_t equals = found.find('=');
    if (equals == std::string::npos) return {found, std::nullopt};
    return {found.substr(0, equals), found.substr(equals + 1)};
}

void Words::end() const {
    if (are_left()) throw Fault(quoted(words_[next_]) + " is one word too many");
}

} // namespace scenarios
