# Defines fairlead::libzstd, the library of zstd, where it is found. The installed package includes this file too.

if(NOT TARGET fairlead::libzstd)
    find_path(FAIRLEAD_ZSTD_INCLUDE_DIR zstd.h)
    find_library(FAIRLEAD_ZSTD_LIBRARY zstd)
    mark_as_advanced(FAIRLEAD_ZSTD_INCLUDE_DIR FAIRLEAD_ZSTD_LIBRARY)
    if(FAIRLEAD_ZSTD_INCLUDE_DIR AND FAIRLEAD_ZSTD_LIBRARY)
        add_library(fairlead::libzstd INTERFACE IMPORTED)
        target_include_directories(fairlead::libzstd INTERFACE ${FAIRLEAD_ZSTD_INCLUDE_DIR})
        target_link_libraries(fairlead::libzstd INTERFACE ${FAIRLEAD_ZSTD_LIBRARY})
    endif()
endif()
