/* What each step calls. */
#ifndef PERFORM_H
#define PERFORM_H

#include "player.h"

/* Carries out one step, and then waits until everything it caused was told. */
struct trouble perform(struct player *player, const struct step *step);

#endif
