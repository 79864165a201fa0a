"""Schemathesis asks the running server what its document allows, and much that it does not: no answer may be a 5xx
or other than documented."""

import os
import subprocess
import sys
import unittest

from plant import TOKEN, Plant

EXAMPLES = os.environ.get("ANDON_EXAMPLES", "12")


class ContractTest(unittest.TestCase):
    def test_the_server_keeps_to_its_document(self):
        with Plant(http=", idle_timeout: 300s") as plant:
            plant.simulate(duration="1h", scenario="chaos", workers=4)
            command = [
                sys.executable, "-m", "schemathesis.cli", "run", plant.url + "/openapi.json",
                "--header", f"Authorization: Bearer {TOKEN}", "--max-examples", EXAMPLES, "--seed", "7", "--workers", "1",
                # A stream does not end, so test_api.py reads it.
                "--exclude-path", "/api/v1/stream",
                "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
                "unsupported_method,negative_data_rejection", "--phases", "examples,coverage,fuzzing", "--request-timeout", "20",
            ]
            done = subprocess.run(command, capture_output=True, text=True, cwd=plant.folder, timeout=500)
            self.assertRegex(done.stdout, r"Generated +[0-9]{3,}|generated +[0-9]{3,}|[0-9]{3,} (test cases|generated)", done.stdout[-3000:])
            self.assertEqual(done.returncode, 0, done.stdout[-6000:] + done.stderr[-2000:])
            self.assertTrue(plant.get("/healthz", raw=True))


if __name__ == "__main__":
    unittest.main()
