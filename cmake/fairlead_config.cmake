# Files of configuration for the command, and what only they need: toml++. It is there where toml++ is, unless FAIRLEAD_CONFIG says
# otherwise.

find_package(tomlplusplus 3.0 QUIET)
option(FAIRLEAD_CONFIG "Files of configuration (fairlead serve --config): needs toml++" ${tomlplusplus_FOUND})
if(FAIRLEAD_CONFIG AND NOT tomlplusplus_FOUND)
    message(FATAL_ERROR "Files of configuration need toml++; on Debian install libtomlplusplus-dev, or leave it out with -DFAIRLEAD_CONFIG=OFF")
endif()
