# The engine on io_uring: see docs/engines.md.

set(fairlead_has_io_uring ${FAIRLEAD_IO_URING})
if(NOT FAIRLEAD_IO_URING)
    return()
endif()

find_path(FAIRLEAD_LIBURING_INCLUDE_DIR liburing.h)
find_library(FAIRLEAD_LIBURING_LIBRARY uring)
mark_as_advanced(FAIRLEAD_LIBURING_INCLUDE_DIR FAIRLEAD_LIBURING_LIBRARY)
if(NOT FAIRLEAD_LIBURING_INCLUDE_DIR OR NOT FAIRLEAD_LIBURING_LIBRARY)
    message(FATAL_ERROR "The engine on io_uring needs liburing 2.3 or newer; on Debian install liburing-dev, or leave it out \
with -DFAIRLEAD_IO_URING=OFF")
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
