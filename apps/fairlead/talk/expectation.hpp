#pragma once

#include <fairlead/bytes.hpp>

#include <optional>
#include <string>

namespace fairlead::command {

/// The text that a reply has to contain, if there is one.
class expectation {
public:
    /// Without a text, any reply will do.
    explicit expectation(const std::optional<std::string>& text) : text_{text} {}

    bool is_given() const noexcept { return text_.has_value(); }
    bool is_met() const noexcept { return met_; } ///< true once a reply contained the text

    void note(bytes_view reply) { met_ = met_ || (text_ && reply.text().find(*text_) != std::string_view::npos); }

    /// Returns the beginning of a sentence: "no reply contained 'PONG'".
    std::string disappointment() const;

private:
    const std::optional<std::string> text_;
    bool met_ = false;
};

} // namespace fairlead::command
