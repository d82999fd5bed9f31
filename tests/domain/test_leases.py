"""Who gets which devices."""

from collections import Counter

from hypothesis import given, strategies as st

from command_center.domain.leases import Gpu, Grant, Pool, Price, Wait, leases
from command_center.domain.runs import Demand, Devices, Ration, Run, RunLife, RunOrder

GPUS = (Gpu("0", 80), Gpu("1", 80))


def run(
    number: int,
    demand: Demand | None = None,
    *,
    by: str = "cli",
    priority: int = 0,
    wall: float = 0.0,
    held: Devices | None = None,
) -> Run:
    order = RunOrder(
        ("x",), demand=demand or Demand(), priority=priority, ration=Ration(wall_s=wall)
    )
    life = RunLife.QUEUED if held is None else RunLife.RUNNING
    return Run(f"R{number}", order, float(number), by, life, devices=held)


def decided(pool: Pool, *runs: Run, blocked: dict[str, str] | None = None) -> dict[str, object]:
    """What each queued run gets: its GPUs and CPUs, or the reason for which it waits."""
    queued = [r for r in runs if r.life is RunLife.QUEUED]
    holding = [r for r in runs if r.life.holds_lease]
    words = leases(queued, holding, {"local": pool}, blocked or {})
    return {
        word.run: (*word.devices.gpus, word.devices.cpus)
        if isinstance(word, Grant)
        else word.reason
        for word in words
    }


def granted(pool: Pool, *runs: Run) -> list[str]:
    return [name for name, word in decided(pool, *runs).items() if isinstance(word, tuple)]


def test_the_oldest_go_first_and_the_rest_waits() -> None:
    found = decided(Pool(2), run(3), run(1), run(2))
    assert found == {"R1": (1,), "R2": (1,), "R3": "waits for 1 CPU slot"}


def test_priority_goes_before_age() -> None:
    assert granted(Pool(1), run(1), run(2, priority=1)) == ["R2"]


def test_priority_goes_before_fairness() -> None:
    held = run(1, by="ada", held=Devices())
    assert granted(Pool(2), held, run(2, by="bob"), run(3, by="ada", priority=1)) == ["R3"]


def test_who_holds_less_goes_before_who_came_earlier() -> None:
    held = run(1, by="ada", held=Devices())
    assert granted(Pool(2), held, run(2, by="ada"), run(3, by="bob")) == ["R3"]


def test_two_agents_take_turns() -> None:
    runs = [run(n, by="ada") for n in range(1, 5)] + [run(n, by="bob") for n in range(5, 9)]
    assert set(granted(Pool(4), *runs)) == {"R1", "R5", "R2", "R6"}


def test_a_whole_gpu_has_one_run() -> None:
    pool = Pool(8, GPUS)
    one = Demand(gpus=1)
    found = decided(pool, run(1, one), run(2, one), run(3, one))
    assert found == {"R1": ("0", 1), "R2": ("1", 1), "R3": "waits for 1 CPU slot and 1 GPU"}


def test_a_shared_gpu_is_filled_before_the_next_one() -> None:
    pool = Pool(8, GPUS, shares_gpus=True)
    half, whole = Demand(gpus=1, gpu_gib=40), Demand(gpus=1)
    found = decided(pool, run(1, half), run(2, half), run(3, whole), run(4, half))
    assert [found[name] for name in ("R1", "R2", "R3")] == [("0", 1), ("0", 1), ("1", 1)]
    assert found["R4"] == "waits for 1 CPU slot and 1 GPU with 40 GiB"


def test_nobody_shares_a_gpu_unless_it_is_allowed() -> None:
    half = Demand(gpus=1, gpu_gib=40)
    found = decided(Pool(8, GPUS), run(1, half), run(2, half))
    assert found == {"R1": ("0", 1), "R2": ("1", 1)}


def test_small_runs_do_not_starve_a_large_one() -> None:
    small, large = Demand(gpus=1), Demand(gpus=2)
    held = run(1, small, held=Devices(("0",)))
    assert granted(Pool(8, GPUS), held, run(2, large), run(3, small)) == []


