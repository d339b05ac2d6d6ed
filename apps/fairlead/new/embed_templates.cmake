# Makes a C++ source of the templates: cmake -D SOURCE=<folder> -D FILES=<a;b/c;…> -D OUTPUT=<templates.cpp> -P embed_templates.cmake

set(entries "")
foreach(path IN LISTS FILES)
    file(READ ${SOURCE}/${path} text)
    string(FIND "${text}" ")template\"" end_of_literal)
    if(NOT end_of_literal EQUAL -1)
        message(FATAL_ERROR "${path} contains )template\", which ends the literal that it is put into. Write it otherwise.")
    endif()
    string(APPEND entries "    {\"${path}\", R\"template(${text})template\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Made by apps/fairlead/new/embed_templates.cmake.\n#include \"new/templates.hpp\"\n
namespace fairlead::command {\n
namespace {\n\nconstexpr template_file every_template[] = {\n${entries}};\n\n} // namespace\n
std::span<const template_file> templates() noexcept {\n    return every_template;\n}\n
} // namespace fairlead::command\n")
