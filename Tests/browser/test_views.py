"""Every view of the dashboard in a real headless Chromium: sizes, themes, languages, keyboard, print, the past, an empty
site and a lost broker; and what trends, reports, stations, the page of an alert and the timeline of workers show."""

import base64
import csv
import pathlib
import re
import tempfile
import time
import unittest

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from plant import TOKEN, Plant
from test_board import HOUR, LINES, BoardPage, axe_source
from test_dashboard import CONTRAST, LABELS, Page

VIEWS = ("board", "plant", "stations", "timeline", "stops", "trends", "reports", "workers", "events", "alerts", "models",
         "quarantine", "bridge")
PAGES = VIEWS + ("stations?find=S2", "models?find=cam-02", "alerts?find=plant-a/drift/cam-02", "timeline?rows=worker",
                 "trends?window=day&back=7&station=S1")
CAMERA = ("cameras: {cam-02: {name: Camera above press 2, place: Column 4, workstations: [S2], url: 'https://cam-02.example/', "
          "snapshot_url: 'https://cam-02.example/now.jpg', contact: 'Maintenance, 4711'}}")
TARGETS = "targets: [{scope: site, units_per_hour: 500}, {scope: line, id: l1, units_per_hour: 250}]"

# What a finger must hit: all that can be pressed, but for links within sentences.
SMALL = """
const bad = [];
for (const e of document.querySelectorAll('button, select, input, summary, a')) {
  if (!e.checkVisibility() || e.closest('p, dd, .alert-words, .only, .skip, svg, figcaption, td') || e.classList.contains('skip')) continue;
  const box = (e.matches('[type=checkbox], [type=radio]') ? e.closest('label') : e).getBoundingClientRect();
  if (box.height < 47.5) bad.push(`${e.outerHTML.slice(0, 90)}: ${box.width} × ${box.height}`);
}
return bad;
"""
# What reaches out of the page at its side without a place of its own that scrolls.
WIDE = """
const bad = [];
if (document.documentElement.scrollWidth > innerWidth) {
  for (const e of document.querySelectorAll('main *')) if (e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll')) bad.push(e.outerHTML.slice(0, 100));
  bad.push(`${document.documentElement.scrollWidth} > ${innerWidth}`);
}
return bad;
"""
# Elements that hear an event more than once: one press would act twice, and a page that stays open would grow.
TWICE = """
window.heardTwice = [];
const heard = new WeakMap();
const add = EventTarget.prototype.addEventListener;
EventTarget.prototype.addEventListener = function (type, ...rest) {
  if (this instanceof Element) {
    if (!heard.has(this)) heard.set(this, new Set());
    if (heard.get(this).has(type)) window.heardTwice.push(`${this.nodeName} ${type}`);
    heard.get(this).add(type);
  }
  return add.call(this, type, ...rest);
};
"""


class ViewPage(BoardPage):
    size = (1440, 900)
    site = "plant-a"
    maxDiff = None

    shared = []

    @classmethod
    def setUpClass(cls):
        """One plant and one browser for all classes of this file: filling the plant takes longest."""
        if not ViewPage.shared:
            super().setUpClass()
            ViewPage.shared = [cls.plant, cls.driver]
            unittest.addModuleCleanup(ViewPage.close)
        cls.plant, cls.driver = ViewPage.shared

    @classmethod
    def tearDownClass(cls):
        pass

    @staticmethod
    def close():
        ViewPage.shared[1].quit()
        ViewPage.shared[0].__exit__()

    @classmethod
    def make_plant(cls):
        return Plant(sites=("plant-a", "plant-b", "plant-c"), areas=LINES, timezone=cls.zone(), more="drift: {on_delay: 10m}",
                     of_sites={"plant-a": [CAMERA, TARGETS], "plant-c": ["privacy: {workers: 'off'}"]})

    @classmethod
    def prepare(cls):
        cls.plant.simulate(duration="4h", scenario="drift", workers=8, workstations=8)
        cls.plant.simulate(site="plant-b", duration="2h", workers=40, workstations=20, cameras=10)

    def go(self, page, site=None, search=""):
        self.driver.get("about:blank")
        self.driver.get(f"{self.plant.url}/{search}#/{site or self.site}/{page}")
        self.wait_ready()

    def turn(self, page, site=None):
        """Another view of the same page: faster than loading it again."""
        self.script("location.hash = arguments[0]", f"#/{site or self.site}/{page}")
        name = re.split(r"[?/]", page)[0]
        self.wait(page, lambda: self.script("return document.querySelector('main').className") == f"view-{name}")
        # Forty workers at twenty stations are asked for, on a machine that may have other work.
        self.wait_ready(90)
        self.wait_painted()

    def look(self, width, height, dark=False, scale=1):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": width < 700})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                    {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def faults(self, *checks):
        return [line for check in checks for line in self.script(check)]


