#include <fairlead/transport/stream.hpp>

namespace fairlead {

result<std::size_t> stream::try_write_both(bytes_view head, bytes_view body) {
    std::size_t written = 0;
    for (const bytes_view part : {head, body}) {
        if (part.empty())
            continue;
        const auto more = try_write(part);
        if (!more) // the next call returns the error again
            return written != 0 ? result<std::size_t>{written} : more;
        written += *more;
        if (*more < part.size())
            break;
    }
    return written;
}

} // namespace fairlead
