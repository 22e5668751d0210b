"""molotov.shared: counters of forked processes."""

import multiprocessing

import pytest

from molotov.shared.counter import Counter, Counters


def test_a_counter_counts_and_compares() -> None:
    counter = Counter("runs")
    assert counter == 0
    counter += 5
    counter -= 2
    other = Counter("others")
    other.value = 3
    assert counter == other == 3
    assert counter != 4
    assert counter > 2 and counter >= other and counter < 4 and counter <= 3
    assert repr(counter) == "<Counter 3>"


def test_a_counter_has_64_bits() -> None:
    counter = Counter("bytes")
    counter.value = 1 << 40
    counter += 1
    assert counter.value == (1 << 40) + 1


def test_what_is_no_integer() -> None:
    counter = Counter("runs")
    with pytest.raises(NotImplementedError):
        counter += 1.5
    with pytest.raises(NotImplementedError):
        counter -= "1"
    with pytest.raises(TypeError):
        counter.value = 1.5  # type: ignore[assignment]
    with pytest.raises(TypeError):
        assert counter == 1.5
    with pytest.raises(TypeError):
        assert counter < 1.5
    assert counter == 0


def test_the_names_of_counters_are_fixed() -> None:
    counters = Counters("OK", "FAILED")
    counters["OK"] += 1
    counters["FAILED"] = 7
    assert counters.to_dict() == {"OK": 1, "FAILED": 7}
    assert list(counters) == list(counters.keys()) == ["OK", "FAILED"]
    assert [counter.value for counter in counters.values()] == [1, 7]
    assert "OK" in counters and "other" not in counters
    with pytest.raises(KeyError):
        counters["other"] = 1
    with pytest.raises(KeyError):
        counters["other"] += 1
    with pytest.raises(TypeError):
        counters["OK"] = 1.5  # type: ignore[assignment]


def test_processes_lose_no_update() -> None:
    counters = Counters("OK")

    def count() -> None:
        for _ in range(300):
            counters["OK"] += 1

    fork = multiprocessing.get_context("fork")
    processes = [fork.Process(target=count) for _ in range(10)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert counters["OK"] == 3000