class EveryViewTest(ViewPage):
    def test_sizes_themes_languages_and_many_workers(self):
        # 720 × 450 with two pixels each is 1440 × 900 at 200 %.
        for width, height, dark, lang, site, scale in (
                (1920, 1080, False, "en", "plant-b", 1), (1440, 900, True, "de", "plant-a", 1), (720, 450, False, "en", "plant-a", 2),
                (390, 844, True, "en", "plant-a", 1), (320, 640, False, "de", "plant-b", 1)):
            self.look(width, height, dark, scale)
            self.go("board", site, f"?lang={lang}")
            for page in PAGES:
                if "find" in page and site != "plant-a":
                    continue
                self.turn(page, site)
                checks = [WIDE] + ([CONTRAST, LABELS] if width in (1920, 1440) else []) + ([SMALL] if width <= 480 else [])
                self.assertEqual(self.faults(*checks), [], f"{page} {width} {lang} {site}")

    def test_a_press_acts_once_however_often_views_change(self):
        script = self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": TWICE})
        try:
            self.go("board")
            for view in VIEWS * 3:
                self.turn(view)
            self.assertEqual(self.driver.execute_script("return window.heardTwice"), [])
        finally:
            self.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)

    def test_axe_finds_nothing(self):
        self.driver.set_script_timeout(300)
        for dark, lang, size in ((False, "en", (1440, 900)), (True, "de", (390, 844))):
            self.look(*size, dark)
            self.go("board", search=f"?lang={lang}")
            self.driver.execute_script(axe_source())
            for page in ("stations", "trends", "reports", "stations?find=S2", "models?find=cam-02", "alerts?find=plant-a/drift/cam-02", "timeline?rows=worker"):
                self.turn(page)
                found = self.driver.execute_async_script("""
                  const done = arguments[0];
                  axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then((result) =>
                    done(result.violations.map((item) => `${item.id}: ${item.nodes.map((node) => node.html.slice(0, 160)).slice(0, 3).join(' | ')}`)));
                """)
                self.assertEqual(found, [], f"{page} {lang} {size}")

    def test_an_empty_site_and_the_past(self):
        self.go("board", "plant-c")
        for page in VIEWS:
            self.turn(page, "plant-c")
            words = self.text("main")
            self.assertNotRegex(words, r"\b(undefined|NaN|Infinity|\[object)", page)
            self.assertNotIn("Normal", words, page)
            self.assertEqual(self.faults(WIDE, LABELS), [], page)
        self.turn("timeline?rows=worker", "plant-c")
        self.wait("no data", lambda: "No data in this window" in self.text("main") or "shows nothing of single workers" in self.text("main"))
        now = int(time.time() * 1000)
        self.go(f"board?from={now - 2 * HOUR}&to={now - HOUR}")
        for view in VIEWS:
            self.turn(f"{view}?from={now - 2 * HOUR}&to={now - HOUR}")
            self.assertEqual(self.text(".connection"), "Past", view)
            self.assertFalse([b for b in self.all("main button") if b in ("Acknowledge", "Shelve …", "Unshelve", "Reason?", "Give a reason", "Yes")], view)
            self.assertEqual(self.faults(WIDE, LABELS), [], view)

    def test_everything_can_be_reached_with_the_keyboard(self):
        self.go("trends")
        for page in ("trends", "alerts?find=plant-a/drift/cam-02"):
            self.turn(page)
            # A row of Tab presses from the top: each stop is new, can be seen and has a mark of its own.
            self.script("document.activeElement.blur(); window.getSelection().removeAllRanges(); document.body.focus(); window.stops = []; window.unmarked = []")
            wanted = self.script("""return [...document.querySelectorAll('a[href], button:not(:disabled), select, input, summary, [tabindex="0"]')]
              .filter((e) => e.checkVisibility() && !e.closest('dialog:not([open]), details:not([open]) > :not(summary)')).length""")
            body = self.driver.find_element(By.TAG_NAME, "body")
            reached = 0
            for _ in range(wanted + 5):
                (self.driver.switch_to.active_element or body).send_keys(Keys.TAB)
                is_new = self.script("""
                  const e = document.activeElement;
                  if (e === document.body || window.stops.includes(e)) return false;
                  window.stops.push(e);
                  const style = getComputedStyle(e);
                  if (!e.matches('.skip') && (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2)) window.unmarked.push(e.outerHTML.slice(0, 100));
                  return true;""")
                if not is_new:
                    break
                reached += 1
            self.assertGreaterEqual(reached, wanted - 1, page)
            self.assertEqual(self.script("return window.unmarked"), [], page)

    def test_the_bar_of_a_phone(self):
        self.look(390, 844)
        self.go("board")
        self.assertEqual([words.split("\n")[0] for words in self.all(".phone-bar > *")], ["Board", "Alerts", "Stations", "More"])
        self.assertFalse(self.script("return document.querySelector('nav.views').checkVisibility()"))
        self.click(".phone-bar a:nth-child(3)")
        self.wait("stations", lambda: self.all(".station"))
        self.assertEqual(len(self.all(".station")), 8)
        self.click(".phone-bar button")
        self.wait("all views", lambda: self.script("return document.querySelector('nav.views').checkVisibility()"))
        self.assertEqual(self.faults(SMALL), [])
        self.driver.find_element(By.LINK_TEXT, "Reports").click()
        self.wait("reports", lambda: self.all(".report") and not self.script("return document.querySelector('nav.views').checkVisibility()"))


