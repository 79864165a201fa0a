"""Walks docs/start.md as a user would: every `sh` block in its order, in one shell and an empty folder, with a real broker
and the real program. A `text` block is what the block before it prints: its lines in this order, `…` is anything.

Before the page ends its bridge, the commands of all other pages that read a store, and those that they send by MQTT, are
run there."""
import datetime, json, os, re, shlex, subprocess, time, unittest, zoneinfo

from plant import ANDON, Folder, free_port, in_repository, read, run, wait_for, write
from test_commands import command, lines

# Stands for what changes the machine: installing and building. `make` must know what it is asked for.
STANDS_FOR = {
    "make": f'#!/bin/sh\nexec make -n -C {in_repository("")} "$@" >/dev/null\n',
    "swift": "#!/bin/sh\n", "apt": "#!/bin/sh\n", "sudo": '#!/bin/sh\nexec "$@"\n',
}
# Commands that only read a site's store, and what is put in for the names and times of the pages.
READING = {"kpi", "stops", "report", "compare", "calendar", "drift", "alerts", "privacy"}
NAMES = {"l1": "line-1", "cam-07": "cam-02"}
# Refusals that only say that the page's plant is another one; `bad_request` and `unknown_command` are none of them.
OTHER_PLANT = {"unknown_alert", "unknown_camera", "unknown_line", "unknown_worker", "no_stop", "overlap", "nothing_to_clear"}
# Who reads looks again when nothing is there yet; these commands only read.
READS = re.compile(r"(andon (kpi|stops|quarantine list|check)|mosquitto_sub|curl -s http|until curl|echo \")")


