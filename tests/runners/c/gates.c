#include "gates.h"

void gates_stand(struct stage *stage, struct run *run) {
    stage_lock(stage);
    run->gate = GATE_STANDING;
    stage_changed(stage);
    while (!stage->is_released && run->gate == GATE_STANDING) pthread_cond_wait(&stage->changed, &stage->mutex);
    run->gate = GATE_ELSEWHERE;
    stage_unlock(stage);
}

bool gates_wait_for(struct stage *stage, const struct run *run) {
    const struct timespec until = stage_time(PATIENCE);
    stage_lock(stage);
    bool is_in_time = true;
    while (run->gate != GATE_STANDING && is_in_time) is_in_time = stage_wait(stage, &until);
    const bool stands = run->gate == GATE_STANDING;
    stage_unlock(stage);
    return stands;
}

void gates_let_pass(struct stage *stage, struct run *run) {
    stage_lock(stage);
    run->gate = GATE_MAY_PASS;
    stage_changed(stage);
    stage_unlock(stage);
}

void gates_release(struct stage *stage) {
    stage_lock(stage);
    stage->is_released = true;
    stage_changed(stage);
    stage_unlock(stage);
}
