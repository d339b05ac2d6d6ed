#pragma once

#include "manual/command_page.hpp"

namespace fairlead::command {

/// Returns the page of section 7 about the URLs that `url::parse` reads. It refers to the pages of the subcommands that take one.
manual_page url_page(const described_command& program, const manual_edition& edition);

/// Returns the page of section 7 about the framings that `parse_framing` reads. The bytes that it shows are encoded by them.
manual_page framing_page(const described_command& program, const manual_edition& edition);

} // namespace fairlead::command
