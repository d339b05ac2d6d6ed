# Defines fairlead::libzstd, the library of zstd, where it is found. The installed package includes this file too.

include(${CMAKE_CURRENT_LIST_DIR}/fairlead_plain_library.cmake)
fairlead_plain_library(fairlead::libzstd zstd.h zstd)
