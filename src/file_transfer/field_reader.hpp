#pragma once

#include "file_transfer/control_fields.hpp"
#include "file_transfer/message.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace fairlead::file_transfer {

/// Reads the fields of one message, each at most once, and remembers the first fault.
/// After a fault the values must not be used.
class field_reader {
public:
    explicit field_reader(control_fields fields);

    /// Returns the first fault; empty if there is none.
    const std::string& fault() const noexcept { return fault_; }
    void fail(std::string_view name, std::string_view why);

    bool has(std::string_view name) const { return fields_.contains(name); }
    std::uint64_t number(std::string_view name, std::uint64_t least = 0,
                         std::uint64_t most = std::numeric_limits<std::uint64_t>::max());
    bool flag(std::string_view name);
    std::string text(std::string_view name);

    file_id id(file_id least = 1);
    digest hash();
    std::string resume();

private:
    template <class Value>
    Value* find(std::string_view name, std::string_view kind);

    control_fields fields_;
    std::string fault_;
};

} // namespace fairlead::file_transfer
