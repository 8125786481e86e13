// Plays scenario files through the C++ API: one line for each, `ok cpp NAME` or `FAILED cpp NAME line 7: expected …,
// saw …`, then how many passed and failed. Exits with 1 when one failed, with 2 when there is no file to play.
//
// The order to read the runner in:
//
//   step                           the steps as plain types
//   words, names, options, parse   from text to steps
//   play                           from steps to an answer: one thread, one watchdog, one host
//   perform                        what each step calls; opening for hosts and tasks
//   expect                         what each expectation looks at
//   stage                          what the steps and the running tasks share: traces, gates, deferrals
//   entry                          the entry point of every task
#include "play.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <vector>

namespace {

std::string read(const std::filesystem::path &path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    // An empty file gives nothing, which is no failure to read it.
    if (file && file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
    if (file.bad() || !file.is_open()) {
        throw scenarios::Failure(0, std::string("the file cannot be read: ") + std::strerror(errno));
    }
    return text.str();
}

bool passes(const std::filesystem::path &path) {
    const std::string name = path.stem().string();
    try {
        scenarios::play(read(path));
    } catch (const scenarios::Failure &failure) {
        std::cout << "FAILED cpp " << name << ' ' << failure.what() << std::endl;
        return false;
    }
    std::cout << "ok cpp " << name << std::endl;
    return true;
}

} // namespace

int main(int count, char *arguments[]) {
    const std::vector<std::string> files(arguments + std::min(count, 1), arguments + count);
    const auto is_option = [](const std::string &file) { return file.compare(0, 1, "-") == 0; };
    if (files.empty() || std::any_of(files.begin(), files.end(), is_option)) {
        std::cerr << "usage: backstay-scenarios-cpp FILE.scn …\n";
        return 2;
    }
    const auto passed = std::count_if(files.begin(), files.end(), passes);
    const auto failed = static_cast<std::ptrdiff_t>(files.size()) - passed;
    std::cout << passed << " passed, " << failed << " failed" << std::endl;
    return failed == 0 ? 0 : 1;
}