def blocks(page):
    """(kind, text) of the fenced blocks of a page."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", page, re.M | re.S)


def shows(output, expected):
    """Whether each expected line is in the output, in this order."""
    lines, at = output.splitlines(), 0
    for wanted in expected.splitlines():
        parts = [r"\s+".join(re.escape(word) for word in part.split()) for part in re.split(r"\s*…\s*", wanted)]
        pattern = re.compile(r"\s*" + ".*".join(parts) + r"\s*\Z")
        at = next((number + 1 for number in range(at, len(lines)) if pattern.match(lines[number])), 0)
        if at == 0:
            return False
    return True


class Shell:
    """One bash, as the reader's terminal: variables, folder and jobs stay from block to block."""

    def __init__(self, folder, environment):
        self.folder, self.count = folder, 0
        self.process = subprocess.Popen(["bash"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        cwd=folder("reader"), env=environment, text=True)
        self.tell("set -o pipefail; trap 'echo \"failed: $BASH_COMMAND\" >>$failures' ERR")

    def tell(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def run(self, block, seconds=60):
        """What the block printed, and the commands in it that failed."""
        self.count += 1
        script, output, failures, done = (self.folder(f"{self.count}.{kind}") for kind in ("sh", "out", "failures", "done"))
        write(script, block)
        write(failures, "")
        self.tell(f"failures={failures}; . {script} >{output} 2>&1 </dev/null; touch {done}")
        end = time.monotonic() + seconds
        while not os.path.exists(done):
            if time.monotonic() > end or self.process.poll() is not None:
                raise AssertionError(f"not within {seconds} s:\n{block}\n{read(output)}")
            time.sleep(0.02)
        return read(output), read(failures)

    def end(self):
        self.tell("kill $bridge $broker; wait; exit 0")
        try:
            self.process.wait(30)
        finally:
            self.process.kill()
            self.process.stdin.close()


def zone_with_a_quiet_hour():
    """The page's zone, or another one in the half hour after a shift began there: a stop ends with its shift."""
    for name in ("Europe/Berlin", "Asia/Tokyo"):
        now = datetime.datetime.now(zoneinfo.ZoneInfo(name))
        if (now.hour % 12, now.minute < 30) != (6, True) and (now.hour % 12, now.minute > 50) != (5, True):
            return name
    raise AssertionError("no zone is far from the change of a shift")


class Start(unittest.TestCase):
    def setUp(self):
        self.folder = Folder()
        self.addCleanup(self.folder.remove)
        for name in ("bin", "reader"):
            os.makedirs(self.folder(name))
        os.symlink(ANDON, self.folder("bin/andon"))
        for name, text in STANDS_FOR.items():
            write(self.folder("bin", name), text.replace("exec make", "exec /usr/bin/make"), 0o755)
        self.shell = Shell(self.folder, {**os.environ, "PATH": f"{self.folder('bin')}:{os.environ['PATH']}"})
        self.addCleanup(self.shell.end)
        # All that is changed in the page.
        camera = str(free_port())
        self.changes = {"listener 1885": f"listener {camera} 127.0.0.1", "1884": str(free_port()), "1885": camera,
                        "8080": str(free_port()), "Europe/Berlin": zone_with_a_quiet_hour()}

    def placed(self, text):
        return re.sub("|".join(map(re.escape, self.changes)), lambda match: self.changes[match.group()], text)

    def test_every_block_does_what_the_page_says(self):
        found = blocks(read(in_repository("docs/start.md")))
        self.assertGreaterEqual(sum(kind == "sh" for kind, _ in found), 15)
        self.assertGreaterEqual(sum(kind == "text" for kind, _ in found), 10)
        for index, (kind, text) in enumerate(found):
            if kind != "sh":
                continue
            if "kill $bridge $broker" in text:
                self.read_as_other_pages_do()
                self.send_as_other_pages_do()
                self.post_as_other_pages_do()
            block = self.placed(text)
            expected = self.placed(found[index + 1][1]) if found[index + 1:] and found[index + 1][0] == "text" else ""
            can_repeat = all(READS.match(line) for line in block.splitlines())
            end = time.monotonic() + 40
            while True:
                output, failures = self.shell.run(block)
                if not failures and shows(output, expected):
                    break
                if not can_repeat or time.monotonic() > end:
                    self.fail(f"{block}\nprinted\n{output}\n{failures}\nthe page says\n{expected}\n{self.logs()}")

    def read_as_other_pages_do(self):
        failed, count = [], 0
        for page, line in lines():
            arguments = command(line)
            if page == "docs/start.md" or not arguments or arguments[0] not in READING or "…" in arguments or arguments[:2] == ["privacy", "diff"]:
                continue
            for index, argument in enumerate(arguments):
                before = arguments[index - 1]
                if re.match(r"\d{4}-\d\d-\d\d", argument):
                    argument = "-12h" if before == "--from" else "now"
                arguments[index] = "andon.yaml" if before == "--config" else NAMES.get(argument, argument)
            done = run(ANDON, *arguments, cwd=self.folder("reader/first-hour"), check=False)
            count += 1
            if done.returncode != 0:
                failed.append(f"{page}: {line}\n  {shlex.join(arguments)}\n  {done.returncode} {done.stdout[:300]}")
        self.assertEqual(failed, [])
        self.assertGreater(count, 12)

    def send_as_other_pages_do(self):
        answers, port = self.folder("answers"), self.changes["1884"]
        with open(answers, "w") as file:
            # The retained topic says that the subscription is there.
            listening = subprocess.Popen(["mosquitto_sub", "-p", port, "-q", "1", "-v", "-t", "andon/v1/_bridge/+/availability",
                                          "-t", "andon/v1/plant-a/cmd_result/#"], stdout=file)
        self.addCleanup(listening.wait)
        self.addCleanup(listening.kill)
        wait_for("the subscription", lambda: "online" in read(answers))
        wrong, count = [], 0
        for page, line in lines():
            if not line.startswith("mosquitto_pub") or "/cmd/" not in line:
                continue
            words = shlex.split(line.split(" # ")[0])
            topic, message = words[words.index("-t") + 1], words[words.index("-m") + 1]
            before = len(read(answers).splitlines())
            run("mosquitto_pub", "-p", port, "-q", "1", "-t", topic, "-m", message)
            answer = wait_for(f"an answer to {line}", lambda: read(answers).splitlines()[before:])
            said = json.loads(answer[0].split(" ", 1)[1])
            count += 1
            if not said["ok"] and said["code"] not in OTHER_PLANT:
                wrong.append(f"{page}: {line}\n  {said}")
        self.assertEqual(wrong, [])
        self.assertGreater(count, 8)

    def post_as_other_pages_do(self):
        environment = {**os.environ, "TOKEN": read(self.folder("reader/first-hour/http-token")).strip()}
        wrong, count = [], 0
        for page, line in lines():
            if not line.startswith("curl") or not ("-X POST" in line or " -d " in line):
                continue
            done = run("bash", "-c", self.placed(line) + " -sS -w '\n%{http_code}'", env=environment)
            body, status = done.stdout.rsplit("\n", 1)
            said = json.loads(body)
            count += 1
            # 422: every event of the page is too old today.
            if not (status == "200" or said.get("code") in OTHER_PLANT or status == "422" and "items" in said):
                wrong.append(f"{page}: {line}\n  {done.stdout}")
        self.assertEqual(wrong, [])
        self.assertGreater(count, 2)

    def logs(self):
        names = [self.folder("reader/first-hour", name) for name in ("andon.log", "broker.log")]
        return "\n".join(read(name)[-1500:] for name in names if os.path.exists(name))


if __name__ == "__main__":
    unittest.main()
