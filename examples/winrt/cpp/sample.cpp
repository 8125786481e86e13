// Microsoft's BackgroundTask sample on backstay, without its windows: what they would show is printed.
//
//   sample CASE
//   sample --list
#include "cases.hpp"

int main(int argc, char **argv) try {
    sample::Cases cases = sample::scenarios();
    cases.merge(sample::acceptance());
    const std::string name = argc == 2 ? argv[1] : "";
    if (name == "--list") {
        for (const auto &[listed, play] : cases) std::printf("%s\n", listed.c_str());
        return 0;
    }
    const auto found = cases.find(name);
    if (found == cases.end()) return std::fprintf(stderr, "usage: sample CASE, or --list\n"), 2;
    sample::System system;
    found->second(system);
    system.close();
    return 0;
} catch (const std::exception &error) {
    return std::fprintf(stderr, "sample: %s\n", error.what()), 1;
}
