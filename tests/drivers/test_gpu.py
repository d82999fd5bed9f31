"""GPU drivers: NVIDIA's through a library in its place, AMD's and Apple's through their files."""

import json
import os
import plistlib
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from command_center.domain.errors import MachineError
from command_center.domain.machine import GpuLoad, Process
from command_center.drivers.gpu import PROBE_SECONDS, SIMULATED, Gpus
from command_center.drivers.gpu.amd import AmdDriver
from command_center.drivers.gpu.apple import told_by
from command_center.drivers.gpu.simulated import SimulatedDriver
from tests.gitrepo import write

READ = """
import json, msgspec
from command_center.drivers.gpu import Gpus
gpus = Gpus({})
found = [gpus.read()]
import ctypes
ctypes.CDLL(None).setenv(b"NVML_LOST", b"1", 1)
found.append(gpus.read())
gpus.close()
print(json.dumps([msgspec.to_builtins(found), gpus.absent, gpus.is_broken]))
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a management library of two GPUs."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs a C compiler and Linux")
    folder = tmp_path_factory.mktemp("nvml")
    source = Path(__file__).with_name("nvml.c")
    made = folder / "libnvidia-ml.so.1"
    subprocess.run((compiler, "-shared", "-fPIC", "-o", made, source), check=True)
    return folder


def read_by(library: Path, **env: str) -> tuple[list[list[GpuLoad]], str, bool]:
    done = subprocess.run(
        (sys.executable, "-c", READ),
        env={**os.environ, "LD_LIBRARY_PATH": str(library), **env},
        capture_output=True,
        text=True,
        check=True,
    )
    found, absent, is_broken = json.loads(done.stdout)
    return msgspec.convert(found, list[list[GpuLoad]]), absent, is_broken


def test_every_counter_of_nvidia_is_told_in_our_units(library: Path) -> None:
    found, absent, is_broken = read_by(library)
    first, second = found[0]
    assert (absent, is_broken) == ("", False)
    assert first == GpuLoad(
        "0",
        uuid="GPU-1a2b",
        name="NVIDIA H200",
        driver="nvidia",
        use=87.0,
        memory_used=250,
        memory_total=1000,
        memory_use=40.0,
        watts=612.345,
        watts_limit=700.0,
        celsius=71,
        fan=55,
        clock=1980,
        clock_most=1995,
        memory_clock=3201,
        throttle=("power limit", "heat"),
        is_hot=True,
        processes=(Process(100), Process(101, memory=64), Process(102, memory=64)),
    )
    assert (second.fan, second.throttle, second.is_hot) == (None, (), False)


def test_a_gpu_that_is_lost_takes_no_other_with_it(library: Path) -> None:
    (_, (first, second)), _, _ = read_by(library)
    assert first.use == 87.0
    assert (second.id, second.use, second.watts) == ("1", None, None)


def test_a_driver_that_does_not_fit_its_library_is_a_problem_and_not_absence(
    library: Path,
) -> None:
    found, absent, is_broken = read_by(library, NVML_MISMATCH="1")
    assert found == [[], []]
    assert is_broken
    assert absent.startswith("the driver of NVIDIA's GPUs gives no answer: ")


def test_a_simulated_gpu_is_labelled_and_its_file_read_again(tmp_path: Path) -> None:
    file = tmp_path / "gpus.json"
    write(file, '{"frames": [[{"id": "0", "use": 5.0, "driver": "nvidia"}]]}')
    gpus = Gpus({SIMULATED: str(file)})
    assert gpus.read() == (GpuLoad("0", use=5.0, driver="simulated"),)
    assert gpus.is_simulated
    write(file, '{"frames": [[{"id": "0", "use": 15.0}]]}')
    assert [gpu.use for gpu in gpus.read()] == [15.0]


def test_a_film_of_gpus_goes_on_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "gpus.json"
    frames = ", ".join(f'[{{"id": "0", "use": {use}}}]' for use in range(50))
    write(file, f'{{"step_s": 0.001, "frames": [{frames}]}}')
    driver = SimulatedDriver(str(file))
    assert len({driver.read()[0].use for _ in range(2000)}) > 1


def test_a_broken_driver_is_asked_again_a_minute_later(tmp_path: Path) -> None:
    file, now = tmp_path / "gpus.json", 0.0
    gpus = Gpus({SIMULATED: str(file)}, clock=lambda: now)
    assert gpus.read() == ()
    assert gpus.is_broken
    write(file, '{"frames": [[{"id": "0"}]]}')
    assert gpus.read() == ()
    now = PROBE_SECONDS
    assert [gpu.id for gpu in gpus.read()] == ["0"]
    assert (gpus.absent, gpus.is_broken) == ("", False)


def test_amds_files_are_told_in_our_units(tmp_path: Path) -> None:
    card = tmp_path / "devices" / "0000:03:00.0"
    for name, text in {
        "vendor": "0x1002\n",
        "device": "0x744c\n",
        "gpu_busy_percent": "37\n",
        "mem_busy_percent": "12\n",
        "mem_info_vram_used": "2048\n",
        "mem_info_vram_total": "8192\n",
        "hwmon/hwmon3/power1_average": "95000000\n",
        "hwmon/hwmon3/power1_cap": "303000000\n",
        "hwmon/hwmon3/temp1_input": "54000\n",
        "hwmon/hwmon3/freq1_input": "1500000000\n",
    }.items():
        write(card / name, text)
    link = tmp_path / "class" / "drm" / "card0" / "device"
    link.parent.mkdir(parents=True)
    link.symlink_to(card)
    write(tmp_path / "class" / "drm" / "card0-DP-1" / "status", "connected\n")
    kfd = tmp_path / "class" / "kfd" / "kfd"
    write(kfd / "topology" / "nodes" / "0" / "properties", "cpu_cores_count 16\nlocation_id 0\n")
    write(kfd / "topology" / "nodes" / "0" / "gpu_id", "0\n")
    write(kfd / "topology" / "nodes" / "1" / "properties", "location_id 768\ndomain 0\n")
    write(kfd / "topology" / "nodes" / "1" / "gpu_id", "4711\n")
    write(kfd / "proc" / "99" / "vram_4711", "1024\n")
    driver = AmdDriver.found(tmp_path)
    assert driver is not None
    assert driver.read() == (
        GpuLoad(
            "0",
            name="AMD GPU 0x744c",
            driver="amd",
            use=37.0,
            memory_used=2048,
            memory_total=8192,
            memory_use=12.0,
            watts=95.0,
            watts_limit=303.0,
            celsius=54.0,
            clock=1500,
            processes=(Process(99, memory=1024),),
        ),
    )


def test_a_machine_without_amds_gpus_has_no_such_driver(tmp_path: Path) -> None:
    assert AmdDriver.found(tmp_path) is None


def test_what_a_mac_tells_of_its_gpu_is_read() -> None:
    statistics = {"Device Utilization %": 23, "In use system memory": 4096, "Other": 1}
    told = plistlib.dumps([{"model": "Apple M4", "PerformanceStatistics": statistics}])
    assert told_by(told) == (
        GpuLoad("0", name="Apple M4", driver="apple", use=23.0, memory_used=4096),
    )
    assert told_by(b"") == ()


def test_another_language_of_a_macs_registry_is_a_problem() -> None:
    with pytest.raises(MachineError, match="another language"):
        told_by(b"<plist><dict></plist>")
