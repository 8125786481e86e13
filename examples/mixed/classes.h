// Which files are equal: first by fingerprint, then byte for byte.
#ifndef MIXED_CLASSES_H
#define MIXED_CLASSES_H

#include "job.h"

// Once every file has a fingerprint: makes the candidates, which are the files that share theirs with another one, in
// the order of their fingerprints. False when memory ran out.
bool classes_prepare(struct job *job);

// Puts one candidate into the class of the files that it equals, or into a new one, or notes why it cannot be read. 0,
// FILE_STOPPED or ENOMEM. Several threads may do this for candidates of one job.
int classes_decide(struct job *job, const struct candidate *candidate, const struct reader *reader);

#endif
