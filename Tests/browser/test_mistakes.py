"""What the page says of the likeliest mistakes of the first hour: a wrong site in a camera's topic, a payload that no event
can be read from, a status that is not retained. The log, /status and `andon check`: Tests/deploy/test_likely_mistakes.py."""
import json
import subprocess
import unittest

from plant import Plant
from test_dashboard import CONTRAST, LABELS, Page


class MistakeTest(Page):
    @classmethod
    def make_plant(cls):
        return Plant()

    def publish(self, topic, message, *options):
        subprocess.run(["mosquitto_pub", "-p", str(self.plant.broker_port), "-q", "1", "-t", topic, "-m", message, *options],
                       check=True, timeout=30)

    def test_1_all_is_rejected(self):
        self.publish("andon/v1/plant-a/camera/cam-01/event", '{"worker":"W1","state":"busy"}')
        self.publish("andon/v1/plant-a/camera/cam-01/event", "hello")
        self.open("/#/plant-a/board")
        self.wait("the banner", lambda: "All 2 messages so far were rejected." in self.text("#banner"), 40)
        self.assertFalse(self.script(CONTRAST) + self.script(LABELS))
        self.driver.find_element("css selector", "#banner [data-key=all-rejected] a").click()
        self.wait("the reasons", lambda: len(self.all(".rejected-list > li")) == 2)
        # The first good event ends it.
        self.publish("andon/v1/plant-a/camera/cam-01/event", json.dumps(self.plant.event("W1")))
        self.wait("no banner", lambda: "were rejected" not in self.text("#banner"), 40)

    def test_2_a_site_that_is_not_configured(self):
        # Retained, so that a look sees it for certain, as it sees a camera that sends all the time.
        self.publish("andon/v1/plant-aa/camera/cam-09/event", json.dumps(self.plant.event("W1")), "-r")
        self.open("/#/plant-a/board")
        words = "A camera sends to andon/v1/plant-aa/camera/cam-09/event: the site plant-aa is not configured"
        self.wait("the banner", lambda: words in self.text("#banner"), 60)
        self.assertFalse(self.script(CONTRAST) + self.script(LABELS))
        self.open("/#/plant-a/bridge")
        self.wait("the list", lambda: any(words in line for line in self.all(".to-mend li")))

    def test_3_a_status_that_is_not_retained(self):
        self.publish("andon/v1/plant-a/camera/cam-01/status", "online")
        self.open("/#/plant-a/bridge")
        self.wait("the list", lambda: any("plant-a: camera cam-01 published a status that is not retained" in line for line in self.all(".to-mend li")), 60)
        self.assertFalse(self.script(CONTRAST) + self.script(LABELS))


if __name__ == "__main__":
    unittest.main()
