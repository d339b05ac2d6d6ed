# The engine on io_uring, where liburing is found or FAIRLEAD_IO_URING asks for it.

set_property(CACHE FAIRLEAD_IO_URING PROPERTY STRINGS AUTO ON OFF)
set(fairlead_has_io_uring OFF)
if(FAIRLEAD_IO_URING)
    find_path(FAIRLEAD_LIBURING_INCLUDE_DIR liburing.h)
    find_library(FAIRLEAD_LIBURING_LIBRARY uring)
    mark_as_advanced(FAIRLEAD_LIBURING_INCLUDE_DIR FAIRLEAD_LIBURING_LIBRARY)
    if(FAIRLEAD_LIBURING_INCLUDE_DIR AND FAIRLEAD_LIBURING_LIBRARY)
        set(fairlead_has_io_uring ON)
    elseif(NOT FAIRLEAD_IO_URING STREQUAL "AUTO")
        message(FATAL_ERROR "The engine on io_uring needs liburing 2.3 or newer; on Debian install liburing-dev, or leave \
it out with -DFAIRLEAD_IO_URING=OFF")
    endif()
endif()
if(NOT fairlead_has_io_uring)
    return()
endif()

target_sources(fairlead PRIVATE
    src/runtime/ring.cpp
    src/runtime/ring_poller.cpp
)
target_compile_definitions(fairlead PRIVATE FAIRLEAD_IO_URING)
target_include_directories(fairlead SYSTEM PRIVATE ${FAIRLEAD_LIBURING_INCLUDE_DIR})
# By its name, for a static library leaves it to the program, on whatever machine that is linked.
cmake_path(GET FAIRLEAD_LIBURING_LIBRARY PARENT_PATH fairlead_liburing_directory)
target_link_directories(fairlead PRIVATE $<BUILD_INTERFACE:${fairlead_liburing_directory}>)
target_link_libraries(fairlead PRIVATE uring)
