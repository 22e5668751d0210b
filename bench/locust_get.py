"""What Locust runs, with its fast client, in an environment of its own: one GET
after the other, or so many a second by each user."""

import os

from locust import FastHttpUser, constant, constant_throughput, task

RATE = float(os.environ.get("TARGET_RATE", "0"))


class Getter(FastHttpUser):  # type: ignore[misc]
    wait_time = constant_throughput(RATE) if RATE else constant(0)

    @task  # type: ignore[untyped-decorator]
    def get(self) -> None:
        self.client.get(os.environ["TARGET_PATH"])