class TrendsTest(ViewPage):
    def series(self, **values):
        query = "&".join(f"{key}={value}" for key, value in values.items())
        return self.plant.get(f"/api/v1/sites/plant-a/kpi/series?{query}")["items"]

    def data(self):
        return self.script("return import('/state.js').then(({ state }) => state.data.get('plant-a/trends')?.value)")

    def test_charts_say_what_the_bridge_says(self):
        self.go("trends?window=hour&line=l1")
        shown = self.wait("the trends", self.data)
        items = self.series(scope="line", id="l1", window="hour", **{"from": shown["from"], "to": shown["items"][-1]["window_start_ms"]})
        self.assertEqual(len(shown["items"]), len(items) + 1)
        self.assertEqual(self.all(".chart-panel h2"), ["Units per hour", "Utilization", "Time in stops", "Stops", "Confidence"])
        with_units = [item for item in items if item.get("quality") != 0 and item["units"] > 0]
        self.assertGreater(len(with_units), 1)
        last = with_units[-1]
        box = self.driver.find_element(By.CSS_SELECTOR, ".chart-box[data-key=rate]")
        box.send_keys(Keys.ARROW_LEFT)
        self.wait("the open hour", lambda: "not over yet" in self.text(".chart-box[data-key=rate] .tip"))
        box.send_keys(Keys.ARROW_LEFT)
        words = f"{last['throughput_per_hour']:,.0f}" if last["throughput_per_hour"] >= 1000 or last["throughput_per_hour"] % 1 == 0 else f"{last['throughput_per_hour']:.1f}"
        self.wait("the last full hour", lambda: f"Units per hour {words} units/h" in self.text(".chart-box[data-key=rate] .tip"))
        self.assertIn("target", self.text(".chart-box[data-key=rate] .tip"))
        self.assertIn(words, self.script("return document.querySelector('.chart-box[data-key=rate] .said').textContent"))
        # Pointing says the same; leaving takes it away.
        self.script("""
          const box = document.querySelector('.chart-box[data-key=rate]'), dot = [...box.querySelectorAll('circle.own')].at(-2).getBoundingClientRect();
          box.dispatchEvent(new PointerEvent('pointermove', {clientX: dot.x + dot.width / 2, clientY: dot.y, bubbles: true}));
        """)
        self.assertIn(words, self.text(".chart-box[data-key=rate] .tip"))
        box.send_keys(Keys.ESCAPE)
        self.assertTrue(self.script("return document.querySelector('.chart-box[data-key=rate] .tip').hidden"))
        # The same as numbers.
        self.click(".numbers[data-key=n-rate] summary")
        self.assertEqual(len(self.all(".numbers[data-key=n-rate] tbody tr")), len(items) + 1)

    def test_zoom_holds_for_all_charts_and_compares(self):
        self.go("trends?window=hour")
        self.wait("the trends", self.data)
        ticks = lambda key: self.script("return [...document.querySelectorAll(`.chart-box[data-key=${arguments[0]}] .tick[text-anchor=middle]`)].map((e) => e.textContent)", key)
        before = ticks("rate")
        self.driver.find_element(By.CSS_SELECTOR, ".chart-box[data-key=utilization]").send_keys("++")
        self.wait("less time", lambda: ticks("rate") != before)
        self.assertEqual(ticks("rate"), ticks("utilization"))
        self.driver.find_element(By.CSS_SELECTOR, ".chart-box[data-key=rate]").send_keys("0")
        self.wait("all of it", lambda: ticks("rate") == before)
        self.script("document.querySelector('.chart-box[data-key=rate]').dispatchEvent(new WheelEvent('wheel', {deltaY: -100, clientX: 400, clientY: 400, bubbles: true, cancelable: true}))")
        self.wait("a zoom", lambda: ticks("rate") != before)
        Select(self.field("Compare with")).select_by_visible_text("the day before")
        self.wait("the day before", lambda: "back=1" in self.driver.current_url and (self.data() or {}).get("earlier"))
        shown = self.data()
        earlier = self.series(scope="site", window="hour", **{"from": shown["items"][0]["window_start_ms"] - 24 * HOUR, "to": shown["items"][-1]["window_start_ms"] - 24 * HOUR})
        self.assertEqual([item["window_start_ms"] for item in shown["earlier"]][:len(earlier)], [item["window_start_ms"] for item in earlier])
        for window, back in (("shift", 7), ("day", 28)):
            self.turn(f"trends?window={window}&back={back}")
            self.wait("the steps", lambda: (self.data() or {}).get("step") == window and self.data().get("back") == back)

    def test_files(self):
        self.go("trends?window=hour&line=l2")
        self.wait("the trends", self.data)
        with tempfile.TemporaryDirectory() as folder:
            self.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": folder})
            self.driver.find_element(By.XPATH, "//button[normalize-space()='PNG']").click()
            picture = pathlib.Path(folder) / "plant-a-rate.png"
            self.wait("the picture", lambda: picture.exists() and picture.stat().st_size > 2000)
            head = picture.read_bytes()[:24]
            self.assertEqual(head[:8], b"\x89PNG\r\n\x1a\n")
            width = int(self.script("return document.querySelector('svg.chart').getAttribute('width')"))
            self.assertEqual(int.from_bytes(head[16:20], "big"), 2 * width)
            # The picture has the line's colour where the chart has its line.
            found = self.driver.execute_async_script("""
              const [svg, done] = [document.querySelector('svg.chart'), arguments[0]];
              import('/picture.js').then(({ png }) => png(svg, 'a', 'b')).then((blob) => createImageBitmap(blob)).then((image) => {
                const canvas = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height }), context = canvas.getContext('2d');
                context.drawImage(image, 0, 0);
                const dot = svg.querySelector('circle.own:not(.open)'), pixel = context.getImageData(2 * dot.getAttribute('cx'), 2 * (Number(dot.getAttribute('cy')) + 52), 1, 1).data;
                done([`rgb(${pixel[0]}, ${pixel[1]}, ${pixel[2]})`, getComputedStyle(dot).fill]);
              });
            """)
            self.assertEqual(found[0], found[1])
            self.driver.find_element(By.XPATH, "//button[normalize-space()='CSV']").click()
            table = pathlib.Path(folder) / "plant-a-kpi-series.csv"
            self.wait("the table", table.exists)
            rows = self.wait("its rows", lambda: list(csv.DictReader(table.read_text().splitlines())))
            self.assertEqual({row["id"] for row in rows}, {"l2"})
            self.assertEqual(len(rows), len(self.data()["items"]))


