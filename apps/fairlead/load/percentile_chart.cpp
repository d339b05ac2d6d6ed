#include "load/percentile_chart.hpp"

#include "load/load_result.hpp"

#include <fairlead/printable.hpp>
#include <fairlead/utf8.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace fairlead::command {

namespace {

constexpr double width = 900, height = 460;
constexpr double left = 90, right = 870, top = 70, bottom = 400;
constexpr std::size_t title_room = 120; // bytes
constexpr int steps_per_decade = 40;
constexpr double room_for_label = 0.3; // of a decade, beside that of the maximum

template <class... Values>
std::string formatted(const char* form, Values... values) {
    char text[256];
    std::snprintf(text, sizeof text, form, values...);
    return text;
}

// Control characters have no place in XML, not even escaped.
std::string xml_text(const std::string& text) {
    std::string safe;
    for (const char each : printable(bytes_view{text})) {
        switch (each) {
        case '&': safe += "&amp;"; break;
        case '<': safe += "&lt;"; break;
        case '>': safe += "&gt;"; break;
        default: safe += each;
        }
    }
    return safe;
}

/// The coordinates of percentiles and latencies in the picture.
struct axes {
    explicit axes(const latency_histogram& latency) {
        decades = std::max(1.0, std::ceil(std::log10(std::max<double>(1, static_cast<double>(latency.count())))));
        low = std::floor(std::log10(std::max<double>(1, static_cast<double>(latency.min().count()))));
        high =
            std::max(low + 1, std::ceil(std::log10(std::max<double>(1, static_cast<double>(latency.max().count())))));
    }
    double across(double nines) const { return left + (right - left) * nines / decades; }
    double up(double nanoseconds) const {
        return bottom - (bottom - top) * (std::log10(std::max(1.0, nanoseconds)) - low) / (high - low);
    }

    double decades;   // of the share above the percentile: 2 for 99 %
    double low, high; // exponents of nanoseconds
};

// 0 %, 90 %, 99 %, 99.9 %, …
std::string percent_name(int nines) {
    return nines == 0 ? "0 %" : formatted("%.*f %%", std::max(0, nines - 2), 100 - std::pow(10.0, 2 - nines));
}

std::string grid(const axes& scale) {
    std::string lines;
    for (int nines = 0; nines <= static_cast<int>(scale.decades); ++nines) {
        const double x = scale.across(nines);
        lines +=
            formatted("<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", x, top, x, bottom);
        lines += formatted("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">", x, bottom + 20) +
                 percent_name(nines) + "</text>\n";
    }
    for (int exponent = static_cast<int>(scale.low); exponent <= static_cast<int>(scale.high); ++exponent) {
        const double nanoseconds = std::pow(10.0, exponent);
        const double y = scale.up(nanoseconds);
        lines +=
            formatted("<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", left, y, right, y);
        lines += formatted("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">", left - 8, y + 4) +
                 short_time(std::chrono::nanoseconds{std::llround(nanoseconds)}) + "</text>\n";
    }
    return lines;
}

std::string curve(const latency_histogram& latency, const axes& scale) {
    std::string points;
    const int steps = static_cast<int>(scale.decades) * steps_per_decade;
    for (int step = 0; step <= steps; ++step) {
        const double nines = static_cast<double>(step) / steps_per_decade;
        const auto took = latency.percentile(100 - 100 * std::pow(10.0, -nines));
        points += formatted("%.1f,%.1f ", scale.across(nines), scale.up(static_cast<double>(took.count())));
    }
    return "<polyline class=\"curve\" points=\"" + points + "\"/>\n";
}

std::string marks(const latency_histogram& latency, const axes& scale) {
    std::string shown;
    for (const auto& each : reported_percentiles) {
        const double nines = each.percent < 100 ? -std::log10(1 - each.percent / 100) : scale.decades;
        if (each.percent < 100 && nines > scale.decades - room_for_label)
            continue;
        const auto took = latency.percentile(each.percent);
        const double x = scale.across(nines), y = scale.up(static_cast<double>(took.count()));
        shown += formatted("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>\n", x, y);
        shown += formatted("<text class=\"mark\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y - 10,
                           each.percent < 100 ? "middle" : "end") +
                 each.name + " " + short_time(took) + "</text>\n";
    }
    return shown;
}

constexpr const char* style = "<style>text{font:13px sans-serif;fill:#333}.title{font-size:15px;font-weight:bold}"
                              ".grid{stroke:#ddd}.curve{fill:none;stroke:#1f6fb2;stroke-width:2}circle{fill:#1f6fb2}"
                              ".mark{font-weight:bold}</style>\n";

} // namespace

std::string percentile_chart(const latency_histogram& latency, const std::string& title) {
    const axes scale{latency};
    std::string svg = formatted("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
                                "viewBox=\"0 0 %.0f %.0f\">\n",
                                width, height, width, height);
    const std::string safe_title = xml_text(std::string{cut_between_characters(title, title_room)});
    svg += "<title>Latency by percentile: " + safe_title + "</title>\n" + style;
    svg += formatted("<rect width=\"%.0f\" height=\"%.0f\" fill=\"white\"/>\n", width, height);
    svg += formatted("<text class=\"title\" x=\"%.0f\" y=\"24\">Latency by percentile</text>\n", left);
    svg += formatted("<text x=\"%.0f\" y=\"44\">", left) + safe_title + "</text>\n";
    svg += grid(scale);
    svg += formatted("<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"middle\">", (left + right) / 2, bottom + 46) +
           "percentile of " + std::to_string(latency.count()) + " messages</text>\n";
    svg += formatted("<text transform=\"translate(22 %.0f) rotate(-90)\" text-anchor=\"middle\">latency</text>\n",
                     (top + bottom) / 2);
    if (latency.count() != 0)
        svg += curve(latency, scale) + marks(latency, scale);
    return svg + "</svg>\n";
}

} // namespace fairlead::command
