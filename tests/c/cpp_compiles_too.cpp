// The second translation unit of cpp_compiles.
#include <backstay.h>
#include <backstay.h>

#include <cstddef>
#include <cstring>

backstay_status hold_elsewhere(backstay_instance instance, void *user_data);

// An entry point that looks at its own deferral. A failure shows as the outcome of the instance.
backstay_status hold_elsewhere(backstay_instance instance, void *user_data) {
    auto *holder = static_cast<backstay_holder *>(user_data);
    holder->struct_size = sizeof *holder;
    backstay_deferral deferral{};
    std::size_t count = 0;
    backstay_status status = backstay_instance_get_deferral(instance, BACKSTAY_STR("C++"), &deferral);
    if (status != BACKSTAY_OK) return status;
    status = backstay_instance_holders(instance, holder, 1, &count);
    if (status != BACKSTAY_OK || count != 1 || std::strcmp(holder->label, "C++") != 0) return BACKSTAY_FAILED;
    if (std::strstr(holder->file, "cpp_compiles_too.cpp") == nullptr) return BACKSTAY_FAILED;
    return backstay_deferral_complete(deferral);
}
