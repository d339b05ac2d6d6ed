# Capture files for the command, and what only they need: libpcap. They are there where it is, unless FAIRLEAD_PCAP says otherwise.

find_path(FAIRLEAD_PCAP_INCLUDE_DIR pcap/pcap.h)
find_library(FAIRLEAD_PCAP_LIBRARY pcap)
mark_as_advanced(FAIRLEAD_PCAP_INCLUDE_DIR FAIRLEAD_PCAP_LIBRARY)
set(fairlead_pcap_default OFF)
if(FAIRLEAD_PCAP_INCLUDE_DIR AND FAIRLEAD_PCAP_LIBRARY)
    set(fairlead_pcap_default ON)
endif()
option(FAIRLEAD_PCAP "Capture files (fairlead decode FILE): needs libpcap" ${fairlead_pcap_default})
if(FAIRLEAD_PCAP)
    if(NOT FAIRLEAD_PCAP_INCLUDE_DIR OR NOT FAIRLEAD_PCAP_LIBRARY)
        message(FATAL_ERROR "Capture files need libpcap; on Debian install libpcap-dev, or leave them out with \
-DFAIRLEAD_PCAP=OFF")
    endif()
    add_library(fairlead::pcap INTERFACE IMPORTED)
    target_include_directories(fairlead::pcap INTERFACE ${FAIRLEAD_PCAP_INCLUDE_DIR})
    target_link_libraries(fairlead::pcap INTERFACE ${FAIRLEAD_PCAP_LIBRARY})
endif()
