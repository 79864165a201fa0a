"""Board, timeline and stops in a real headless Chromium, against a real bridge and broker."""

import importlib.util
import pathlib
import re
import tempfile
import time
import unittest

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from plant import ROOT, TOKEN, Plant
from test_dashboard import CONTRAST, LABELS, Page

HOUR = 3_600_000
LINES = ("[{id: hall, name: Hall 1, lines: [{id: l1, name: Line One, workstations: [S1, S2, S3, S4]}, "
         "{id: l2, name: Line Two, workstations: [S5, S6, S7, S8]}]}]")
REASONS = [{"id": "material", "name": "No material", "planned": False}, {"id": "changeover", "name": "Changeover", "planned": True}]

# What a part of the page must not do on a wall screen: reach out of it, or be cut off.
OUTSIDE = """
const bad = [];
for (const e of document.querySelectorAll('.board-head, .hero, .hours, .now-panel, .todo-panel, .data-line, .hour-table tr, .now')) {
  const box = e.getBoundingClientRect();
  if (box.right > innerWidth + 1 || box.bottom > innerHeight + 1 || box.left < -1 || box.top < -1) bad.push(`${e.className}: ${Math.round(box.right)} × ${Math.round(box.bottom)}`);
}
const number = document.querySelector('.hero .number strong').getBoundingClientRect(), hero = document.querySelector('.hero').getBoundingClientRect();
if (number.right > hero.right) bad.push(`the number: ${number.right} > ${hero.right}`);
return bad;
"""

# Shows records with what a later bridge, or another configuration, gives; then the page draws itself from them.
SHOW = """
const [changes, done] = arguments;
Promise.all([import('/state.js'), import('/actions.js')]).then(([{ state, site }, { actions }]) => {
  Object.assign(state.data.get('plant-a/board').value.record, changes.record || {});
  for (const hour of state.data.get('plant-a/board').value.hours) Object.assign(hour, changes.hour || {});
  if (changes.stops) state.data.get('plant-a/stops').value.items = changes.stops;
  if (changes.reasons) site().stop_reasons = changes.reasons;
  actions.set({});
  requestAnimationFrame(() => requestAnimationFrame(() => done(document.querySelector('main').innerText)));
});
"""


def axe_source():
    package = importlib.util.find_spec("axe_playwright_python")
    return (pathlib.Path(package.submodule_search_locations[0]) / "axe.min.js").read_text()


class BoardPage(Page):
    """A shift that began five hours ago, with events up to now and some stops."""
    size = (1920, 1080)

    @classmethod
    def make_plant(cls):
        return Plant(areas=LINES, timezone=cls.zone())

    @staticmethod
    def zone():
        """A zone in which it is between 11 and 12 o'clock: late in the early shift."""
        west = time.gmtime().tm_hour - 11
        return f"Etc/GMT{west:+d}" if -14 <= west <= 12 else f"Etc/GMT{west - 24:+d}"

    @classmethod
    def prepare(cls):
        cls.plant.simulate(duration="5h", workers=8, workstations=8)

    def shift(self, **more):
        query = "".join(f"&{key}={value}" for key, value in more.items())
        return self.plant.get(f"/api/v1/sites/plant-a/kpi?window=shift{query}")["items"]

    def size_of(self, selector):
        return self.script("return parseFloat(getComputedStyle(document.querySelector(arguments[0])).fontSize)", selector)

    def show(self, **changes):
        return self.driver.execute_async_script(SHOW, changes)

    def resize(self, width, height):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 700})

    def tearDown(self):
        self.resize(*self.size)
        super().tearDown()


