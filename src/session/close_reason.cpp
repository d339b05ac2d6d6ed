#include <fairlead/close_reason.hpp>

namespace fairlead {

std::string_view to_string(closed_by value) noexcept {
    switch (value) {
    case closed_by::none: return "none";
    case closed_by::peer: return "peer";
    case closed_by::local: return "local";
    case closed_by::limit: return "limit";
    case closed_by::stop: return "stop";
    case closed_by::system: return "system";
    }
    return "unknown";
}

} // namespace fairlead
