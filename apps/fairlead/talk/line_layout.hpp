#pragma once

namespace fairlead::command {

/// The place of the cursor behind characters on a terminal, as libedit lays them out: it has no call that returns the place.
///
///     4 columns:  | a b c d |      a tab ends at a multiple of 8 columns, at the latest at the margin;
///                 | e ^ A 船|      a control character takes two cells, and a wide one is not divided
///
/// The widths are those of the locale.
class line_layout {
public:
    explicit line_layout(int columns) : columns_{columns} {}

    void add(wchar_t character);

    int row() const noexcept { return row_; }       ///< 0 is the first
    int column() const noexcept { return column_; } ///< 0 is the first

private:
    void place(int width);
    void begin_row();

    int columns_;
    int row_ = 0;
    int column_ = 0;
};

} // namespace fairlead::command
