# Exit hooks that run after ours find their host closed, and get a new one whose entry points say why they do not run.
# status: 0
import atexit


@atexit.register
def after():
    done = []
    try:
        host.register("late", print)
    except backstay.Closed:
        done.append("closed")
    late = backstay.Host(grace=5)
    instance = late.register("late", lambda instance: None).fire()
    try:
        instance.wait(5).check()
    except backstay.TaskFailed as failed:
        done.append(str(failed))
    late.register("held", lambda instance: None).fire()
    assert done == ["closed", "task 'late' failed: the Python interpreter is going down"], done


import backstay  # its hook runs first, since it is registered last

host = backstay.Host()
host.register("short", lambda instance: None).fire()
