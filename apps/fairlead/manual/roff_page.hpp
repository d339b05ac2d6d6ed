#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::command {

/// The title of a page in the manual.
struct page_title {
    std::string name;    ///< `fairlead-serve`
    int section;         ///< 1: commands, 7: conventions
    std::string summary; ///< one line, which apropos(1) searches
    std::string version; ///< `0.1.0`
    std::string date;    ///< `2026-11-29`
};

/// Writes a page of the manual in the macros of man(7). Every text is shown as it is given: nothing in it is markup.
///
///     roff_page page{{"fairlead", 1, "messages over TCP", "0.1.0", "2026-11-29"}};
///     page.section("OPTIONS");
///     page.item({{"--listen", font::bold}, {" ", font::roman}, {"URL", font::italic}}, "where to listen");
class roff_page {
public:
    enum class font { roman, bold, italic };
    struct span {
        std::string text;
        font in = font::roman;
    };

    explicit roff_page(const page_title& title); ///< begins with the section NAME

    void section(std::string_view heading);                          ///< begins a section
    void subsection(std::string_view heading);                       ///< begins a part of a section
    void paragraph(std::string_view words);                          ///< filled to the width of the page
    void line(const std::vector<span>& parts);                       ///< one line, such as one of a synopsis
    void item(const std::vector<span>& tag, std::string_view words); ///< a term, and its indented meaning
    void example(std::string_view lines);                            ///< shown line by line
    void references(const std::vector<std::vector<span>>& pages);    ///< the section SEE ALSO

    const std::string& text() const noexcept { return text_; } ///< returns the source of the page

private:
    void begin_paragraph();
    void macro(std::string_view line);
    void words(std::string_view text);

    std::string text_;
    bool after_heading_ = false;
};

/// Returns `name(1)` with the name in bold, as references are written.
std::vector<roff_page::span> reference(std::string_view name, int section);

} // namespace fairlead::command
