# Defines fairlead::nats_c, the client library nats.c, where it is found. The installed package includes this file too.
# Debian's own CMake package of it names a static library that Debian does not ship, and so fails.

if(NOT TARGET fairlead::nats_c)
    find_path(FAIRLEAD_NATS_INCLUDE_DIR nats/nats.h)
    find_library(FAIRLEAD_NATS_LIBRARY nats)
    mark_as_advanced(FAIRLEAD_NATS_INCLUDE_DIR FAIRLEAD_NATS_LIBRARY)
    if(FAIRLEAD_NATS_INCLUDE_DIR AND FAIRLEAD_NATS_LIBRARY)
        add_library(fairlead::nats_c INTERFACE IMPORTED)
        target_include_directories(fairlead::nats_c INTERFACE ${FAIRLEAD_NATS_INCLUDE_DIR})
        target_link_libraries(fairlead::nats_c INTERFACE ${FAIRLEAD_NATS_LIBRARY})
    endif()
endif()
