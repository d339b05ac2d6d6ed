# Defines fairlead::nats_c, the client library nats.c, where it is found. The installed package includes this file too.
# Debian's own CMake package of it names a static library that Debian does not ship, and so fails.

include(${CMAKE_CURRENT_LIST_DIR}/fairlead_plain_library.cmake)
fairlead_plain_library(fairlead::nats_c nats/nats.h nats)
