"""Keep one PostgreSQL running while any process uses its data folder: a program of its own, standard library only.

Started by `turnkeeper.store.embedded` with an order on the command line; it imports nothing of ours, so that it stays
small and starts in milliseconds. What it does is held by three locks (`flock`: the kernel frees them when a process
dies, however it dies):

users.lock     shared by every process that uses the data folder; the keeper gets it whole when the last one is gone
keeper.lock    whole, by the keeper, handed over locked by the process that starts it: there is never more than one
cluster.lock   whole, inherited by PostgreSQL and its children: while it is held, one of them still lives

When the last user is gone the keeper stops PostgreSQL while it holds users.lock whole, so that whoever joins meanwhile
waits and then starts anew. PostgreSQL is asked to stop when the keeper dies (Linux); elsewhere the next keeper finds
cluster.lock held and stops what is left.
"""

import ctypes
import fcntl
import os
import select
import signal
import sys
import threading
import time

LINGER_SECONDS = 0.2
"""How long PostgreSQL stays after its last user, so that commands in a row do not start it again each time."""
FAST_STOP_SECONDS = 10.0
HARD_STOP_SECONDS = 5.0
RESTART_SECONDS = (0.1, 0.5, 1.0, 2.0, 5.0)
LOG_BYTES = 5_000_000
TAIL_BYTES = 4_000
PR_SET_PDEATHSIG = 1


class Order:
    """What to keep, as the command line says it."""

    # A dataclass would be the house's way; importing it would double this process's start time.
    def __init__(self, arguments: list[str]) -> None:
        data_dir, program, cluster, uid, gid, lock_fd, report_fd = arguments
        self.data_dir = data_dir
        self.program = program
        self.cluster = cluster
        self.uid = int(uid)
        self.gid = int(gid)
        self.lock_fd = int(lock_fd)
        self.report_fd = int(report_fd)