def test_a_run_that_wants_something_else_is_not_held_up() -> None:
    held = run(1, Demand(gpus=2), held=Devices(("0", "1")))
    assert granted(Pool(8, GPUS), held, run(2, Demand(gpus=1)), run(3)) == ["R3"]


def test_what_can_never_be_had_is_said_and_holds_nobody_up() -> None:
    found = decided(Pool(2, GPUS), run(1, Demand(cpus=3)), run(2, Demand(gpus=3)), run(3))
    assert found == {
        "R1": "needs 3 CPU slots; there are 2",
        "R2": "needs 3 GPUs; there are 2",
        "R3": (1,),
    }
    big = Demand(gpus=1, gpu_gib=141)
    assert decided(Pool(2, GPUS), run(1, big)) == {"R1": "needs 1 GPUs with 141 GiB; there are 0"}


def test_a_blocked_run_keeps_no_place_free() -> None:
    found = decided(Pool(1), run(1), run(2), blocked={"R1": "waits for ada"})
    assert found == {"R1": "waits for ada", "R2": (1,)}


def test_a_cluster_takes_everything_and_decides_itself() -> None:
    pool = Pool(1, queues_itself=True)
    assert granted(pool, run(1, Demand(cpus=8)), run(2, Demand(gpus=4))) == ["R1", "R2"]


def test_money_is_a_lease_too() -> None:
    price = Price(cpu_hour=1.0, gpu_hour=0.0, left=1.5)
    found = decided(Pool(8, price=price), run(1, wall=3600), run(2, wall=3600), run(3))
    assert found == {
        "R1": (1,),
        "R2": "may cost 1.00 dollars, more than is left for today",
        "R3": "needs a limit of time, because runs cost money here",
    }


def test_an_executor_that_is_not_there_makes_its_runs_wait() -> None:
    [word] = leases([run(1)], [], {}, {})
    assert word == Wait("R1", "executor 'local' is not ready")


demands = st.builds(
    Demand,
    cpus=st.integers(1, 4),
    gpus=st.integers(0, 3),
    gpu_gib=st.sampled_from((0.0, 20.0, 40.0, 100.0)),
)


@given(st.lists(st.tuples(demands, st.integers(-1, 1), st.sampled_from("ab"))), st.booleans())
def test_devices_are_never_given_twice_and_answers_are_the_same_again(
    asked: list[tuple[Demand, int, str]], shares: bool
) -> None:
    pool = Pool(4, GPUS, shares_gpus=shares)
    queued = [
        run(number, demand, priority=priority, by=by)
        for number, (demand, priority, by) in enumerate(asked, 1)
    ]
    words = leases(queued, [], {"local": pool}, {})
    assert words == leases(list(reversed(queued)), [], {"local": pool}, {})
    assert sorted(word.run for word in words) == sorted(r.id for r in queued)
    grants = {word.run: word.devices for word in words if isinstance(word, Grant)}
    assert sum(devices.cpus for devices in grants.values()) <= 4
    use = Counter[str]()
    for one in queued:
        demand = one.order.demand
        devices = grants.get(one.id)
        if devices is None:
            continue
        assert (devices.cpus, len(set(devices.gpus))) == (demand.cpus, demand.gpus)
        for gpu in devices.gpus:
            use[gpu] += int(demand.gpu_gib) if shares and demand.gpu_gib else 80
    assert all(used <= 80 for used in use.values())


def test_a_cluster_takes_more_than_it_has_but_not_more_than_was_set() -> None:
    pool = Pool(1, queues_itself=True, most_runs=2)
    assert decided(pool, run(9, held=Devices()), run(1), run(3, priority=1)) == {
        "R3": (1,),
        "R1": "waits until fewer than 2 of ours are there",
    }


def test_a_cluster_costs_money_too() -> None:
    pool = Pool(1, queues_itself=True, price=Price(1.0, 0.0, 1.5))
    assert granted(pool, run(1, wall=3600), run(2, wall=3600)) == ["R1"]
