# Compressed messages, and what only they need: zstd. They are there where it is, unless FAIRLEAD_ZSTD says otherwise.

include(fairlead_zstd_library)
set(fairlead_zstd_default OFF)
if(TARGET fairlead::libzstd)
    set(fairlead_zstd_default ON)
endif()
option(FAIRLEAD_ZSTD "Compressed messages: needs zstd" ${fairlead_zstd_default})

set(fairlead_zstd_requires "")
if(FAIRLEAD_ZSTD)
    if(NOT TARGET fairlead::libzstd)
        message(FATAL_ERROR "Compressed messages need zstd; on Debian install libzstd-dev, or leave them out with \
-DFAIRLEAD_ZSTD=OFF")
    endif()
    set(fairlead_zstd_requires libzstd) # for pkg-config
    target_sources(fairlead PRIVATE src/layers/zstd_frame.cpp)
    target_link_libraries(fairlead PRIVATE fairlead::libzstd)
else()
    target_sources(fairlead PRIVATE src/layers/without_zstd.cpp)
endif()
