#include "new/project_files.hpp"

#include "new/project_values.hpp"
#include "new/templates.hpp"

#include <map>

namespace fairlead::command {

namespace {

std::vector<std::string> layers_of(const project& chosen) {
    std::vector<std::string> layers{"common", chosen.handler};
    if (chosen.has_framing())
        layers.emplace_back(chosen.has_own_framing() ? "custom" : "framing");
    layers.push_back(chosen.transport);
    return layers;
}

} // namespace

std::vector<project_file> files_of(const project& chosen) {
    const template_values values = values_for(chosen);
    std::map<std::string, std::string> texts;
    for (const std::string& layer : layers_of(chosen)) {
        for (const template_file& each : templates()) {
            if (each.path.starts_with(layer + '/'))
                texts[fill(each.path.substr(layer.size() + 1), values)] = fill(each.text, values);
        }
    }
    std::vector<project_file> files;
    for (const auto& [path, text] : texts)
        files.push_back({path, text});
    return files;
}

} // namespace fairlead::command
