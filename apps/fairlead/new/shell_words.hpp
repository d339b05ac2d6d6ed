#pragma once

#include <string>
#include <vector>

namespace fairlead::command {

/// Returns the text as one word of a shell, in quotes if it needs them.
std::string shell_word(const std::string& text);

/// Returns the words with spaces between them.
std::string shell_words(const std::vector<std::string>& all);

} // namespace fairlead::command
