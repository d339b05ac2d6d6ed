# Compressed messages, and what only they need: zstd. They are there where it is, unless FAIRLEAD_ZSTD says otherwise.

include(fairlead_zstd_library)
include(fairlead_optional_part)
fairlead_library_part(FAIRLEAD_ZSTD fairlead::libzstd "Compressed messages" zstd libzstd-dev libzstd
                      SOURCES src/layers/zstd_frame.cpp
                      OTHERWISE src/layers/without_zstd.cpp)
