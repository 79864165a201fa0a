"""The Debian package: made, looked at by lintian, installed into a root of its own, used, removed and purged."""
import glob, os, re, shutil, subprocess, unittest

from plant import ANDON, Folder, in_repository, read, run, write


@unittest.skipUnless(shutil.which("dpkg-deb") and shutil.which("dpkg-shlibdeps"), "dpkg-dev is not installed")
class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Folder()
        made = run(in_repository("scripts/make-deb"), "--binary", ANDON, "--out", cls.folder(), "--quick", timeout=120)
        cls.package = made.stdout.strip().splitlines()[-1]

    @classmethod
    def tearDownClass(cls):
        cls.folder.remove()

    def test_it_holds_what_a_machine_needs(self):
        listing = run("dpkg-deb", "--contents", self.package).stdout
        for path in ("usr/bin/andon", "lib/systemd/system/andon.service", "lib/systemd/system/andon-overview.service",
                     "etc/andon/andon.yaml", "usr/share/doc/andon/examples/overview.yaml",
                     "usr/share/man/man1/andon.1.gz", "usr/share/bash-completion/completions/andon",
                     "usr/share/zsh/vendor-completions/_andon", "usr/share/fish/vendor_completions.d/andon.fish",
                     "usr/share/andon/mosquitto/plant.conf", "usr/share/andon/make-certs", "usr/share/andon/camera",
                     "usr/share/doc/andon/copyright", "usr/share/doc/andon/changelog.gz"):
            self.assertRegex(listing, rf"(?m) \./{re.escape(path)}$")
        self.assertEqual({line.split()[1] for line in listing.splitlines()}, {"root/root"})
        fields = run("dpkg-deb", "--field", self.package).stdout
        version = run(ANDON, "--version").stdout.strip().replace("-", "~")
        self.assertIn(f"Version: {version}\n", fields)
        depends = re.search(r"^Depends: (.*)$", fields, re.M).group(1)
        for library in ("libc6", "libcurl4", "libmosquitto1", "libpq5", "libsqlite3-0", "adduser", "tzdata"):
            self.assertRegex(depends, rf"\b{library}\b")

    def test_the_program_is_small_and_its_debug_information_is_beside_the_package(self):
        run("dpkg-deb", "--extract", self.package, self.folder("stripped"))
        program, debug = self.folder("stripped", "usr/bin/andon"), self.folder("andon.debug")
        sections = run("readelf", "--wide", "--sections", program).stdout
        named = set(re.findall(r"\] (\.\w+) ", sections))
        self.assertIn(".text", named)
        self.assertEqual(named & {".symtab", ".debug_info", ".debug_names", ".swift_ast"}, set(), "for a debugger only")
        # What is loaded, and little else: a release build has 23 MB of it, the debug build of the tests more.
        loaded = sum(int(size, 16) for size in re.findall(r"(?m)^  LOAD\s+\S+ \S+ \S+ (\S+)", run("readelf", "--wide", "--segments", program).stdout))
        self.assertLess(os.path.getsize(program), loaded + 2_000_000)

        build = re.compile(r"Build ID: (\w{40})")
        wanted = build.search(run("readelf", "--notes", program).stdout).group(1)
        self.assertEqual(build.search(run("readelf", "--notes", debug).stdout).group(1), wanted)
        # Setting the path of the libraries moves parts of the file; the code must be where the debug information says.
        place = re.compile(r"\] \.text +\w+ +(\w+) \w+ (\w+)")
        self.assertEqual(place.search(sections).groups(), place.search(run("readelf", "--wide", "--sections", debug).stdout).groups())
        # A checksum follows the name, and its bytes need not be a text.
        link = run("readelf", "--string-dump=.gnu_debuglink", program, errors="replace").stdout
        self.assertIn(" andon.debug\n", link)
        # An address of the packaged program has its function's name and file there.
        symbol = re.search(r"(?m)^(\w+) T main$", run("nm", debug).stdout).group(1)
        named = run("addr2line", "--functions", "--exe", debug, f"0x{symbol}").stdout
        self.assertRegex(named, r"^\w*main\n\S*AndonCommand\.swift:")

    @unittest.skipUnless(shutil.which("lintian"), "lintian is not installed")
    def test_lintian_finds_nothing(self):
        report = run("lintian", "--fail-on", "error,warning", "--tag-display-limit", "0", self.package,
                     check=False, timeout=180)
        findings = [line for line in report.stdout.splitlines() if re.match(r"[EW]: ", line)]
        self.assertEqual(findings, [])
        self.assertEqual(report.returncode, 0, report.stdout)

    def test_the_manual_page_is_well_formed_and_names_every_command(self):
        run("dpkg-deb", "--extract", self.package, self.folder("manual"))
        page = run("gzip", "-dc", self.folder("manual", "usr/share/man/man1/andon.1.gz")).stdout
        for command in re.findall(r"(?m)^  (\w+)  ", run(ANDON, "--help").stdout.partition("SUBCOMMANDS:")[2]):
            self.assertIn(f".SS andon {command}\n", page)
        self.assertIn("\\-\\-config", page)
        self.assertIn("ANDON_CONFIG", page)
        # Commands below commands, and every example in its own lines.
        examples = 0
        for name in re.findall(r"(?m)^\.SS (andon .+)$", page):
            name = name.replace("\\-", "-")
            text = run(*[ANDON, *name.split()[1:]], "--help", env={**os.environ, "COLUMNS": "80"}).stdout
            for example in re.findall(r"(?m)^  (andon .+)$", text):
                self.assertIn("\n" + example.replace("\\", "\\e").replace("-", "\\-") + "\n", page)
                examples += 1
        self.assertGreater(examples, 70)
        if shutil.which("mandoc"):
            write(self.folder("andon.1"), page)
            self.assertEqual(run("mandoc", "-T", "lint", "-W", "error", self.folder("andon.1"), check=False).stdout, "")

    def test_the_bash_completion_is_a_script_that_completes(self):
        run("dpkg-deb", "--extract", self.package, self.folder("completion"))
        script = self.folder("completion", "usr/share/bash-completion/completions/andon")
        for line, expected in (("andon si", ["simulate"]), ("andon quarantine re", ["replay"]), ("andon kpi --sc", ["--scope"]),
                               ("andon kpi --window sh", ["shift"])):
            words = line.split()
            text = (f"source {script}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; COMP_LINE='{line}'; COMP_POINT={len(line)}; "
                    f"f=$(complete -p andon | sed 's/.*-F \\([^ ]*\\).*/\\1/'); $f andon {words[-1]} {words[-2]}; echo \"${{COMPREPLY[@]}}\"")
            self.assertEqual(run("bash", "-c", text).stdout.split(), expected, line)

    def test_the_completions_of_other_shells_name_every_command(self):
        run("dpkg-deb", "--extract", self.package, self.folder("shells"))
        commands = re.findall(r"(?m)^  ([\w-]+)  ", run(ANDON, "--help").stdout.partition("SUBCOMMANDS:")[2])
        self.assertGreater(len(commands), 20)
        for path, shell in (("zsh/vendor-completions/_andon", "zsh"), ("fish/vendor_completions.d/andon.fish", "fish")):
            script = self.folder("shells", "usr/share", path)
            text = read(script)
            self.assertEqual([name for name in commands if not re.search(rf"(?<![\w-]){name}(?![\w-])", text)], [])
            self.assertIn("complete" if shell == "fish" else "#compdef andon", text)
            if shutil.which(shell):
                run(shell, "-n", script)

    @unittest.skipUnless(os.geteuid() == 0, "installing needs root")
    def test_installed_used_removed_purged(self):
        root = self.folder("root")
        for path in ("var/lib/dpkg/info", "var/lib/dpkg/updates", "etc", "usr/bin", "tmp"):
            os.makedirs(f"{root}/{path}")
        for path in ("var/lib/dpkg/status", "var/lib/dpkg/available"):
            write(f"{root}/{path}", "")
        # dpkg runs the package's scripts only in a root with a whole system. They are run below with stand-ins for the
        # programs that they call.
        dpkg = ["dpkg", "--root", root, "--force-depends", "--force-script-chrootless", "--log", f"{root}/log"]
        tools = self.folder("tools")
        os.makedirs(tools)
        for tool in ("adduser", "deluser", "getent", "systemctl"):
            write(f"{tools}/{tool}", f'#!/bin/sh\necho "{tool} $*" >>{root}/calls\n[ {tool} != getent ]\n', 0o755)
        # The scripts with the paths of this root.
        control = self.folder("control")
        run("dpkg-deb", "--raw-extract", self.package, control)
        for script in ("postinst", "prerm", "postrm"):
            path = f"{control}/DEBIAN/{script}"
            write(path, re.sub(r"(?<=[ >])/(etc|var|run|usr/sbin)/", rf"{root}/\1/", read(path)), 0o755)
        repacked = self.folder("repacked.deb")
        run("dpkg-deb", "--root-owner-group", "-Znone", "--build", control, repacked)
        environment = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}

        run(*dpkg, "--install", repacked, env=environment)
        installed = f"{root}/usr/bin/andon"
        # In this root the libraries are not in /usr/lib/andon.
        more = {"LD_LIBRARY_PATH": f"{root}/usr/lib/andon"}
        loaded = run("ldd", installed, env={**os.environ, **more}).stdout
        self.assertNotIn("not found", loaded)
        self.assertIn(f"{root}/usr/lib/andon/libswiftCore.so", loaded)
        self.assertNotRegex(loaded, rf"=> /(?!lib|usr/lib)(?!{re.escape(root[1:])})", "a library of the compiler's")
        self.assertEqual(run(installed, "--version", env={**os.environ, **more}).stdout, run(ANDON, "--version").stdout)
        checked = run(installed, "check", "--offline", "--config", f"{root}/etc/andon/andon.yaml",
                      env={**os.environ, **more, "ANDON_BRIDGE_DATA_DIR": f"{root}/var/lib/andon"})
        self.assertIn("plant-a: Europe/Berlin", checked.stdout)
        self.assertIn("\n  data_dir: /var/lib/andon\n", read(f"{root}/etc/andon/andon.yaml"))
        token = f"{root}/etc/andon/credentials/http-token"
        self.assertEqual(os.stat(token).st_mode & 0o777, 0o600)
        self.assertGreaterEqual(len(read(token).strip()), 32)
        self.assertIn("adduser --system", read(f"{root}/calls"))

        # An edited configuration and a token survive the next installation.
        first = read(token)
        write(f"{root}/etc/andon/andon.yaml", "# mine\n" + read(f"{root}/etc/andon/andon.yaml"))
        run(*dpkg, "--install", repacked, env=environment)
        self.assertEqual(read(token), first)
        self.assertTrue(read(f"{root}/etc/andon/andon.yaml").startswith("# mine\n"))

        os.makedirs(f"{root}/var/lib/andon/sites", exist_ok=True)
        write(f"{root}/var/lib/andon/sites/plant-a.sqlite", "events")
        run(*dpkg, "--remove", "andon", env=environment)
        self.assertFalse(os.path.exists(installed))
        self.assertTrue(os.path.exists(f"{root}/etc/andon/andon.yaml"), "a removed package keeps its configuration")
        run(*dpkg, "--purge", "andon", env=environment)
        self.assertFalse(os.path.exists(f"{root}/etc/andon"))
        self.assertEqual(read(f"{root}/var/lib/andon/sites/plant-a.sqlite"), "events", "events are never removed")

    def test_the_same_sources_give_the_same_package(self):
        again = run(in_repository("scripts/make-deb"), "--binary", ANDON, "--out", self.folder("again"), "--quick",
                    timeout=120).stdout.strip().splitlines()[-1]
        with open(self.package, "rb") as one, open(again, "rb") as two:
            self.assertEqual(one.read(), two.read())


if __name__ == "__main__":
    unittest.main()
