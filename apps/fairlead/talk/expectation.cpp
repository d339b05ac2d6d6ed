#include "talk/expectation.hpp"

#include <fairlead/printable.hpp>

namespace fairlead::command {

std::string expectation::disappointment() const {
    return "no reply contained '" + printable(text_.value_or("")) + "'";
}

} // namespace fairlead::command