class BoardTest(BoardPage):
    def test_it_is_the_first_page_and_readable_from_afar(self):
        self.open("/")
        self.assertIn("/board", self.driver.current_url)
        self.wait("the figure", lambda: self.text("[data-figure=gap]") not in ("", "–"))
        for path in ("/#/plant-a/board", "/?kiosk=1#/plant-a/board", "/?kiosk=1&line=l1#/plant-a/board"):
            self.open(path)
            self.wait("the stations", lambda: len(self.all(".now")) >= 4)
            self.assertEqual(self.script("return [document.documentElement.scrollWidth, document.documentElement.scrollHeight]"), [1920, 1080], path)
            self.assertEqual(self.script(OUTSIDE), [], path)
            self.assertGreaterEqual(self.size_of(".hero .number"), 200, path)
            for label in (".hero .word", ".hero .fact", ".hour-table th", ".hour-table td", ".now-name", ".data-line", ".board-state strong", ".board-window"):
                self.assertGreaterEqual(self.size_of(label), 40, f"{path} {label}")
        self.assertEqual(self.script("return getComputedStyle(document.querySelector('.top')).display"), "none", "a wall needs no navigation")

    def test_without_a_target_it_shows_the_rate(self):
        self.open("/#/plant-a/board")
        self.wait("the rate", lambda: self.text("[data-figure=gap]") == f"{self.shift()[0]['throughput_per_hour']:,.0f}")
        self.assertIn("units per hour", self.text(".hero"))
        start = self.shift()[0]["window_start_ms"]
        hours = self.plant.get(f"/api/v1/sites/plant-a/kpi/series?window=hour&from={start}&to={start + 3 * HOUR}")["items"]
        rows = self.all(".hour-table tbody tr")
        self.assertEqual(len(rows), 8, "also the hours to come")
        for number, hour in enumerate(hours):
            self.assertTrue(rows[number].startswith(f"{6 + number:02}–{7 + number:02}"), rows[number])
            self.assertIn(f"\t{hour['units']:,}\t", rows[number])
        self.assertEqual(len(self.all(".open-hour")), 1)
        self.assertIn("not over yet", self.text(".open-hour"))

    def test_with_a_target_it_says_how_far_the_line_is_from_it(self):
        self.open("/#/plant-a/board")
        self.wait("stops", lambda: self.script("return import('/state.js').then(({ state }) => state.data.has('plant-a/stops'))"))
        plan = {"target_units": 5788, "target_total_units": 15430, "forecast_units": 14610}
        hour = {"target_units": 700, "gap_units": -200}
        words = self.show(record={**plan, "units": 5476, "gap_units": -312, "pace_pct": 94.61}, hour=hour)
        self.assertIn("−312", words)
        for part in ("units behind", "5,476 of 5,788", "94.6 %", "Forecast 14,610 of 15,430", "on plan with "):
            self.assertIn(part, words)
        self.assertIn("warn", self.script("return document.querySelector('.hero').className"))
        self.assertIn("\t700\t", self.all(".hour-table tbody tr")[1])
        self.assertIn("\t−200\t−400", self.all(".hour-table tbody tr")[1].replace(" ", ""))
        self.assertGreaterEqual(self.size_of(".hero .number"), 200)
        words = self.show(record={**plan, "gap_units": -1312, "pace_pct": 60})
        self.assertIn("bad", self.script("return document.querySelector('.hero').className"))
        self.assertGreaterEqual(self.size_of(".hero .number"), 200, "a long number, too")
        self.assertEqual(self.script(OUTSIDE) + self.script(CONTRAST), [])
        words = self.show(record={**plan, "gap_units": 22, "pace_pct": 100.4})
        self.assertIn("+22", words)
        self.assertIn("units ahead", words)
        self.assertNotIn("on plan with", words)

    def test_stations_are_as_the_timeline_says_and_a_stop_counts_up(self):
        self.open("/#/plant-a/board")
        words = {"working": "working", "idle": "idle", "vacant": "nobody there", "no_data": "no data"}

        def agrees():
            now = int(time.time() * 1000)
            runs = self.plant.get(f"/api/v1/sites/plant-a/timeline?from={now - HOUR}&to={now}")["items"]
            last = {run["workstation_id"]: words[run["state"]] for run in runs}
            labels = self.script("return [...document.querySelectorAll('.now a')].map((e) => e.getAttribute('aria-label'))")
            return len(labels) == 8 and all(f": {last.get(f'S{number + 1}')}" in label for number, label in enumerate(labels))

        self.wait("the states of the timeline", agrees, 20)
        # Nobody works at a station for ten minutes.
        start = int(time.time()) - 600
        self.plant.post(self.plant.event("W1", kind="absent", station="S2", at=start))
        self.plant.post([self.plant.event(f"W{n}", kind="idle", station="S2") for n in (2, 3, 4, 5, 6, 7, 8)] + [self.plant.event("W1", kind="idle", station="S2")])
        stop = self.wait("a stop", lambda: next((item for item in self.plant.get(
            f"/api/v1/sites/plant-a/stops?from={start * 1000 - 8 * HOUR}&to={start * 1000 + HOUR}&open=true")["items"]), None))
        tile = f".now[data-key={stop['workstation_id']}]"
        self.wait("the stop", lambda: self.all(f"{tile}.stopped .now-since"))
        counted = self.text(f"{tile} .now-since")
        self.assertRegex(counted, r"^\d+:\d\d(:\d\d)?$")
        self.wait("another second", lambda: self.text(f"{tile} .now-since") not in ("", counted), 5)
        self.click(f"{tile} a")
        self.wait("its row", lambda: "/stops?" in self.driver.current_url and len(self.all("table.stops tbody tr")) == 1)

    def test_lines_in_turn_until_a_person_stops_it(self):
        self.open("/?line=l1,l2&rotate=5s#/plant-a/board")
        for name in ("Line One", "Line Two", "Line One"):
            self.wait(name, lambda: name in self.text(".board-head h1"), 20)
        self.driver.find_element(By.XPATH, "//button[normalize-space()='Stop the rotation']").click()
        self.wait("the pause", lambda: "Rotate" in self.all(".board-head button"))
        shown = self.text(".board-head h1")
        turned = self.script("return performance.now()")
        self.wait("six seconds", lambda: self.script("return performance.now()") > turned + 6000, 10)
        self.assertEqual(self.text(".board-head h1"), shown)
        self.open("/#/plant-a/board?line=l2")
        units = self.shift(scope="line", id="l2")[0]["units"]
        self.wait("the units of the line", lambda: f"{units:,} units so far" in self.text(".hero"))
        self.assertEqual(len(self.all(".now")), 4)

    def test_a_reason_is_one_touch_away(self):
        self.open("/#/plant-a/board")
        self.wait("stops", lambda: self.script("return import('/state.js').then(({ state }) => state.data.has('plant-a/stops'))"))
        now = int(time.time() * 1000)
        stop = {"stop_id": "S3:1", "site_id": "plant-a", "workstation_id": "S3", "start_ms": now - 400_000, "open": True, "duration_s": 400,
                "kind": "idle", "shift_id": "early", "ask": True}
        self.show(stops=[stop], reasons=REASONS)
        self.assertIn("Welding", self.text(".todo.stop"))
        self.driver.find_element(By.CSS_SELECTOR, ".todo.stop .button.big").click()
        self.wait("the dialog", lambda: self.script("return document.querySelector('#reason').open"))
        self.assertIn("Why did Welding stop at", self.text("#reason h2"))
        self.assertEqual([words.split("\n")[0] for words in self.all(".reason-buttons button")], ["No material", "Changeover"])
        heights = self.script("return [...document.querySelectorAll('#reason button, #reason input')].map((e) => e.getBoundingClientRect().height)")
        self.assertGreaterEqual(min(heights), 48)
        self.assertFalse(self.script(CONTRAST))
        ActionChains(self.driver).send_keys(Keys.ESCAPE).perform()
        self.wait("no dialog", lambda: not self.script("return document.querySelector('#reason').open"))
        # What the touch sends. The bridge's side of it has tests of its own.
        self.script("sessionStorage.setItem('andon.token', arguments[0])", TOKEN)
        self.addCleanup(self.script, "sessionStorage.clear(); localStorage.removeItem('andon.by')")
        self.script("""
          window.sent = [];
          const real = window.fetch;
          window.fetch = (address, options) => {
            if (!String(address).includes('/stops/reason')) return real(address, options);
            window.sent.push(`${options.method} ${address}`);
            return Promise.resolve(new Response('{}', { headers: { 'Content-Type': 'application/json' } }));
          };
        """)
        self.show(stops=[stop], reasons=REASONS)
        self.driver.find_element(By.CSS_SELECTOR, ".todo.stop .button.big").click()
        self.wait("the dialog", lambda: self.script("return document.querySelector('#reason').open"))
        self.driver.find_element(By.CSS_SELECTOR, "#reason input").send_keys("coil is late")
        self.driver.find_element(By.CSS_SELECTOR, ".reason-buttons button").click()
        # The token came without a form, as with a link: the name is asked for, once.
        self.wait("the question", lambda: self.script("return document.querySelector('#token').open"))
        self.assertEqual(self.script("return document.querySelectorAll('#token input[name=token]').length"), 0)
        self.assertEqual(self.script("return window.sent.length"), 0)
        self.assertFalse(self.script(CONTRAST) + self.script(LABELS))
        self.driver.find_element(By.CSS_SELECTOR, "#token input[name=by]").send_keys("Ben" + Keys.ENTER)
        self.wait("the command", lambda: self.script("return window.sent.length") == 1)
        self.assertEqual(self.script("return window.sent[0]"),
                         "POST /api/v1/sites/plant-a/stops/reason?stop_id=S3%3A1&reason=material&comment=coil%20is%20late&by=Ben")
        self.wait("the words", lambda: "The reason is stored." in self.text("#banner"))

    def test_the_largest_stop_is_not_cut_on_a_screen_of_1440_pixels(self):
        now = int(time.time() * 1000)
        names = ["S1", "S3", "S5", "S7"]
        for size, language in (((1440, 900), "en"), ((1440, 900), "de"), ((1280, 800), "de"), ((1920, 1080), "en")):
            self.resize(*size)
            self.open(f"/?lang={language}#/plant-a/board")
            self.wait("the board", lambda: self.script("return import('/state.js').then(({ state }) => state.data.has('plant-a/stops') && state.data.has('plant-a/board'))"))
            stops = [{"stop_id": f"{name}:{index}", "site_id": "plant-a", "workstation_id": name, "start_ms": now - (index + 1) * 3_600_000, "end_ms": now - index * 3_600_000 - 60_000,
                      "open": False, "duration_s": 3540, "kind": "idle", "shift_id": "early", "ask": True} for index, name in enumerate(names)]
            self.show(stops=stops, reasons=REASONS)
            cut = self.script("""
              const bad = [];
              for (const cell of document.querySelectorAll('.hour-table .why')) {
                const right = cell.getBoundingClientRect().right + 1;
                if (cell.scrollWidth > cell.clientWidth + 1) bad.push(`${cell.innerText}: ${cell.scrollWidth} > ${cell.clientWidth}`);
                for (const e of cell.querySelectorAll('.ask-link, .cause > span')) if (e.getBoundingClientRect().right > right) bad.push(e.innerText);
                for (const e of cell.querySelectorAll('.cause > a')) if (e.clientWidth < 0.6 * e.scrollWidth) bad.push(`${e.innerText}: ${e.clientWidth} of ${e.scrollWidth}`);
              }
              return bad;""")
            self.assertEqual(cut, [], (size, language))
            self.assertGreaterEqual(len(self.all(".cause .ask-link")), 3)

    def test_a_station_of_which_nothing_is_known_is_not_asked_for_a_reason(self):
        self.open("/#/plant-a/board")
        self.wait("the board", lambda: self.script("return import('/state.js').then(({ state }) => state.data.has('plant-a/stops') && state.data.has('plant-a/board'))"))
        start = self.script("return import('/state.js').then(({ value }) => value('board').record.window_start_ms)")
        stop = {"stop_id": f"S3:{start}", "site_id": "plant-a", "workstation_id": "S3", "start_ms": start, "open": True, "duration_s": 4000,
                "kind": "no_data", "shift_id": "early", "ask": True}
        self.show(stops=[stop], reasons=REASONS)
        self.assertIn("Welding", self.text(".todo.stop"))
        self.assertEqual(self.all(".todo.stop button"), [], "what is missing is data")
        # Where it was seen before, it is a stop as any other.
        self.show(stops=[{**stop, "start_ms": start + 60_000}], reasons=REASONS)
        self.assertEqual(len(self.all(".todo.stop button")), 1)


