"""What the pages tell a reader to type is understood: command lines of `andon`, `make` and scripts, addresses of the API,
and configurations. Nothing is run that changes anything: `andon` is given files that do not exist, so that it ends after
it has understood its arguments (exit status 64 when it has not). What a command then does is tested elsewhere; whole pages
are walked by test_walk.py, test_start.py and test_operations.py."""
import json, os, pathlib, re, shlex, subprocess, tempfile, unittest, urllib.parse

import yaml

from plant import ANDON, in_repository, read, run, write

BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.M | re.S)
WRONG_USAGE = 64
# Options that name a file, and commands that begin with a file: the test's are missing.
FILES = {"--config", "--password-file", "--sample"}
# A page may shorten: `andon stops … --pareto` is the line before with other options.
SHORT = re.compile(r"^andon (\w+) …")


def pages():
    """Paths of all pages in the repository."""
    root = pathlib.Path(in_repository(""))
    return [str(path.relative_to(root)) for path in sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")])]


def blocks(kinds):
    """(page, text) of each fenced block of these kinds."""
    for page in pages():
        for kind, text in BLOCK.findall(read(in_repository(page))):
            if kind in kinds:
                yield page, text


def lines():
    """(page, line) of each command line, its continuations joined."""
    for page, text in blocks({"sh", ""}):
        for line in re.sub(r"\s*\\\n\s*", " ", text).splitlines():
            yield page, line.strip()


def command(line):
    """The arguments after `andon`, or none when the line is another program's or no command."""
    match = re.match(r"(?:sudo -u \w+ |\.build/release/)*(andon [a-z].*)$", line)
    if not match:
        return None
    text = re.split(r"\s+(?:#|>|&|2>|\|)\s*|  +\w", match[1].replace("[", "").replace("]", ""))[0]
    return shlex.split(text)[1:]


class Commands(unittest.TestCase):
    def test_every_command_line_of_andon_is_understood(self):
        refused, count, whole = [], 0, {}
        with tempfile.TemporaryDirectory(prefix="andon-commands-") as folder:
            environment = {**os.environ, "ANDON_CONFIG": f"{folder}/missing.yaml"}
            for page, line in lines():
                arguments = command(SHORT.sub(lambda match: whole.get(match[1], match[0]), line))
                if arguments is None or arguments[:1] == ["demo"] or arguments == ["--version"]:
                    continue
                if not SHORT.match(line) and "--from" in arguments:
                    whole[arguments[0]] = "andon " + shlex.join(arguments)
                for index, argument in enumerate(arguments):
                    if argument in FILES and index + 1 < len(arguments):
                        arguments[index + 1] = f"{folder}/missing"
                    arguments[index] = arguments[index].replace("%2Fvar%2Frun%2Fpostgresql", urllib.parse.quote(folder, ""))
                done = subprocess.run([ANDON, *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                      capture_output=True, text=True, timeout=30)
                count += 1
                if done.returncode in (0, WRONG_USAGE) or done.returncode < 0:
                    refused.append(f"{page}: {line}\n  {done.returncode} {(done.stderr or done.stdout)[:200]}")
        self.assertEqual(refused, [])
        self.assertGreater(count, 50)

    def test_the_commands_for_works_councils_do_what_they_say(self):
        configuration = "privacy: {workers: %s}\nsites: [{id: plant-a, timezone: Europe/Berlin}]\n"
        with tempfile.TemporaryDirectory(prefix="andon-commands-") as folder:
            os.mkdir(f"{folder}/bin")
            os.symlink(ANDON, f"{folder}/bin/andon")
            environment = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}"}
            for name, workers in (("agreed", "off"), ("vereinbart", "off"), ("andon", "off"), ("wider", "named")):
                write(f"{folder}/{name}.yaml", configuration % workers)
            said = ""
            for page, text in blocks({"sh"}):
                if page not in ("docs/privacy.md", "docs/for-works-councils.md", "docs/de/datenschutz.md", "docs/de/fuer-betriebsraete.md"):
                    continue
                said += run("bash", "-ec", text, cwd=folder, env=environment).stdout
                if " diff " in text:
                    wider = run("bash", "-ec", text.replace(" andon.yaml", " wider.yaml"), cwd=folder, env=environment, check=False)
                    self.assertEqual((wider.returncode, "WIDER" in wider.stdout), (2, True), wider.stdout)
            for expected in ("# Privacy report", "Betriebsrat: [", "Works council: [", "nothing changes for people"):
                self.assertIn(expected, said)

    def test_every_target_and_script_exists(self):
        targets = set(re.findall(r"^([a-z-]+):", read(in_repository("Makefile")), re.M))
        missing = []
        for page, line in lines():
            made = re.match(r"make ([a-z-]+)", line)
            if made and made[1] not in targets:
                missing.append(f"{page}: make {made[1]}")
            script = re.match(r"((?:scripts|deploy|Benchmarks|Tests)/\S+)", line)
            if script and not os.path.exists(in_repository(script[1])):
                missing.append(f"{page}: {script[1]}")
        self.assertEqual(missing, [])

    def test_every_address_of_the_api_exists_with_its_parameters(self):
        paths = json.loads(read(in_repository("docs/openapi.json")))["paths"]
        known = {re.sub(r"\{\w+\}", "[^/]+", path): operations for path, operations in paths.items()}
        missing, count = [], 0
        for page, line in lines():
            for address in re.findall(r"http://127\.0\.0\.1:8080(/[^\s'\"#;]+)", line):
                path, _, query = address.partition("?")
                operations = next((known[pattern] for pattern in known if re.fullmatch(pattern, path)), None)
                names = {parameter.get("name") for operation in (operations or {}).values() if isinstance(operation, dict)
                         for parameter in operation.get("parameters", [])}
                unknown = [name for name in urllib.parse.parse_qs(query) if name not in names]
                count += 1
                if operations is None or unknown:
                    missing.append(f"{page}: {address} {unknown}")
        self.assertEqual(missing, [])
        self.assertGreater(count, 5)

    def test_every_configuration_is_understood(self):
        """Each YAML block of Andon, with a site if it has none. An indented block is a part of one."""
        wrong, count = [], 0
        for page, text in blocks({"yaml"}):
            try:
                content = yaml.safe_load(text)
            except yaml.YAMLError as error:
                wrong.append(f"{page}: {error}")
                continue
            # That of `andon overview`, and Frigate's own.
            if text.startswith(" ") or page == "docs/overview.md" or page == "docs/start.md" and "mqtt" in content:
                continue
            if "sites" not in content and content.get("central", {}).get("mode") != "fleet":
                text += "\nsites: [{id: plant-a, timezone: Europe/Berlin}]\n"
            with tempfile.TemporaryDirectory(prefix="andon-commands-") as folder:
                write(f"{folder}/holidays.ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n")
                write(f"{folder}/andon.yaml", text.replace("/etc/andon/holidays.ics", f"{folder}/holidays.ics"))
                done = run(ANDON, "check", "--offline", "--json", "--config", "andon.yaml", cwd=folder, check=False)
            count += 1
            if not done.stdout.startswith("["):
                wrong.append(f"{page}: {done.stdout}")
                continue
            findings, _ = json.JSONDecoder().raw_decode(done.stdout)
            wrong += [f"{page}: {finding['text']}" for finding in findings
                      if finding["level"] == "error" and finding["subject"] == "config"]
        self.assertEqual(wrong, [])
        self.assertGreater(count, 8)


if __name__ == "__main__":
    unittest.main()
