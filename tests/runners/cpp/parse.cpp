#include "parse.hpp"

#include "names.hpp"
#include "options.hpp"

#include <algorithm>
#include <map>

namespace scenarios {
namespace {

std::string task_name(Words &rest) { return rest.word("the name of a task"); }
std::string instance_name(Words &rest) { return rest.word("the name of an instance"); }

/// `as I`. The words that follow `expect` and `suspend` are taken, since an instance of that name could not be meant.
std::string new_name(Words &rest) {
    rest.keyword("as");
    std::string name = rest.word("the name of the instance");
    if (name == "host" || name == "task") {
        throw Fault("an instance cannot be called " + quoted(name) + "; choose another name");
    }
    return name;
}

Target target_of(Words &rest) {
    std::string word = rest.word("host, task NAME or the name of an instance");
    if (word == "host") return target::Host();
    if (word == "task") return target::Task{task_name(rest)};
    return target::Instance{std::move(word)};
}

/// `LABEL of I`.
template <class Ending> Ending ending(Words &rest) {
    Ending ending;
    ending.label = rest.word("a label");
    rest.keyword("of");
    ending.instance = instance_name(rest);
    return ending;
}

step::Fail failing(Words &rest) {
    auto fail = ending<step::Fail>(rest);
    fail.text = rest.text("the text of the error");
    return fail;
}

step::Unregister unregister(Words &rest) {
    step::Unregister step{task_name(rest), rest.are_left()};
    const std::string word = step.cancel ? rest.rest().front() : "cancel";
    if (word != "cancel") throw unknown(word);
    return step;
}

Step expect(Words &rest) {
    const Target target = target_of(rest);
    if (const auto *task = std::get_if<target::Task>(&target)) {
        return step::ExpectTask{task->task, read_expected_task(rest)};
    }
    if (const auto *instance = std::get_if<target::Instance>(&target)) {
        return step::ExpectInstance{instance->instance, read_expected_instance(rest)};
    }
    return step::ExpectHost{read_expected_host(rest)};
}

template <class What> using Readers = std::map<std::string_view, What (*)(Words &)>;

// Members of a braced list are read from left to right, as the words stand there.
const Readers<Step> STEPS = {
    {"host", [](Words &rest) -> Step { return read_host(rest); }},
    {"condition", [](Words &rest) -> Step {
         return step::Condition{rest.word("the name of a condition"), value(ON_OFF, rest.word("on or off"))};
     }},
    {"task", [](Words &rest) -> Step { return read_task(rest); }},
    {"fire", [](Words &rest) -> Step { return step::Fire{task_name(rest), new_name(rest), read_details(rest)}; }},
    {"raise", [](Words &rest) -> Step { return step::Raise{rest.word("the name of an event"), read_details(rest)}; }},
    {"new", [](Words &rest) -> Step { return step::New{task_name(rest), new_name(rest)}; }},
    {"go", [](Words &rest) -> Step { return step::Go{instance_name(rest)}; }},
    {"defer", [](Words &rest) -> Step { return ending<step::Defer>(rest); }},
    {"complete", [](Words &rest) -> Step { return ending<step::Complete>(rest); }},
    {"drop", [](Words &rest) -> Step { return ending<step::Drop>(rest); }},
    {"fail", [](Words &rest) -> Step { return failing(rest); }},
    {"progress", [](Words &rest) -> Step {
         return step::Progress{instance_name(rest), number<uint32_t>(rest.word("a number"))};
     }},
    {"cancel", [](Words &rest) -> Step {
         return step::Cancel{instance_name(rest), reason(rest.word("a reason"))};
     }},
    {"suspend", [](Words &rest) -> Step { return step::Suspend{target_of(rest), read_cause(rest)}; }},
    {"resume", [](Words &rest) -> Step { return step::Resume{target_of(rest)}; }},
    {"unregister", [](Words &rest) -> Step { return unregister(rest); }},
    {"enable", [](Words &rest) -> Step { return step::Enable{task_name(rest)}; }},
    {"advance", [](Words &rest) -> Step { return step::Advance{duration(rest.word("a duration"))}; }},
    {"drain", [](Words &rest) -> Step { return step::Drain{duration(rest.word("a duration"))}; }},
    {"shutdown", [](Words &rest) -> Step { return step::Shutdown{duration(rest.word("a duration"))}; }},
    {"joined", [](Words &rest) -> Step { return read_joined(rest); }},
    {"expect", expect},
    {"trace", [](Words &rest) -> Step { return step::Trace{rest.headed("the name of an instance"), rest.rest()}; }},
};

const Readers<Act> ACTS = {
    {"defer", [](Words &rest) -> Act { return act::Defer{rest.word("a label")}; }},
    {"complete", [](Words &rest) -> Act { return act::Complete{rest.word("a label")}; }},
    {"progress", [](Words &rest) -> Act { return act::Progress{number<uint32_t>(rest.word("a number"))}; }},
    {"hold", [](Words &) -> Act { return act::Hold(); }},
    {"checkpoint", [](Words &) -> Act { return act::Checkpoint(); }},
    {"fail", [](Words &rest) -> Act { return act::Fail{rest.text("the text of the error")}; }},
    {"panic", [](Words &) -> Act { return act::Panic(); }},
    {"unregister", [](Words &) -> Act { return act::Unregister(); }},
    {"fire", [](Words &rest) -> Act { return act::Fire{task_name(rest)}; }},
    {"return", [](Words &) -> Act { return act::Return(); }},
};

template <class What> What read(const Readers<What> &readers, std::string_view what, Words &rest) {
    const std::string kind = rest.word(what);
    const auto reader = readers.find(kind);
    // "a step" or "an act".
    if (reader == readers.end()) throw Fault("unknown" + std::string(what.substr(what.find(' '))) + ' ' + quoted(kind));
    What found = reader->second(rest);
    rest.end();
    return found;
}

/// `run NAME: ACT; ACT; …`, of which the separators are only known before the quotes are gone.
step::Run run(std::string_view text) {
    step::Run run;
    for (const std::string_view part : parts(text, ';')) {
        Words rest(part);
        if (part.data() == text.data()) {
            rest.keyword("run");
            run.task = rest.headed("the name of a task");
        }
        // Nothing stands behind the last `;`.
        if (rest.are_left()) run.acts.push_back(read(ACTS, "an act", rest));
    }
    return run;
}

Step step_of(std::string_view text) {
    Words rest(text);
    if (Words(rest).word("a step") == "run") return run(text);
    return read(STEPS, "a step", rest);
}

template <class Step, class... Kinds> constexpr bool is_one_of = (std::is_same_v<Step, Kinds> || ...);

/// Whether the library is asked for something that it can refuse.
bool can_be_refused(const Step &step) {
    return std::visit(
        [](const auto &kind) {
            using Kind = std::decay_t<decltype(kind)>;
            return !is_one_of<Kind, step::Run, step::New, step::Go, step::Joined, step::ExpectInstance,
                              step::ExpectTask, step::ExpectHost, step::Trace>;
        },
        step);
}

/// `refused CODE: STEP`, or a step that must not be refused.
Line line_of(std::size_t line, std::string_view text) {
    const auto is_refused = [](std::string_view step) { return Words(step).word("a step") == "refused"; };
    if (!is_refused(text)) return {line, std::nullopt, step_of(text)};
    Words rest(text);
    rest.keyword("refused");
    const backstay::Status refused = status(rest.headed("the name of a status"));
    // A status has no colon and no quote, so the first colon is the one behind it.
    const std::string_view step = text.substr(text.find(':') + 1);
    const Fault fault("this step is nothing that the library could refuse");
    if (is_refused(step)) throw fault;
    Line read{line, refused, step_of(step)};
    if (!can_be_refused(read.step)) throw fault;
    return read;
}

/// A host that was refused leaves no host behind, so another `host` may follow.
bool is_refused_host(const Line &line) { return line.refused && std::holds_alternative<step::Host>(line.step); }

} // namespace

std::vector<Line> parse(std::string_view text) {
    std::vector<Line> lines;
    for (std::size_t begin = 0, number = 1; begin < text.size(); number++) {
        const auto end = std::min(text.find('\n', begin), text.size());
        const std::string_view said = without_comment(text.substr(begin, end - begin));
        begin = end + 1;
        try {
            // A quote that is not closed is no empty line.
            if (!Words(said).are_left()) continue;
            lines.push_back(line_of(number, said));
        } catch (const Fault &fault) {
            throw Failure(number, fault.what());
        }
        const bool is_host = !lines.back().refused && std::holds_alternative<step::Host>(lines.back().step);
        if (is_host && !std::all_of(lines.begin(), lines.end() - 1, is_refused_host)) {
            throw Failure(number, "`host` stands once, before all other steps");
        }
    }
    return lines;
}

} // namespace scenarios
