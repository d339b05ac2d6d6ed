# Makes the live page a C++ source: cmake -D SOURCE=<folder of page.html> -D OUTPUT=<live_page.cpp> -P embed_page.cmake
#
# Each @file@ of page.html is replaced by the file. The page's Content-Security-Policy allows the style and the script by their
# hashes and, beside them, requests to the server itself.

# hash_of(text variable): `sha256-` and the hash in base64, as the policy wants it; CMake has it in hexadecimal.
function(hash_of text variable)
    set(letters ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/)
    string(SHA256 digits "${text}")
    string(APPEND digits 00) # 33 bytes are whole groups of three
    set(hash sha256-)
    foreach(at RANGE 0 60 6)
        string(SUBSTRING ${digits} ${at} 6 group)
        foreach(shift 18 12 6 0)
            math(EXPR index "(0x${group} >> ${shift}) & 63")
            string(SUBSTRING ${letters} ${index} 1 letter)
            string(APPEND hash ${letter})
        endforeach()
    endforeach()
    string(REGEX REPLACE "A$" "=" hash ${hash})
    set(${variable} ${hash} PARENT_SCOPE)
endfunction()

# hash_within(tag variable): the hash of what stands between <tag> and </tag> of the page.
function(hash_within tag variable)
    string(REGEX REPLACE "^.*<${tag}>" "" text "${page}")
    string(REGEX REPLACE "</${tag}>.*$" "" text "${text}")
    hash_of("${text}" hash)
    set(${variable} ${hash} PARENT_SCOPE)
endfunction()

file(READ ${SOURCE}/page.html page)
string(REGEX MATCHALL "@[a-z]+\\.(css|js)@" marks "${page}")
foreach(mark IN LISTS marks)
    string(REPLACE @ "" name ${mark})
    file(READ ${SOURCE}/${name} part)
    string(REPLACE ${mark} "${part}" page "${page}")
endforeach()
hash_within(style style_hash)
hash_within(script script_hash)
string(FIND "${page}" ")page\"" end_of_literal)
if(NOT end_of_literal EQUAL -1)
    message(FATAL_ERROR "The live page contains )page\", which ends the literal that it is put into. Write it otherwise.")
endif()

set(policy "default-src 'none'; script-src '${script_hash}'; style-src '${style_hash}'; connect-src 'self'")
string(APPEND policy "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
file(WRITE ${OUTPUT} "// Made by src/admin/embed_page.cmake.\n#include \"admin/live_page.hpp\"\n
namespace fairlead {\n
std::string_view live_page() noexcept {\n    return R\"page(${page})page\";\n}\n
std::string_view live_page_policy() noexcept {\n    return \"${policy}\";\n}\n
} // namespace fairlead\n")
