#include "manual/roff_page.hpp"

#include <algorithm>
#include <cctype>

namespace fairlead::command {

namespace {

std::string roff_escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
        case '\\': result += "\\e"; break;
        case '-': result += "\\-"; break;
        case '\'': result += "\\(aq"; break;
        case '`': result += "\\(ga"; break;
        case '^': result += "\\(ha"; break;
        case '~': result += "\\(ti"; break;
        default: result += c;
        }
    }
    return result.starts_with('.') ? "\\&" + result : result;
}

std::string upper(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

std::string in_font(const roff_page::span& part) {
    switch (part.in) {
    case roff_page::font::bold: return "\\fB" + roff_escaped(part.text) + "\\fR";
    case roff_page::font::italic: return "\\fI" + roff_escaped(part.text) + "\\fR";
    case roff_page::font::roman: break;
    }
    return roff_escaped(part.text);
}

bool ends_sentence(std::string_view word) {
    return word.ends_with('.') || word.ends_with('?') || word.ends_with(".)");
}

} // namespace

roff_page::roff_page(const page_title& title) {
    const std::string version = "Fairlead " + title.version;
    macro("TH " + roff_escaped(upper(title.name)) + " " + std::to_string(title.section) + " " + title.date + " \"" +
          version + "\" Fairlead");
    macro("nh"); // options and URLs are not to be divided
    macro("ad l");
    section("NAME");
    words(title.name + " - " + title.summary);
}

void roff_page::section(std::string_view heading) {
    macro("SH " + roff_escaped(heading));
    after_heading_ = true;
}

void roff_page::subsection(std::string_view heading) {
    macro("SS " + roff_escaped(heading));
    after_heading_ = true;
}

void roff_page::paragraph(std::string_view text) {
    begin_paragraph();
    words(text);
}

void roff_page::line(const std::vector<span>& parts) {
    after_heading_ = false;
    for (const span& each : parts)
        text_ += in_font(each);
    text_ += "\n";
}

void roff_page::item(const std::vector<span>& tag, std::string_view text) {
    macro("TP");
    line(tag);
    words(text);
}

void roff_page::example(std::string_view lines) {
    begin_paragraph();
    macro("in +4n");
    macro("nf");
    while (!lines.empty()) {
        const auto end = std::min(lines.find('\n'), lines.size());
        const std::string_view line = lines.substr(0, end);
        text_ += (line.empty() ? "\\&" : roff_escaped(line)) + "\n"; // a line of its own, also if it is empty
        lines.remove_prefix(std::min(end + 1, lines.size()));
    }
    macro("fi");
    macro("in");
}

void roff_page::references(const std::vector<std::vector<span>>& pages) {
    section("SEE ALSO");
    for (std::vector<span> each : pages) {
        if (each.front().text != pages.back().front().text)
            each.push_back({","});
        line(each);
    }
}

// A heading begins a paragraph already.
void roff_page::begin_paragraph() {
    if (!after_heading_)
        macro("PP");
}

void roff_page::macro(std::string_view line) {
    after_heading_ = false;
    text_ += "." + std::string{line} + "\n";
}

// A sentence begins a line, as roff(7) wants it, and lines stay short.
void roff_page::words(std::string_view text) {
    constexpr std::size_t width = 78;
    std::string line;
    after_heading_ = false;
    const auto end_line = [&] {
        if (!line.empty())
            text_ += line + "\n";
        line.clear();
    };
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(" \n"), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (word.empty())
            continue;
        const bool is_option =
            word.starts_with("--") && word.size() > 2 && std::isalpha(static_cast<unsigned char>(word[2]));
        const auto name_end =
            is_option ? std::min(word.find_first_not_of("-abcdefghijklmnopqrstuvwxyz0123456789"), word.size()) : 0;
        const std::string shown = name_end == 0 ? roff_escaped(word)
                                                : in_font({std::string{word.substr(0, name_end)}, font::bold}) +
                                                      roff_escaped(word.substr(name_end));
        if (line.size() + 1 + shown.size() > width)
            end_line();
        line += (line.empty() ? "" : " ") + shown;
        if (ends_sentence(word))
            end_line();
    }
    end_line();
}

std::vector<roff_page::span> reference(std::string_view name, int section) {
    return {{std::string{name}, roff_page::font::bold}, {"(" + std::to_string(section) + ")"}};
}

} // namespace fairlead::command
