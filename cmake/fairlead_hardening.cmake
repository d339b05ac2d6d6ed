# Flags that make a fault in memory harder to exploit, for Fairlead's own targets; nothing of it reaches a project that
# links the library. A compiler or linker that does not know a flag goes without it.

include(CheckCXXCompilerFlag)
include(CheckCXXSourceCompiles)
include(CheckLinkerFlag)
include(CheckPIESupported)

set(fairlead_hardening_default ON)
if(FAIRLEAD_SANITIZE) # which checks the same and more, in its own way
    set(fairlead_hardening_default OFF)
endif()
option(FAIRLEAD_HARDENING "Harden Fairlead's own programs: stack protector, fortified calls, PIE, read-only relocations"
       ${fairlead_hardening_default})

set(fairlead_hardening_options "")
set(fairlead_fortify_options "") # without optimisation they do nothing and warn
set(fairlead_hardening_link_options "")

macro(fairlead_find_hardening_options)
    foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection=full)
        string(MAKE_C_IDENTIFIER "FAIRLEAD_HAS${flag}" known)
        check_cxx_compiler_flag(${flag} ${known})
        if(${known})
            list(APPEND fairlead_hardening_options ${flag})
        endif()
    endforeach()
    foreach(word relro now noexecstack)
        check_linker_flag(CXX LINKER:-z,${word} FAIRLEAD_HAS_LINK_${word})
        if(FAIRLEAD_HAS_LINK_${word})
            list(APPEND fairlead_hardening_link_options LINKER:-z,${word})
        endif()
    endforeach()
    fairlead_find_fortify_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endmacro()

# A compiler that knows lower levels only warns.
function(fairlead_find_fortify_options)
    string(REPLACE ";" " " CMAKE_REQUIRED_FLAGS "-O2;-Werror;${ARGN}")
    check_cxx_source_compiles("#include <cstring>\nint main() {}" FAIRLEAD_HAS_FORTIFY_SOURCE_3)
    if(FAIRLEAD_HAS_FORTIFY_SOURCE_3)
        set(fairlead_fortify_options ${ARGN} PARENT_SCOPE)
    endif()
endfunction()

if(FAIRLEAD_HARDENING)
    fairlead_find_hardening_options()
endif()

function(fairlead_harden target)
    if(NOT FAIRLEAD_HARDENING)
        return()
    endif()
    target_compile_options(${target} PRIVATE ${fairlead_hardening_options}
        "$<$<CONFIG:Release,RelWithDebInfo,MinSizeRel>:${fairlead_fortify_options}>")
    get_target_property(type ${target} TYPE)
    get_target_property(is_independent ${target} POSITION_INDEPENDENT_CODE)
    if(type STREQUAL "EXECUTABLE")
        check_pie_supported(LANGUAGES CXX)
        set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    elseif(type STREQUAL "STATIC_LIBRARY" AND NOT is_independent)
        target_compile_options(${target} PRIVATE -fPIE) # which is what the programs need, and less than -fPIC
    endif()
    if(NOT type STREQUAL "STATIC_LIBRARY")
        target_link_options(${target} PRIVATE ${fairlead_hardening_link_options})
    endif()
endfunction()

# In these files only functions with arrays of bytes on the stack get a guard. They run once a message, and with
# -fstack-protector-strong that cost 2 % more where 16 come together.
function(fairlead_guard_less)
    if("-fstack-protector-strong" IN_LIST fairlead_hardening_options)
        set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS -fstack-protector)
    endif()
endfunction()
