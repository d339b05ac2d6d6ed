#include "talk/line_layout.hpp"

#include <cwchar>
#include <cwctype>

namespace fairlead::command {

void line_layout::add(wchar_t character) {
    const auto kind = static_cast<std::wint_t>(character);
    if (character == '\n')
        return begin_row();
    if (std::iswprint(kind))
        return place(::wcwidth(character));
    int cells = character > 0xFFFF ? 8 : 7; // \U+2028
    if (character == '\t')
        cells = 8 - column_ % 8;
    else if (std::iswcntrl(kind) && character < 0x100)
        cells = 2; // ^A
    for (; cells != 0; --cells) {
        place(1);
        if (character == '\t' && column_ == 0)
            return;
    }
}

void line_layout::place(int width) {
    if (column_ + width > columns_)
        begin_row();
    column_ += width;
    if (column_ >= columns_)
        begin_row();
}

void line_layout::begin_row() {
    ++row_;
    column_ = 0;
}

} // namespace fairlead::command
