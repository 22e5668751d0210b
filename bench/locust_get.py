"""What Locust runs, with its fast client, in an environment of its own: one GET
after the other."""

import os

from locust import FastHttpUser, task


class Getter(FastHttpUser):  # type: ignore[misc]
    @task  # type: ignore[untyped-decorator]
    def get(self) -> None:
        self.client.get(os.environ["TARGET_PATH"])
