#include "talk/line_editor.hpp"

namespace fairlead::command {

std::unique_ptr<line_editor> edit_lines(bool) {
    return nullptr;
}

} // namespace fairlead::command