class TimelineTest(BoardPage):
    size = (1440, 900)

    def shape(self):
        return self.script("return [...document.querySelectorAll('.timeline .tick')].map((e) => e.textContent)")

    def test_rows_zoom_tip_and_stops(self):
        self.open("/#/plant-a/timeline")
        self.wait("eight rows", lambda: len(self.script("return [...document.querySelectorAll('.timeline-row')].map((e) => e.dataset.station)")) == 8)
        self.assertEqual(self.shape()[0], "06:00")
        start = self.shift()[0]["window_start_ms"]
        runs = self.plant.get(f"/api/v1/sites/plant-a/timeline?scope=workstation&id=S1&from={start}&to={start + 2 * HOUR}")["items"]
        label = self.script("return document.querySelector('.timeline-row[data-station=S1]').getAttribute('aria-label')")
        self.assertTrue(label.startswith("Press 1: working "), label)
        box = self.driver.find_element(By.CSS_SELECTOR, ".timeline-box")
        box.send_keys("+")
        self.wait("half of it", lambda: len(self.shape()) > 0 and self.shape()[0] != "06:00")
        box.send_keys(Keys.ARROW_LEFT, Keys.ARROW_LEFT, Keys.ARROW_LEFT)
        self.wait("the start", lambda: self.shape()[0] == "06:00")
        box.send_keys("0")
        self.wait("all of it", lambda: "13:00" in self.shape())
        self.script("document.querySelector('.timeline-box').dispatchEvent(new WheelEvent('wheel', {deltaY: -100, clientX: 600, clientY: 250, bubbles: true, cancelable: true}))")
        self.wait("a zoom", lambda: self.script("return [...document.querySelectorAll('.timeline-panel button')].some((e) => e.textContent === 'All of it')"))
        box.send_keys("0")
        # A run by its middle: what the tip says is what the bridge says.
        run = max(runs, key=lambda item: item["end_ms"] - item["start_ms"])
        self.script("""
          const svg = document.querySelector('svg.timeline').getBoundingClientRect(), left = 150;
          const share = (arguments[0] - arguments[1]) / (8 * 3600000);
          document.querySelector('.timeline-box').dispatchEvent(new PointerEvent('pointermove', {clientX: svg.left + left + share * (svg.width - left), clientY: svg.top + 20, bubbles: true}));
        """, (run["start_ms"] + run["end_ms"]) / 2, start)
        self.wait("the tip", lambda: self.text(".tip").startswith("Press 1 · "))
        self.assertIn({"working": "working", "idle": "idle", "vacant": "nobody there", "no_data": "no data"}[run["state"]], self.text(".tip"))
        marks = self.script("return [...document.querySelectorAll('.stop-mark[data-stop]')].map((e) => e.dataset.stop)")
        stops = self.plant.get(f"/api/v1/sites/plant-a/stops?from={start}&to={start + 8 * HOUR}&limit=1000")["items"]
        self.assertEqual(sorted(marks), sorted(stop["stop_id"] for stop in stops))
        self.assertGreater(len(stops), 2)
        self.script("document.querySelector('.stop-mark[data-stop]').dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))")
        self.wait("the stop", lambda: "/stops?" in self.driver.current_url and len(self.all("table.stops tbody tr")) == 1)

    def test_stops_sums_and_csv(self):
        self.open("/#/plant-a/stops")
        self.wait("the table", lambda: self.all("table.stops tbody tr"))
        start = self.shift()[0]["window_start_ms"]
        for choice, names in (("workstation", None), ("line", {"l1": "Line One", "l2": "Line Two"})):
            Select(self.field("By")).select_by_value(choice)
            sums = self.plant.get(f"/api/v1/sites/plant-a/stops/pareto?from={start}&to={start + 8 * HOUR}&by={choice}")["items"]
            first = names[sums[0]["id"]] if names else sums[0]["id"]
            key = sums[0]["id"]
            self.wait("the sums", lambda: self.all("table.pareto tbody tr") and len(self.all("table.pareto tbody tr")) == len(sums)
                      and self.script("return document.querySelector('table.pareto tbody tr').dataset.key") == key)
            if names:
                self.assertIn(first, self.text("table.pareto tbody tr"))
        with tempfile.TemporaryDirectory() as folder:
            self.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": folder})
            self.driver.find_element(By.XPATH, "//button[normalize-space()='CSV']").click()
            file = pathlib.Path(folder) / "plant-a-stops.csv"
            self.wait("the file", file.exists)
            lines = self.wait("its lines", lambda: file.read_text().splitlines())
        self.assertIn("stop_id", lines[0])
        self.assertGreaterEqual(len(lines) - 1, len(self.all("table.stops tbody tr")))


