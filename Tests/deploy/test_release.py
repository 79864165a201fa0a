"""What `make release` publishes: the same bytes each time, checksums that hold, and a list of what is in the program."""
import json, os, re, shutil, subprocess, unittest

from plant import ANDON, Folder, in_repository, read, run


@unittest.skipUnless(shutil.which("dpkg-deb") and shutil.which("dpkg-shlibdeps"), "dpkg-dev is not installed")
class Release(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Folder()
        for name in ("one", "two"):
            run(in_repository("scripts/make-release"), "--binary", ANDON, "--out", cls.folder(name), "--quick", timeout=300)
        cls.sbom = json.loads(read(cls.folder("one/andon.cdx.json")))

    @classmethod
    def tearDownClass(cls):
        cls.folder.remove()

    def test_made_twice_the_files_are_equal(self):
        names = sorted(os.listdir(self.folder("one")))
        self.assertEqual([re.sub(r"_.*_", "_…_", name) for name in names], ["SHA256SUMS", "andon", "andon.cdx.json", "andon.debug", f"andon_…_{names[-1].split('_')[-1]}"])
        self.assertEqual(names, sorted(os.listdir(self.folder("two"))))
        for name in names:
            with open(self.folder("one", name), "rb") as one, open(self.folder("two", name), "rb") as two:
                self.assertEqual(one.read() == two.read(), True, name)

    def test_the_checksums_hold_and_find_a_changed_byte(self):
        self.assertEqual(read(self.folder("one/SHA256SUMS")).count("\n"), 4)
        run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=self.folder("one"))
        with open(self.folder("two/andon.cdx.json"), "ab") as file:
            file.write(b" ")
        self.addCleanup(lambda: os.truncate(self.folder("two/andon.cdx.json"), os.path.getsize(self.folder("one/andon.cdx.json"))))
        self.assertNotEqual(run("sha256sum", "--check", "SHA256SUMS", cwd=self.folder("two"), check=False).returncode, 0)

    def test_the_list_of_components_is_whole(self):
        self.assertEqual((self.sbom["bomFormat"], self.sbom["specVersion"]), ("CycloneDX", "1.5"))
        self.assertRegex(self.sbom["serialNumber"], r"^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
        self.assertRegex(self.sbom["metadata"]["timestamp"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        program = self.sbom["metadata"]["component"]
        self.assertEqual(program["version"], run(ANDON, "--version").stdout.strip())
        digest = run("sha256sum", self.folder("one/andon")).stdout.split()[0]
        self.assertEqual(program["hashes"], [{"alg": "SHA-256", "content": digest}])

        components = {component["name"]: component for component in self.sbom["components"]}
        self.assertEqual(len(components), len(self.sbom["components"]))
        # Every pinned package, with its commit.
        pins = json.loads(read(in_repository("Package.resolved")))["pins"]
        for pin in pins:
            component = components[pin["identity"]]
            self.assertEqual(component["version"], pin["state"].get("version", pin["state"]["revision"]))
            self.assertIn({"name": "andon:revision", "value": pin["state"]["revision"]}, component["properties"])
            self.assertRegex(component["purl"], r"^pkg:swift/github\.com/")
            self.assertTrue(component.get("licenses"), f"no license found of {pin['identity']}")
        # Every library of Debian that the package depends on, and Swift's.
        deb = next(name for name in os.listdir(self.folder("one")) if name.endswith(".deb"))
        depends = re.search(r"(?m)^Depends: (.*)$", run("dpkg-deb", "--field", self.folder("one", deb)).stdout)[1]
        libraries = {part.split()[0] for part in depends.split(",") if part.split()[0].startswith("lib")}
        self.assertEqual({name for name in libraries if name not in components}, set())
        self.assertIn("libswiftCore.so", components)
        self.assertNotIn("unknown", [component["version"] for component in components.values()])
        references = [component["bom-ref"] for component in self.sbom["components"]]
        self.assertEqual(len(set(references)), len(references))
        self.assertEqual(self.sbom["dependencies"][0]["dependsOn"], references)


if __name__ == "__main__":
    unittest.main()