class Log:
    """PostgreSQL's words, in `postgres.log` and at most one older file, and the last of them in memory."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.tail = b""
        self.file, self.size = self._open()

    def _open(self) -> tuple[int, int]:
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        return file, os.fstat(file).st_size

    def write(self, data: bytes) -> None:
        """Append, and begin a new file when this one is full. A full disk loses log lines, never the server."""
        self.tail = (self.tail + data)[-TAIL_BYTES:]
        try:
            if self.size > LOG_BYTES:
                os.replace(self.path, self.path + ".1")  # noqa: PTH105 (pathlib costs a third of this program's start)
                os.close(self.file)
                self.file, self.size = self._open()
            self.size += os.write(self.file, data)
        except OSError:
            return

    def reason(self) -> str:
        """The line that best says why PostgreSQL ended: the last fatal one, else the last one."""
        lines = [line.strip() for line in self.tail.decode("utf-8", "replace").splitlines() if line.strip()]
        fatal = [line for line in lines if any(word in line for word in ("FATAL:", "PANIC:", "could not", "error"))]
        return (fatal or lines or ["it said nothing"])[-1].rpartition("FATAL:")[2].strip()


class Keeper:
    """One PostgreSQL and the watch over its users."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.log = Log(order.data_dir + "/postgres.log")
        self.users = open_lock(order.data_dir + "/users.lock")
        self.cluster = open_lock(order.data_dir + "/cluster.lock")
        self.gone, self.gone_writer = os.pipe()
        self.pid = 0
        self.words = -1
        self.ready = False
        self.reported = False
        self.failures = 0

    def run(self) -> None:
        """Start PostgreSQL, keep it until the last user is gone, stop it."""
        if not take_cluster(self.cluster, self.order.cluster):
            self.report("failed another PostgreSQL still runs in this data folder and does not stop")
            return
        self.watch_users()
        self.start()
        while True:
            wait = None if self.ready else 0.005
            readable, _, _ = select.select([self.words, self.gone], [], [], wait)
            if not self.ready:
                self.look_whether_ready()
            if self.words in readable and not self.read_words() and not self.mend():
                return
            if self.gone in readable and self.take_leave():
                self.stop()
                return

    def start(self) -> None:
        self.words, writer = os.pipe()
        self.ready = False
        keeper = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                become_postgres(self.order, writer, self.cluster, keeper)
            except OSError as error:
                os.write(writer, f"FATAL: {self.order.program} could not be run: {error}\n".encode())
            finally:
                os._exit(127)
        os.close(writer)

    def look_whether_ready(self) -> None:
        # The eighth line of postmaster.pid is what pg_ctl waits for, too.
        try:
            with open(self.order.cluster + "/postmaster.pid", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
                lines = file.read().splitlines()
        except OSError:
            return
        if len(lines) >= 8 and lines[0].strip() == str(self.pid) and lines[7].strip() == "ready":
            self.ready = True
            self.failures = 0
            self.report("ready")

    def read_words(self) -> bool:
        """Move what PostgreSQL said to the log; false when its last process has ended."""
        data = os.read(self.words, 65_536)
        self.log.write(data)
        return bool(data)

    def mend(self) -> bool:
        """PostgreSQL ended by itself: start it again while there are users; false when it never came up."""
        os.close(self.words)
        os.waitpid(self.pid, 0)
        if not self.reported:
            self.report("failed " + self.log.reason())
            return False
        pause = RESTART_SECONDS[min(self.failures, len(RESTART_SECONDS) - 1)]
        self.failures += 1
        end = time.monotonic() + pause
        while (left := end - time.monotonic()) > 0:
            readable, _, _ = select.select([self.gone], [], [], left)
            if readable and self.take_leave():
                return False
        self.start()
        return True

    def watch_users(self) -> None:
        """Have a byte written to `gone` once no process uses the data folder; nothing is polled."""
        threading.Thread(target=self._wait_for_users, daemon=True).start()

    def _wait_for_users(self) -> None:
        fcntl.flock(self.users, fcntl.LOCK_EX)
        os.write(self.gone_writer, b".")

    def take_leave(self) -> bool:
        """Nobody is there: linger, then keep the users' lock whole if still nobody came."""
        os.read(self.gone, 1)
        fcntl.flock(self.users, fcntl.LOCK_UN)
        select.select([], [], [], LINGER_SECONDS)
        if try_lock(self.users):
            return True
        self.watch_users()
        return False

    def stop(self) -> None:
        """Fast shutdown, then harder ways if it does not end; returns when no process of PostgreSQL is left."""
        waits = ((signal.SIGINT, FAST_STOP_SECONDS), (signal.SIGQUIT, HARD_STOP_SECONDS), (signal.SIGKILL, 5.0))
        for number, seconds in waits:
            os.kill(self.pid, number)
            end = time.monotonic() + seconds
            while (left := end - time.monotonic()) > 0:
                readable, _, _ = select.select([self.words], [], [], left)
                if readable and not self.read_words():
                    os.waitpid(self.pid, 0)
                    return

    def report(self, word: str) -> None:
        """Tell the process that started us how it went, once."""
        if self.reported:
            return
        self.reported = True
        try:
            os.write(self.order.report_fd, word.encode())
        except OSError:
            pass  # It died; whoever joins next connects by itself.
        finally:
            os.close(self.order.report_fd)


def open_lock(path: str) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def take_cluster(lock: int, cluster: str) -> bool:
    """Wait until no PostgreSQL of an earlier keeper lives, stopping it if it does not stop by itself."""
    begun = time.monotonic()
    steps = [(0.0, signal.SIGINT), (FAST_STOP_SECONDS, signal.SIGQUIT), (15.0, signal.SIGKILL)]
    while not try_lock(lock):
        after = time.monotonic() - begun
        if steps and after >= steps[0][0]:
            stop_stale(cluster, steps.pop(0)[1])
        if after > 20:
            return False
        select.select([], [], [], 0.01)
    return True


def stop_stale(cluster: str, number: int) -> None:
    """Signal the postmaster that wrote postmaster.pid, if that process number still belongs to a PostgreSQL."""
    try:
        with open(cluster + "/postmaster.pid", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 (as above)
            pid = int(file.readline())
        if sys.platform == "linux" and "postgres" not in os.readlink(f"/proc/{pid}/exe"):  # noqa: PTH115
            return
        if pid > 1:
            os.kill(pid, number)
    except (OSError, ValueError):
        return


def become_postgres(order: Order, words: int, cluster_lock: int, keeper: int) -> None:
    """In the child: give up our rights, ask to be stopped with the keeper, and turn into PostgreSQL."""
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(words, 1)
    os.dup2(words, 2)
    os.set_inheritable(cluster_lock, True)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    os.umask(0o077)
    if order.uid >= 0:
        os.setgroups([])
        os.setgid(order.gid)
        os.setuid(order.uid)
    if sys.platform == "linux":
        # After setuid, which would undo it; SIGINT is PostgreSQL's fast shutdown.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0)
        if os.getppid() != keeper:
            return
    kept = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    # The words must come to us, whatever ALTER SYSTEM says.
    arguments = [order.program, "-D", order.cluster, "-c", f"config_file={order.data_dir}/postgresql.conf"]
    os.execve(order.program, [*arguments, "-c", "logging_collector=off"], environment)  # noqa: S606 (no shell is meant)


def main() -> None:
    """Leave the terminal and the parent, then keep."""
    if os.fork() > 0:
        os._exit(0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Its users decide: a service manager that signals everybody must not take the database from a draining server.
        signal.signal(number, signal.SIG_IGN)
    os.chdir("/")
    order = Order(sys.argv[1:])
    os.set_inheritable(order.lock_fd, False)
    os.set_inheritable(order.report_fd, False)
    Keeper(order).run()


if __name__ == "__main__":
    main()