class LanguageTest(BoardPage):
    size = (1440, 900)

    def test_both_languages_have_the_same_texts(self):
        self.open("/")
        differences = self.driver.execute_async_script("""
          const done = arguments[0];
          const flat = (value, path = '') => Object.entries(value).flatMap(([key, item]) => (typeof item === 'object' ? flat(item, `${path}${key}.`) : [[path + key, typeof item === 'function' ? `function of ${item.length}` : typeof item]]));
          Promise.all([import('/text.en.js'), import('/text.de.js')]).then(([{ en }, { de }]) => {
            const [a, b] = [new Map(flat(en)), new Map(flat(de))];
            const bad = [...new Set([...a.keys(), ...b.keys()])].filter((key) => a.get(key) !== b.get(key));
            // A text with a value to put in shows it in both languages.
            const at = (value, key) => key.split('.').reduce((item, part) => item[part], value);
            for (const [key, kind] of a) if (kind.startsWith('function')) {
              const marks = ['⟦1⟧', '⟦2⟧', '⟦3⟧'];
              for (const mark of marks.slice(0, at(en, key).length)) if (at(en, key)(...marks).includes(mark) !== at(de, key)(...marks).includes(mark)) bad.push(key);
            }
            done([bad, a.size]);
          });
        """)
        self.assertEqual(differences[0], [])
        self.assertGreater(differences[1], 250)

    def test_the_page_is_small(self):
        size = 0
        for file in sorted((ROOT / "dashboard").iterdir()):
            status, headers, body = self.plant.request("GET", f"/{file.name}", headers={"Accept-Encoding": "gzip"})
            self.assertEqual((status, headers.get("content-encoding")), (200, "gzip") if len(file.read_bytes()) > 1024 else (200, headers.get("content-encoding")), file.name)
            size += len(body)
        self.assertLessEqual(size, 150_000)

    def test_german_words_numbers_and_names(self):
        self.open("/?lang=de#/plant-a/board?window=shift")
        self.assertEqual(self.script("return document.documentElement.lang"), "de")
        self.wait("the figure", lambda: self.text("[data-figure=gap]") not in ("", "–"))
        self.assertIn("Stück pro Stunde", self.text(".hero"))
        self.assertEqual(self.all("nav a")[:5], ["Tafel", "Werk", "Plätze", "Verlauf", "Stillstände"])
        wanted = {"stations": "Line One", "trends": "Stück pro Stunde", "reports": "Stunde für Stunde", "timeline": "Verlauf", "stops": "Wo die Zeit blieb", "plant": "Arbeitsplätze", "workers": "Auslastung", "events": "Konfidenz",
                  "alerts": "Alarme", "models": "Konfidenz der Modelle", "quarantine": "Nichts wurde abgelehnt", "bridge": "Kameras"}
        for view, words in wanted.items():
            self.driver.get(self.plant.url + f"/?lang=de#/plant-a/{view}?window=shift")
            self.wait(view, lambda: words in self.text("main"))
            self.assertFalse(self.script(CONTRAST) + self.script(LABELS), view)
        self.open("/?lang=de#/plant-a/plant?window=shift")
        used = self.shift()[0]["utilization_pct"]
        self.wait("a comma", lambda: self.text("[data-figure=utilization]") == f"{used:.1f}".replace(".", ","))

    def test_axe_finds_nothing(self):
        source = axe_source()
        self.driver.set_script_timeout(300)
        for lang, dark, size in (("en", False, (1440, 900)), ("de", True, (390, 844))):
            self.resize(*size)
            self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
            for view in ("board", "timeline", "stops", "plant", "workers", "events", "alerts", "models", "quarantine", "bridge"):
                self.driver.get("about:blank")
                self.driver.get(self.plant.url + f"/?lang={lang}#/plant-a/{view}?window=shift")
                self.wait_ready()
                self.driver.execute_script(source)
                found = self.driver.execute_async_script("""
                  const done = arguments[0];
                  axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }).then((result) =>
                    done(result.violations.map((item) => `${item.id}: ${item.nodes.map((node) => node.html.slice(0, 160)).slice(0, 3).join(' | ')}`)));
                """)
                self.assertEqual(found, [], f"{view} {lang} {size}")


