# Compressed messages, and what only they need: zstd. They are there where it is, unless FAIRLEAD_ZSTD says otherwise.

include(fairlead_zstd_library)
include(fairlead_optional_part)
fairlead_optional_part(FAIRLEAD_ZSTD fairlead::libzstd "Compressed messages" zstd libzstd-dev)

set(fairlead_zstd_requires "")
if(FAIRLEAD_ZSTD)
    set(fairlead_zstd_requires libzstd) # for pkg-config
    target_sources(fairlead PRIVATE src/layers/zstd_frame.cpp)
    target_link_libraries(fairlead PRIVATE fairlead::libzstd)
else()
    target_sources(fairlead PRIVATE src/layers/without_zstd.cpp)
endif()
