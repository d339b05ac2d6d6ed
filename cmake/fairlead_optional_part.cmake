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