class ReportTest(ViewPage):
    def printed(self):
        return base64.b64decode(self.driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"])

    def sheets(self):
        return len(re.findall(rb"/Type\s*/Page\b", self.printed()))

    def test_the_report_is_that_of_the_bridge_and_one_sheet(self):
        for line, query in ((None, "scope=site"), ("l1", "scope=line&id=l1")):
            self.go("reports" + (f"?line={line}" if line else ""))
            self.wait("the report", lambda: self.all(".report"))
            report = self.plant.get(f"/api/v1/sites/plant-a/reports/shift?{query}")
            rows = self.all(".report-hours tbody tr")
            self.assertEqual(len(rows), len(report["hours"]))
            for row, hour in zip(rows[:-1], report["hours"][:-1]):
                self.assertIn(f"\t{hour['target_units']:,}\t{hour['units']:,}\t", row)
            self.assertEqual(len(self.all(".report-stops tbody tr")), len(report["stops"]))
            self.assertGreater(len(report["stops"]), 2)
            self.assertIn("This shift is not over", self.text(".report"))
            self.assertEqual(self.sheets(), 1)
        self.go("reports")
        shifts = Select(self.field("Shift"))
        self.assertGreaterEqual(len(shifts.options), 20, "eight days of three shifts")
        self.driver.find_element(By.PARTIAL_LINK_TEXT, "Earlier").click()
        self.wait("the shift before", lambda: "at=" in self.driver.current_url and "This shift is over" in self.text(".report"))
        self.driver.find_element(By.PARTIAL_LINK_TEXT, "Later").click()
        self.wait("the shift of now", lambda: "This shift is not over" in self.text(".report"))

    def test_a_full_report_is_one_sheet_too(self):
        """Twelve hours, 200 stops, ten reasons, ten alerts and ten gaps, in German."""
        self.go("reports", search="?lang=de")
        self.wait("the report", lambda: self.all(".report"))
        self.driver.execute_async_script("""
          const done = arguments[0];
          Promise.all([import('/state.js'), import('/actions.js')]).then(([{ state }, { actions }]) => {
            const report = state.data.get('plant-a/shift').value, many = (n, make) => [...Array(n).keys()].map(make);
            const start = report.start_ms;
            const stop = (n) => ({ ...report.stops[0], stop_id: `S${n}:1`, workstation_id: `S${n % 20}`, duration_s: 4000 - n, reason: 'r', reason_name: 'Wechsel der Form und des Werkzeugs', comment: 'Die Form kam erst nach dem Beginn der Schicht', open: false, end_ms: start + 4e6, start_ms: start });
            report.hours = many(12, (n) => ({ start_ms: start + n * 36e5, end_ms: start + (n + 1) * 36e5, units: 1210, target_units: 1410, gap_units: -200, total_gap_units: -200 * (n + 1), workstation_id: 'S1', stop_id: `S1:${n}`, stop_s: 1440, reason: 'r', reason_name: 'Wechsel der Form und des Werkzeugs' }));
            report.stops = many(200, stop);
            report.stops_left_out = 37;
            report.pareto = many(10, (n) => ({ id: `r${n}`, name: `Ein längerer Grund ${n}`, stops: 9, stop_s: 5000, share_pct: 10, cumulative_pct: 10 * n + 10 }));
            report.alerts = many(10, (n) => ({ alert_id: `plant-a/drift/cam-${n}`, calls: 2, first_ms: start, last_ms: start }));
            report.gaps = many(10, (n) => ({ cause: 'session_lost', camera_id: `cam-${n}`, from_ms: start, to_ms: start + 6e5 }));
            state.data.get('plant-a/shift').at = Date.now() + 6e5;
            actions.set({});
            requestAnimationFrame(() => requestAnimationFrame(() => done(true)));
          });
        """)
        self.assertEqual(len(self.all(".report-stops tbody tr")), 200)
        pathlib.Path("/tmp/h-page/full.pdf").write_bytes(self.printed())
        self.assertEqual(self.sheets(), 1)


class OneAlertTest(ViewPage):
    """The order of the tests is that of their names."""

    def alert(self):
        return next(item for item in self.plant.get("/api/v1/sites/plant-a/alerts")["items"] if item["alert_id"] == "plant-a/drift/cam-02")

    def test_1_it_says_what_where_since_when_and_what_to_do(self):
        self.go("alerts")
        self.wait("the alert", lambda: "Camera above press 2" in self.text(".alerts"))
        self.driver.find_element(By.CSS_SELECTOR, ".alert.unack_active a.more-of").click()
        self.wait("its page", lambda: self.all(".alert-page"))
        self.wait("chart and history", lambda: self.all(".alert-page svg.chart") and self.all(".history tbody tr"))
        words = self.text("main")
        for part in ("Model confidence low: Camera above press 2", "Column 4", "Press 2", "since ", "Figures of Press 2 are uncertain since", "Look at the camera’s picture", "mean confidence", "limit 0.75", "Maintenance, 4711"):
            self.assertIn(part, words)
        away = self.script("return [...document.querySelectorAll('main a[target=_blank]')].map((e) => [e.textContent, e.href, e.rel])")
        self.assertEqual(away, [["Open the camera", "https://cam-02.example/", "noopener noreferrer"], ["Its picture now", "https://cam-02.example/now.jpg", "noopener noreferrer"]])
        history = self.plant.get("/api/v1/sites/plant-a/alerts/history?alert_id=plant-a%2Fdrift%2Fcam-02&limit=100")["items"]
        self.assertEqual(len(self.all(".history tbody tr")), len(history))

    def test_2_a_person_decides_with_a_comment_and_judges(self):
        self.go("alerts?find=plant-a/drift/cam-02")
        self.script("sessionStorage.setItem('andon.token', arguments[0]); sessionStorage.setItem('andon.by.asked', 'yes')", TOKEN)
        self.driver.find_element(By.NAME, "comment").send_keys("lens cleaned")
        self.driver.find_element(By.XPATH, "//button[normalize-space()='Acknowledge']").click()
        self.wait("acknowledged", lambda: self.alert()["state"] == "acked_active")
        self.wait("its row", lambda: "lens cleaned" in self.text(".history") and "acknowledged" in self.text(".history"))
        self.driver.find_element(By.XPATH, "//button[normalize-space()='No, a false alarm']").click()
        self.wait("the verdict", lambda: "judged a false alarm" in self.text(".history"))
        self.driver.find_element(By.XPATH, "//button[normalize-space()='Yes']").click()
        self.wait("another verdict", lambda: "judged right" in self.text(".history"))

    def test_3_advice_is_part_of_the_card_of_what_calls(self):
        self.go("alerts")
        cards = self.all("main .alert strong")
        self.assertEqual(len(cards), len(set(cards)), "one source, one card")


class PeopleTest(ViewPage):
    def test_rows_of_workers_are_as_the_bridge_says(self):
        self.go("timeline")
        Select(self.field("Rows")).select_by_visible_text("Workers")
        self.wait("the workers", lambda: self.script("return [...document.querySelectorAll('.timeline-row')].map((e) => e.dataset.station)") == [f"W{n}" for n in range(1, 9)])
        self.assertIn("Anna Weber", self.script("return document.querySelector('.timeline-row').getAttribute('aria-label')"))
        start = self.shift()[0]["window_start_ms"]
        runs = self.plant.get(f"/api/v1/sites/plant-a/timeline?scope=worker&id=W1&from={start}&to={start + 4 * HOUR}")["items"]
        shown = self.script("return import('/state.js').then(({ state }) => state.data.get('plant-a/people').value.items.filter((run) => run.worker_id === 'W1'))")
        self.assertEqual([(run["start_ms"], run["state"]) for run in shown][:len(runs) - 1], [(run["start_ms"], run["state"]) for run in runs][:-1])

    def test_who_may_not_see_them_is_told_why(self):
        self.go("timeline?rows=worker")
        self.wait("the workers", lambda: self.all(".timeline-row"))
        words = """
          const [me, privacy, done] = arguments;
          Promise.all([import('/state.js'), import('/actions.js')]).then(([{ state, site }, { actions }]) => {
            state.me = me;
            site().privacy = privacy;
            actions.set({});
            requestAnimationFrame(() => requestAnimationFrame(() => done(document.querySelector('main').innerText)));
          });
        """
        self.assertIn("Your role does not see single workers", self.driver.execute_async_script(words, {"may": ["figures"], "logged_in": True}, {"workers": "named"}))
        self.assertIn("shows nothing of single workers", self.driver.execute_async_script(words, {"may": ["figures", "workers"]}, {"workers": "off"}))
        self.assertIn("pseudonyms", self.driver.execute_async_script(words, {"may": ["figures", "workers"]}, {"workers": "pseudonym"}))
        for link in ("workers", "people"):
            self.assertFalse(self.script("return import('/state.js').then(({ mayShow, state, site }) => { state.me = { may: ['figures'] }; return mayShow(arguments[0]); })", link))


class ReplayTest(ViewPage):
    def test_rejected_events_are_judged_again(self):
        self.plant.post({"worker_id": "W1"})
        self.go("quarantine")
        self.wait("the row", lambda: self.all(".rejected-list li"))
        self.script("sessionStorage.setItem('andon.token', arguments[0]); sessionStorage.setItem('andon.by.asked', 'yes')", TOKEN)
        self.driver.find_element(By.XPATH, "//button[normalize-space()='Judge all again']").click()
        self.wait("the answer", lambda: "Judged again: 0 stored, 1 rejected again." in self.text("#banner"))
        self.assertEqual(self.plant.get("/api/v1/sites/plant-a/quarantine")["counts"], {"schema": 1})


class WithoutBrokerTest(ViewPage):
    def test_every_view_says_it(self):
        self.go("board")
        self.plant.broker.terminate()
        self.plant.broker.wait(10)
        self.wait("the banner", lambda: "figures are frozen" in self.text("#banner"))
        for view in VIEWS:
            self.turn(view)
            self.assertIn("figures are frozen", self.text("#banner"), view)
            self.assertNotIn("Normal", self.text("main").replace("Show normal", ""), view)
            self.assertEqual(self.text(".connection"), "Broker unreachable", view)


if __name__ == "__main__":
    unittest.main()
