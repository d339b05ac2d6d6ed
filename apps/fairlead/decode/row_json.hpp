#pragma once

#include "decode/row_text.hpp"

#include <string>

namespace fairlead::command {

/// Rows as objects of JSON, one on each line.
class row_json : public row_writer {
public:
    explicit row_json(const row_style& style) : style_{style} {}

    void begin(const row_place&) override {}

    /// Returns the object of a row, without a line ending.
    std::string line(const row& next, const row_place* place) const;

private:
    void write(const row& next, const row_place* place) override;
    row_style style_;
};

} // namespace fairlead::command
