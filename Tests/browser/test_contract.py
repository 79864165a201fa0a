"""Schemathesis asks the running server what its document allows, and much that it does not, as an admin and as every other role: no answer
may be a 5xx or other than documented."""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
import unittest

from plant import TOKEN, Plant

EXAMPLES = os.environ.get("ANDON_EXAMPLES", "12")
ROLES = ("viewer", "lead", "maintainer", "operator")


class ContractTest(unittest.TestCase):
    def ask(self, plant, token, phases, examples):
        """Returns how many requests were made."""
        command = [
            sys.executable, "-m", "schemathesis.cli", "run", plant.url + "/openapi.json",
            "--header", f"Authorization: Bearer {token}", "--max-examples", examples, "--seed", "7", "--workers", "1",
            # A stream does not end, so test_api.py reads it.
            "--exclude-path", "/api/v1/stream",
            "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
            "unsupported_method,negative_data_rejection", "--phases", phases, "--request-timeout", "20",
        ]
        done = subprocess.run(command, capture_output=True, text=True, cwd=plant.folder, timeout=500)
        self.assertEqual(done.returncode, 0, done.stdout[-6000:] + done.stderr[-2000:])
        self.assertTrue(plant.get("/healthz", raw=True))
        found = re.search(r"([0-9]+) generated|[Gg]enerated +([0-9]+)|([0-9]+) test cases", done.stdout)
        self.assertIsNotNone(found, done.stdout[-3000:])
        return int(next(group for group in found.groups() if group))

    def test_the_server_keeps_to_its_document(self):
        with Plant(http=", idle_timeout: 300s") as plant:
            plant.simulate(duration="1h", scenario="chaos", workers=4)
            self.assertGreater(self.ask(plant, TOKEN, "examples,coverage,fuzzing", EXAMPLES), 100)

    def test_the_server_keeps_to_its_document_for_other_roles(self):
        """What a role may not do is refused as documented, and what it may do does not depend on the role's name."""
        with tempfile.TemporaryDirectory() as folder:
            with open(f"{folder}/users.yaml", "w") as f:
                f.write("users:\n")
                for role in ROLES:
                    digest = hashlib.sha256(f"token-of-{role}".encode()).hexdigest()
                    f.write(f"  - {{name: {role}, role: {role}, sites: all, tokens: [{{id: t1, sha256: \"{digest}\", "
                            "created: \"2026-11-30T00:00:00.000Z\"}]}\n")
            os.chmod(f"{folder}/users.yaml", 0o600)
            with Plant(http=f", idle_timeout: 300s, users_file: {folder}/users.yaml") as plant:
                plant.simulate(duration="10m", scenario="chaos", workers=4)
                for role in ROLES:
                    with self.subTest(role=role):
                        self.assertGreater(self.ask(plant, f"token-of-{role}", "examples,coverage", "2"), 100)


if __name__ == "__main__":
    unittest.main()
