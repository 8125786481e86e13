// What a firing carries arrives: text, bytes, and objects that only C++ can look into (F7).
#include "check.hpp"

using backstay::Details, backstay::Instance;

struct Photo {
    std::string name;
    std::shared_ptr<int> pixels;
};

// What an instance sees that is fired with these details.
static Details carried(const Details &details) {
    const backstay::Host host = manual_host();
    const backstay::Task task = add(host, "nothing", nothing);
    const Instance instance = task.fire(details);
    instance.wait(SOON);
    Details seen = instance.details();
    close(host);
    return seen;
}

static void nothing_is_nothing() {
    CHECK(carried({}).is_none() && !carried({}).as_text() && carried({}).as_bytes().empty());
}

static void text_is_text() {
    for (const char *text : {"photo.jpg", "", "gr\xc3\xbc\xc3\x9f"}) {
        const Details seen = carried(text);
        CHECK(seen.as_text() == text && seen.media_type() == "text/plain" && !seen.is_none() && !seen.is_opaque());
    }
    CHECK(carried(std::string("a\0b", 3)).as_text() == std::string_view("a\0b", 3));
    CHECK(carried(std::string_view("abc").substr(1)).as_text() == "bc");
    static_assert(!std::is_constructible_v<Details, std::nullptr_t>);
    static_assert(!std::is_convertible_v<int, Details> && !std::is_convertible_v<bool, Details>);
}

static void bytes_have_a_media_type() {
    const Details seen = carried(Details::bytes("image/jpeg", std::string("\xff\0\xff", 3)));
    CHECK(seen.media_type() == "image/jpeg" && seen.as_bytes() == std::string("\xff\0\xff", 3) && !seen.as_text());
    CHECK(carried(Details::bytes("", "raw")).media_type() == "application/octet-stream");
}

// `instance.details()` ends with the line: what is asked of it there must not be a view of it.
static void a_temporary_gives_its_text_away() {
    const std::string long_text(100, 'x');
    const auto text = carried(long_text).as_text();
    auto &&bytes = carried(Details::bytes("image/a-media-type-that-is-long", long_text)).as_bytes();
    auto &&media_type = carried(Details::bytes("image/a-media-type-that-is-long", long_text)).media_type();
    CHECK(text == long_text && bytes == long_text && media_type == "image/a-media-type-that-is-long");
}

static void an_object_is_shared_by_those_who_know_its_type() {
    const auto pixels = std::make_shared<int>(7);
    {
        const Details seen = carried(Details::object(Photo{"sea", pixels}));
        const std::shared_ptr<const Photo> photo = seen.as_object<Photo>();
        CHECK(seen.is_opaque() && photo && photo->name == "sea" && photo->pixels == pixels);
        CHECK(photo == seen.as_object<Photo>() && !seen.as_object<int>() && !seen.as_text());
        CHECK(!seen.as_object<const Photo>() && !carried("text").as_object<Photo>());
    }
    await([&] { return pixels.use_count() == 1; });
}

static backstay_status look(backstay_instance instance, void *user_data) {
    backstay_details details{};
    details.struct_size = sizeof details;
    const backstay_status status = backstay_instance_details(instance, &details);
    *static_cast<bool *>(user_data) = details.kind == BACKSTAY_DETAILS_OPAQUE && details.length == 0;
    return status;
}

static void c_sees_an_object_but_cannot_read_it() {
    const backstay::Host host = manual_host();
    bool is_opaque = false;
    backstay_task_options options{};
    options.struct_size = sizeof options;
    options.name = BACKSTAY_STR("of C");
    options.run = look;
    options.user_data = &is_opaque;
    backstay_task raw{};
    CHECK(backstay_task_register(host.handle(), &options, &raw, nullptr) == BACKSTAY_OK);
    const backstay::Task task = backstay::Task::adopt(raw);
    const backstay::Completion done = task.fire(Details::object(Photo{"sea", nullptr})).wait(SOON);
    CHECK(done.outcome == backstay::Outcome::Succeeded && is_opaque);
    close(host);
}

static void an_object_of_c_is_opaque() {
    const backstay::Host host = manual_host();
    int number = 7;
    backstay_details raw{};
    raw.struct_size = sizeof raw;
    raw.kind = BACKSTAY_DETAILS_OPAQUE;
    raw.object = &number;
    raw.object_type = &number;
    backstay_instance fired{};
    CHECK(backstay_task_fire(add(host, "nothing", nothing).handle(), &raw, &fired) == BACKSTAY_OK);
    const Instance instance = Instance::adopt(fired);
    CHECK(instance.details().is_opaque() && !instance.details().as_object<int>());
    instance.wait(SOON);
    close(host);
}

static void a_refused_firing_ends_the_object() {
    const auto pixels = std::make_shared<int>(7);
    CHECK_THROWS(InvalidHandle, backstay::Task().fire(Details::object(Photo{"sea", pixels})));
    CHECK(pixels.use_count() == 1);
}

TESTS(TEST(nothing_is_nothing), TEST(text_is_text), TEST(bytes_have_a_media_type), TEST(a_temporary_gives_its_text_away),
      TEST(an_object_is_shared_by_those_who_know_its_type), TEST(c_sees_an_object_but_cannot_read_it),
      TEST(an_object_of_c_is_opaque), TEST(a_refused_firing_ends_the_object))
