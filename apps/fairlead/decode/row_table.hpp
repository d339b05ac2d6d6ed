#pragma once

#include "decode/row_text.hpp"

#include <fairlead/framing/framing.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace fairlead::command {

/// Rows in columns, with a heading:
///
///       offset  header       bytes  message
///            0  00 00 00 05      5  hello
///            9  ! truncated: …
class row_table : public row_writer {
public:
    /// `rules` say how wide the headers are. `from_capture`: rows have places.
    row_table(const framing& rules, const row_style& style, bool from_capture);

    void begin(const row_place& stream) override;

    /// Returns the lines of a row; the first call begins with the heading.
    std::string lines(const row& next, const row_place* place);

private:
    void write(const row& next, const row_place* place) override;
    std::string heading() const;
    std::string place_columns(const row_place& place);
    std::string frame_columns(const row& next) const;

    row_style style_;
    bool from_capture_;
    bool frames_;       // of a WebSocket
    bool ends_;         // the framing writes behind messages, not before them
    std::size_t width_; // of headers or endings; 0: there are none
    bool begun_ = false;
    std::optional<std::chrono::nanoseconds> first_; // the time of the first row
};

} // namespace fairlead::command
