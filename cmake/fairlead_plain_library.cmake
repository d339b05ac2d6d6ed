# fairlead_plain_library(TARGET header.h library): defines TARGET for a library without a CMake package that works, where it is found.
# The installed package includes this file too.

function(fairlead_plain_library target header library)
    if(TARGET ${target})
        return()
    endif()
    string(TOUPPER FAIRLEAD_${library} name)
    find_path(${name}_INCLUDE_DIR ${header})
    find_library(${name}_LIBRARY ${library})
    mark_as_advanced(${name}_INCLUDE_DIR ${name}_LIBRARY)
    if(${name}_INCLUDE_DIR AND ${name}_LIBRARY)
        add_library(${target} INTERFACE IMPORTED)
        target_include_directories(${target} INTERFACE ${${name}_INCLUDE_DIR})
        target_link_libraries(${target} INTERFACE ${${name}_LIBRARY})
    endif()
endfunction()