class PhoneBoardTest(BoardPage):
    size = (390, 844)

    @classmethod
    def make_plant(cls):
        return Plant(areas=LINES, timezone=cls.zone(), more="drift: {on_delay: 10m}")

    @classmethod
    def prepare(cls):
        cls.plant.simulate(duration="4h", scenario="drift", workers=8, workstations=8)

    def test_what_calls_comes_first_and_nothing_is_wider(self):
        for size in ((390, 844), (320, 640)):
            self.resize(*size)
            self.open("/#/plant-a/board")
            self.wait("the alert", lambda: self.all(".todo.call"))
            top = lambda selector: self.script("return document.querySelector(arguments[0]).getBoundingClientRect().top", selector)
            self.assertLess(top(".todo.call"), top(".hero"))
            self.assertLessEqual(self.script("return document.documentElement.scrollWidth"), size[0])
            self.assertFalse(self.script(CONTRAST) + self.script(LABELS))
            self.assertGreaterEqual(self.script("return Math.min(...[...document.querySelectorAll('.now a')].map((e) => e.getBoundingClientRect().height))"), 48)


class HonestBoardTest(Page):
    """Nothing is normal that nobody sees. The order of the tests is that of their names."""
    size = (1920, 1080)

    @classmethod
    def make_plant(cls):
        # In the two hours after midnight an event of two hours ago is one of yesterday.
        return Plant(timezone=BoardPage.zone())

    def test_1_an_empty_plant(self):
        self.open("/#/plant-a/board?window=day")
        self.wait("the words", lambda: "Waiting for events" in self.text(".board-state"))
        self.assertNotIn("Normal", self.text("main"))
        self.assertIn("no event yet", self.text(".data-line"))
        self.assertFalse(self.script(CONTRAST) + self.script(LABELS))

    def test_2_while_it_catches_up(self):
        self.open("/#/plant-a/board?window=day")
        self.plant.post(self.plant.event("W1", at=time.time() - 7200))
        self.wait("the delay", lambda: "Catching up: 2 h 00 min behind" in self.text(".board-state"))
        self.assertIn("Catching up", self.text(".connection"))
        self.assertIn("frozen", self.script("return document.querySelector('.hero').className"))
        self.plant.post(self.plant.event("W1", at=time.time() - 3600))
        self.wait("the progress", lambda: re.search(r"1 h 00 min behind \((49|50) %\)", self.text(".board-state")))
        self.plant.post(self.plant.event("W1"))
        self.wait("the present", lambda: self.text(".board-state strong") == "Normal" or "uncertain" in self.text(".board-state"))
        self.assertEqual(self.text(".connection"), "Live")

    def test_3_low_coverage_is_not_normal(self):
        self.open("/#/plant-a/board?window=day")
        self.wait("the record", lambda: self.all(".hero"))
        words = self.driver.execute_async_script("""
          const done = arguments[0];
          Promise.all([import('/state.js'), import('/actions.js')]).then(([{ state }, { actions }]) => {
            Object.assign(state.data.get('plant-a/kpi').value.site, { quality: 64, coverage_pct: 13 });
            Object.assign(state.data.get('plant-a/board').value.record, { quality: 64 });
            actions.set({});
            requestAnimationFrame(() => requestAnimationFrame(() => done([document.querySelector('.board-state').innerText, document.querySelector('.hero').className])));
          });
        """)
        self.assertIn("Figures are uncertain: 13.0 % covered", words[0])
        self.assertIn("frozen", words[1])

    def test_4_without_the_broker(self):
        self.open("/#/plant-a/board?window=day")
        self.plant.broker.terminate()
        self.plant.broker.wait(10)
        self.wait("the words", lambda: "No data since" in self.text(".board-state"))
        self.wait("the banner", lambda: "figures are frozen" in self.text("#banner"))
        self.assertNotIn("Normal", self.text("main"))
        self.assertEqual(self.text(".connection"), "Broker unreachable")
        self.assertEqual(self.script("return document.documentElement.scrollHeight"), 1080)
        self.assertFalse(self.script(CONTRAST) + self.script(LABELS))


