"""Processes that always end together, and are started again when they die."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

RUNNER = """
import sys
from creditscore.run import processes
processes.STOP_SECONDS, processes.PAUSES, processes.STEADY_SECONDS = 1, (0.1, 0.2), 2
with processes.Processes() as all_of_them:
    for number, script in enumerate(sys.argv[2:]):
        all_of_them.start(f"process {number}", ["sh", "-c", script], restarts=sys.argv[1] == "restarts")
    print("started", flush=True)
    try:
        while True:
            all_of_them.watch()
    except processes.StopRequested:
        print("stopped")
    except processes.ProcessDied as error:
        sys.exit(str(error))
"""
# Its child would outlive it, because a killed process cannot stop its children.
WITH_CHILD = "echo $$ >> pids; sleep 600 & echo $! >> pids; wait"
STUBBORN = "trap '' TERM; echo $$ >> pids; while true; do sleep 0.1; done"


def start(folder: Path, *scripts: str, restarts: bool = False) -> "subprocess.Popen[str]":
    runner = subprocess.Popen(
        [sys.executable, "-c", RUNNER, "restarts" if restarts else "ends", *scripts],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(settings.BASE_DIR)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert runner.stdout
    assert runner.stdout.readline() == "started\n"
    return runner


def alive(folder: Path) -> list[int]:
    """Those of the processes that run; zombies, whose new parent has not looked yet, do not."""
    pids = [int(line) for line in (folder / "pids").read_text().split()]
    return [pid for pid in pids if Path(f"/proc/{pid}").exists() and _state(pid) != "Z"]


def test_they_share_a_session(tmp_path: Path) -> None:
    """Else Linux would divide processor time among them first, and none would give way to another one."""
    script = 'ps -o sid= -o pgid= -p $$ > "$0.part" && mv "$0.part" "$0"; sleep 600'
    runner = start(tmp_path, *(script.replace("$0", name) for name in ("one", "two")))
    deadline = time.monotonic() + 120
    while len(found := [*tmp_path.glob("one"), *tmp_path.glob("two")]) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    (one, group), (two, other) = (map(int, file.read_text().split()) for file in found)
    runner.send_signal(signal.SIGTERM)
    runner.communicate()
    assert one == two == os.getsid(0)
    assert group != other


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0]
    except OSError:
        return "Z"


def wait_for_pids(folder: Path, count: int) -> None:
    deadline = time.monotonic() + 120
    file = folder / "pids"
    while not (file.exists() and len(file.read_text().split()) == count):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all_of_them(tmp_path: Path, number: signal.Signals) -> None:
    runner = start(tmp_path, WITH_CHILD, STUBBORN)
    wait_for_pids(tmp_path, 3)
    runner.send_signal(number)
    output, _ = runner.communicate(timeout=120)
    assert (runner.returncode, output) == (0, "stopped\n")
    assert alive(tmp_path) == []


def test_more_signals_do_not_cut_the_end_short(tmp_path: Path) -> None:
    runner = start(tmp_path, WITH_CHILD, STUBBORN)
    wait_for_pids(tmp_path, 3)
    for _ in range(10):
        runner.send_signal(signal.SIGINT)
        time.sleep(0.05)
    output, _ = runner.communicate(timeout=120)
    assert (runner.returncode, output) == (0, "stopped\n")
    assert alive(tmp_path) == []


def test_when_one_dies_that_does_not_restart_the_others_end(tmp_path: Path) -> None:
    runner = start(tmp_path, WITH_CHILD, STUBBORN, "sleep 0.3; exit 7")
    output, _ = runner.communicate(timeout=120)
    assert (runner.returncode, output) == (1, "process 2 has ended with code 7\n")
    assert alive(tmp_path) == []


def test_one_that_dies_is_started_again_and_the_others_go_on(tmp_path: Path) -> None:
    runner = start(tmp_path, STUBBORN, "sleep 600 & echo $! >> pids; echo $$ >> pids; wait", restarts=True)
    wait_for_pids(tmp_path, 3)
    other, child, died = sorted_pids(tmp_path)
    os.kill(died, signal.SIGKILL)
    assert runner.stdout
    assert runner.stdout.readline() == "process 1 has ended with code -9. It is started again in 0.1 s.\n"
    wait_for_pids(tmp_path, 5)
    # The child of the one that died would use its port, or its queue.
    assert child not in alive(tmp_path)
    assert other in alive(tmp_path)
    assert len(alive(tmp_path)) == 3
    runner.terminate()
    assert runner.communicate(timeout=120)[0] == "stopped\n"
    assert alive(tmp_path) == []


def sorted_pids(folder: Path) -> list[int]:
    """That of the first process, then of the second one's child, then of the second."""
    pids = [int(line) for line in (folder / "pids").read_text().split()]
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_text() for pid in pids}
    return sorted(pids, key=lambda pid: ("trap" not in commands[pid], "echo" in commands[pid]))


def test_one_that_dies_again_and_again_ends_all(tmp_path: Path) -> None:
    runner = start(tmp_path, STUBBORN, "exit 7", restarts=True)
    output, _ = runner.communicate(timeout=120)
    assert output.splitlines() == [
        "process 1 has ended with code 7. It is started again in 0.1 s.",
        "process 1 has ended with code 7. It is started again in 0.2 s.",
        "process 1 has ended with code 7, 3 times in a row",
    ]
    assert runner.returncode == 1
    assert alive(tmp_path) == []


def test_a_steady_life_begins_a_new_row(tmp_path: Path) -> None:
    """It dies twice at once, then after a while, and so has used no more than its first pause."""
    runner = start(
        tmp_path, "echo x >> lives; test $(wc -l < lives) -le 2 || sleep 2.5; exit 7", restarts=True
    )
    assert runner.stdout
    pauses = [runner.stdout.readline().rpartition("in ")[2] for _ in range(4)]
    runner.terminate()
    runner.communicate(timeout=120)
    assert pauses == ["0.1 s.\n", "0.2 s.\n", "0.1 s.\n", "0.1 s.\n"]
