# Capture files for the command, and what only they need: libpcap. They are there where it is, unless FAIRLEAD_PCAP says otherwise.

include(fairlead_plain_library)
include(fairlead_optional_part)
fairlead_plain_library(fairlead::pcap pcap/pcap.h pcap)
fairlead_optional_part(FAIRLEAD_PCAP fairlead::pcap "Capture files (fairlead decode FILE)" libpcap libpcap-dev)