class WeekTest(BoardPage):
    """The page does not grow: drawing it again and again leaves no nodes and no listeners behind."""

    def test_drawing_again_leaves_nothing_behind(self):
        self.open("/#/plant-a/board")
        self.wait("the stations", lambda: len(self.all(".now")) == 8)
        draw = """
          const done = arguments[0];
          import('/actions.js').then(async ({ actions }) => {
            for (let n = 0; n < 300; n += 1) { actions.set({}); await new Promise(requestAnimationFrame); }
            done(true);
          });
        """
        self.driver.set_script_timeout(300)
        self.driver.execute_cdp_cmd("Performance.enable", {})

        def figures():
            self.driver.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
            metrics = {m["name"]: m["value"] for m in self.driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]}
            return metrics["Nodes"], metrics["JSEventListeners"], metrics["JSHeapUsedSize"]

        self.driver.execute_async_script(draw)
        before = figures()
        self.driver.execute_async_script(draw)
        most = (2 * self.script("return document.querySelectorAll('*').length"), 200, 1_000_000)
        seen = []

        def is_small():
            seen[:] = [later - earlier for earlier, later in zip(before, figures())]
            return all(grown < limit for grown, limit in zip(seen, most))

        # A tree that was just replaced may wait for the collector; what hundreds of drawings leave behind stays.
        self.wait(lambda: f"what was drawn to be collected: {before} grew by {seen}, at most {most}", is_small)


if __name__ == "__main__":
    unittest.main()
