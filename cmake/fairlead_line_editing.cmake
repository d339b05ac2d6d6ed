# Line editing for the command, and what only it needs: libedit. It is there where libedit is, unless FAIRLEAD_LINE_EDITING says otherwise.

include(fairlead_plain_library)
include(fairlead_optional_part)
fairlead_plain_library(fairlead::libedit histedit.h edit)
fairlead_optional_part(FAIRLEAD_LINE_EDITING fairlead::libedit "Line editing and a history (fairlead talk)" libedit libedit-dev)
