# fairlead_optional_part(OPTION TARGET "what" "library" package): adds an option for a part of Fairlead that needs the library behind
# TARGET. It is on where the library is found; switched on without it, it ends the configuration.

function(fairlead_optional_part option target what library package)
    set(found OFF)
    if(TARGET ${target})
        set(found ON)
    endif()
    option(${option} "${what}: needs ${library}" ${found})
    if(${option} AND NOT found)
        message(FATAL_ERROR "${what} need ${library}; on Debian install ${package}, or leave them out with -D${option}=OFF")
    endif()
endfunction()

# fairlead_library_part(OPTION TARGET "what" "library" package NAME SOURCES source… OTHERWISE source…): adds such an option for a part of
# the library fairlead, which is compiled from SOURCES then. NAME, the name of TARGET for pkg-config, is put into <option>_requires.

function(fairlead_library_part option target what library package name)
    cmake_parse_arguments(PARSE_ARGV 6 part "" "" "SOURCES;OTHERWISE")
    fairlead_optional_part(${option} ${target} "${what}" ${library} ${package})
    string(TOLOWER ${option}_requires requires)
    if(${option})
        set(${requires} ${name} PARENT_SCOPE)
        target_sources(fairlead PRIVATE ${part_SOURCES})
        target_link_libraries(fairlead PRIVATE ${target})
    else()
        set(${requires} "" PARENT_SCOPE)
        target_sources(fairlead PRIVATE ${part_OTHERWISE})
    endif()
endfunction()
