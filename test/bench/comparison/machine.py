"""The machine: what it is, which cores are used, how many connections it allows."""

import datetime
import json
import os
import pathlib
import platform
import re
import resource

RESERVED = 100  # descriptors for all that is no connection


def read(path):
    try:
        return pathlib.Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""


def cpu_model():
    match = re.search(r"^model name\s*:\s*(.+)$", read("/proc/cpuinfo"), re.MULTILINE)
    return (match[1] if match else platform.machine()) + (", virtual" if " hypervisor" in read("/proc/cpuinfo") else "")


def system():
    match = re.search(r'^PRETTY_NAME="?([^"\n]+)', read("/etc/os-release"), re.MULTILINE)
    return f"{match[1] if match else platform.system()}, Linux {platform.release()}"


def built_with(build):
    """Compiler and libraries, as CMake has written them down."""
    return json.loads(read(build / "test/bench/servers/built-with.json") or "{}")


def describe(build, cores):
    tools = built_with(build)
    pinned = (f"server on core {cores[0]}, load on core {cores[1]}" if len(cores) == 2
              else "one core for server and load alike")
    libraries = ", ".join(f"{name} {version}" for name, version in tools.get("libraries", {}).items())
    return (f"{datetime.date.today().isoformat()}; {cpu_model()}; {os.cpu_count()} cores ({pinned}); {system()}; "
            f"{tools.get('compiler', 'compiler unknown')}; {libraries}")


def describe_in_short():
    return f"{cpu_model()}, {os.cpu_count()} cores, Linux {platform.release()}, {datetime.date.today().isoformat()}"


def siblings(core):
    """The hardware threads that share a core with this one, as the kernel writes them."""
    return read(f"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list").strip() or str(core)


def choose_cores():
    """One core for the server and one for the load, of different real cores where there are; or the only one."""
    allowed = sorted(os.sched_getaffinity(0))
    others = [core for core in allowed[1:] if siblings(core) != siblings(allowed[0])] or allowed[1:]
    return [allowed[0], *others[:1]]


def raise_descriptor_limit():
    """As far as it goes; gives how many connections that leaves to a process."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return (1 << 20 if hard == resource.RLIM_INFINITY else hard) - RESERVED
