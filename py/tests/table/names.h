/* What the two halves of the extension `names` know of each other. */
#ifndef NAMES_H
#define NAMES_H

#ifdef __cplusplus
extern "C" {
#endif

typedef void (*function)(void);

struct named {
    const char *name;
    function address;
};

/* Every function of backstay.h as the file in C++ sees it; the last has no name. After backstay_import(). */
const struct named *cpp_names(void);

/* How an instance ended that lived through backstay.hpp, or what was thrown. */
const char *cpp_life(void);

#ifdef __cplusplus
}
#endif

#endif
