"""The thread that probes: it goes on whatever a probe raises, and stops when it is told to."""

import threading

from service.breaker import Breaker
from service.pool import Pool
from service.prober import Prober


class Engine:
    name = "http://engine"

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault, self.checked = fault, threading.Event()

    def check(self) -> None:
        self.checked.set()
        if self.fault:
            raise self.fault


def probing(engine: Engine) -> Prober:
    pool = Pool([engine], lambda: Breaker(lambda: 0.0, 3, 1.0))
    return Prober(pool.members, interval=0.001)


def test_it_probes_until_it_is_closed():
    prober = probing(engine := Engine())
    prober.start()
    for _ in range(3):
        assert engine.checked.wait(30)
        engine.checked.clear()
    prober.close()
    engine.checked.clear()
    prober.round()
    assert not engine.checked.is_set()


def test_a_probe_that_breaks_does_not_end_it():
    prober = probing(engine := Engine(ZeroDivisionError()))
    prober.start()
    for _ in range(3):
        assert engine.checked.wait(30)
        engine.checked.clear()
    prober.close()
