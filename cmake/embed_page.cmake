# cmake -DPAGE=page.html -DOUTPUT=live_page.cpp -P embed_page.cmake: makes the source file that holds the live page.
#
# As numbers: a literal may have 65,536 characters only (the standard's minimum), and a page may have any.

file(READ ${PAGE} digits HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${digits}")
string(REGEX REPLACE "(................................................................................)" "\\1\n" bytes "${bytes}")
file(WRITE ${OUTPUT} "// Made from page.html by embed_page.cmake.
#include \"admin/live_page.hpp\"

namespace fairlead {

namespace {

constexpr unsigned char page[] = {
${bytes}};

} // namespace

std::string_view live_page() noexcept {
    return {reinterpret_cast<const char*>(page), sizeof page};
}

} // namespace fairlead
")
