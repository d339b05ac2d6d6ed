#include "admin/session_query.hpp"

#include "core/percent.hpp"
#include "core/whole_number.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace fairlead {

namespace {

constexpr std::pair<std::string_view, session_field> fields[] = {
    {"id", session_field::id},
    {"age", session_field::age},
    {"queued", session_field::queued},
    {"messages_in", session_field::messages_in},
    {"messages_out", session_field::messages_out},
    {"bytes_in", session_field::bytes_in},
    {"bytes_out", session_field::bytes_out},
    {"listener", session_field::listener},
    {"remote", session_field::remote},
    {"transport", session_field::transport},
    {"state", session_field::state},
    {"waits_for", session_field::waits_for},
};

// In a query `+` stands for a space.
std::string query_decoded(std::string_view text) {
    std::string spaced{text};
    std::ranges::replace(spaced, '+', ' ');
    return percent_decoded(spaced);
}

session_field parse_field(const std::string& name) {
    const auto* const found =
        std::ranges::find(fields, std::string_view{name}, [](const auto& each) { return each.first; });
    if (found != std::end(fields))
        return found->second;
    std::string known;
    for (const auto& each : fields)
        (known += known.empty() ? "" : ", ") += each.first;
    throw std::invalid_argument{"sessions cannot be sorted by '" + name + "'; sort is one of " + known};
}

std::size_t parse_limit(const std::string& text) {
    const auto limit = whole_number<std::size_t>(text);
    if (!limit || *limit == 0 || *limit > session_query::max_limit)
        throw std::invalid_argument{"limit is a number from 1 to " + std::to_string(session_query::max_limit) +
                                    ", not '" + text + "'"};
    return *limit;
}

void take(session_query& query, const std::string& name, std::string value) {
    if (name == "sort")
        query.sort = parse_field(value);
    else if (name == "order" && (value == "asc" || value == "desc"))
        query.descending = value == "desc";
    else if (name == "order")
        throw std::invalid_argument{"order is asc or desc, not '" + value + "'"};
    else if (name == "limit")
        query.limit = parse_limit(value);
    else if (name == "listener")
        query.listener = std::move(value);
    else if (name == "remote")
        query.remote = std::move(value);
    else if (name == "state")
        query.state = std::move(value);
    else if (name == "transport")
        query.transport = std::move(value);
    else
        throw std::invalid_argument{"'" + name +
                                    "' is no part of this query; it has sort, order, limit, listener, remote, state "
                                    "and transport"};
}

} // namespace

session_query session_query::parse(std::string_view text) {
    session_query found;
    while (!text.empty()) {
        const auto end = std::min(text.find('&'), text.size());
        const std::string_view part = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto equals = std::min(part.find('='), part.size());
        const bool has_value = equals < part.size();
        if (!part.empty())
            take(found, query_decoded(part.substr(0, equals)),
                 has_value ? query_decoded(part.substr(equals + 1)) : std::string{});
    }
    return found;
}

bool session_query::matches(const session_row& row) const {
    const auto has = [](const std::string& text, const std::string& part) {
        return text.find(part) != std::string::npos;
    };
    return has(row.listener, listener) && has(row.remote, remote) && has(row.state, state) &&
           has(row.transport, transport);
}

session_rank session_rank::of(const session_row& row, session_field field) {
    const auto by = [&row](std::uint64_t number) {
        return session_rank{.number = static_cast<double>(number), .id = row.id};
    };
    switch (field) {
    case session_field::id: break;
    case session_field::age: return {.number = row.age, .id = row.id};
    case session_field::queued: return by(row.queued);
    case session_field::messages_in: return by(row.counts.messages_in);
    case session_field::messages_out: return by(row.counts.messages_out);
    case session_field::bytes_in: return by(row.counts.bytes_in);
    case session_field::bytes_out: return by(row.counts.bytes_out);
    case session_field::listener: return {.text = row.listener, .id = row.id};
    case session_field::remote: return {.text = row.remote, .id = row.id};
    case session_field::transport: return {.text = row.transport, .id = row.id};
    case session_field::state: return {.text = row.state, .id = row.id};
    case session_field::waits_for: return {.text = row.waits_for, .id = row.id};
    }
    return {.id = row.id};
}

} // namespace fairlead
