"""Compose file, Dockerfile and Kubernetes manifests, held against each other and against the program: there is no
Docker and no cluster where the tests run, so this is what can be known without them."""
import os, re, shutil, unittest

import yaml

from plant import ANDON, Broker, Folder, Postgres, free_port, in_repository, publish, read, run, write


def load(path):
    return yaml.safe_load(read(in_repository(path)))


def load_all(path):
    return [document for document in yaml.safe_load_all(read(in_repository(path))) if document]


def checked(text):
    """What `andon check --offline` says of a configuration."""
    folder = Folder()
    try:
        write(folder("andon.yaml"), text)
        return run(ANDON, "check", "--offline", "--config", folder("andon.yaml"), check=False,
                   env={**os.environ, "ANDON_BRIDGE_DATA_DIR": folder("data")})
    finally:
        folder.remove()


class Compose(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.file = load("docker-compose.yml")
        cls.services = cls.file["services"]

    def test_every_service_has_no_more_rights_than_it_needs(self):
        for name, service in self.services.items():
            self.assertIs(service.get("read_only"), True, name)
            self.assertEqual(service.get("cap_drop"), ["ALL"], name)
            self.assertIn("no-new-privileges:true", service.get("security_opt", []), name)
            self.assertRegex(service.get("user", ""), r"^[1-9]\d*:[1-9]\d*$", name)
            for word in ("privileged", "cap_add", "network_mode", "pid"):
                self.assertNotIn(word, service, name)
            self.assertIn("healthcheck", service, name)
            for port in service.get("ports", []):
                self.assertTrue(port.startswith("127.0.0.1:"), f"{name} listens to everyone: {port}")

    def test_names_lead_somewhere(self):
        volumes, secrets = set(self.file["volumes"]), set(self.file["secrets"])
        used_volumes, used_secrets = set(), set()
        for name, service in self.services.items():
            for other, condition in service.get("depends_on", {}).items():
                self.assertIn(other, self.services)
                self.assertEqual(condition["condition"], "service_healthy")
            for mount in service.get("volumes", []):
                source = mount.split(":")[0]
                if source.startswith("./"):
                    self.assertTrue(mount.endswith(":ro"), f"{name} may write {source}")
                    if not source.startswith("./secrets"):
                        self.assertTrue(os.path.exists(in_repository(source)), f"{name} mounts {source}, which is not there")
                else:
                    used_volumes.add(source)
            for secret in service.get("secrets", []):
                used_secrets.add(secret if isinstance(secret, str) else secret["source"])
            # Every secret that a variable or a file names is one of the service's secrets.
            for value in service.get("environment", {}).values():
                found = re.fullmatch(r"/run/secrets/(.+)", str(value))
                if found:
                    self.assertIn(found.group(1), service["secrets"], name)
        self.assertEqual((used_volumes, used_secrets), (volumes, secrets))

    def test_profiles(self):
        profiles = {name: service.get("profiles", []) for name, service in self.services.items()}
        self.assertEqual({name for name, of in profiles.items() if not of}, {"mosquitto", "andon"})
        self.assertEqual({name for name, of in profiles.items() if "observability" in of}, {"prometheus", "grafana"})
        self.assertEqual({name for name, of in profiles.items() if "central" in of},
                         {"postgres", "central-init", "prometheus", "grafana"})
        for name, service in self.services.items():
            for other in service.get("depends_on", {}):
                # What a service waits for is started with it.
                self.assertTrue(not profiles[other] or set(profiles[name]) <= set(profiles[other]), f"{name} {other}")
        self.assertEqual({name for name, of in profiles.items() if "edge" in of}, {"edge"})

    def test_the_settings_are_settings_of_the_program(self):
        for name in ("andon", "simulator"):
            service = self.services[name]
            for variable in service["environment"]:
                self.assertIn(f"`{variable}`", read(in_repository("docs/configuration.md")))
        for name, words in {"simulator": 1, "central-init": 2}.items():
            command = self.services[name]["command"]
            known = run(ANDON, *command[:words], "--help").stdout
            for option in (word for word in command if word.startswith("--")):
                self.assertIn(option, known)

    def test_the_bridge_accepts_its_settings_with_and_without_the_central_history(self):
        folder = Folder()
        self.addCleanup(folder.remove)
        for mode in ("off", "history"):
            environment = {**os.environ, "ANDON_BRIDGE_DATA_DIR": folder("data")}
            for name, value in self.services["andon"]["environment"].items():
                value = value.replace("${ANDON_CENTRAL_MODE:-off}", mode)
                for secret in re.findall(r"/run/secrets/([\w-]+)", value):
                    path = folder(secret)
                    write(path, "x" * 32 + "\n", 0o600)
                    if secret.endswith("-ca"):
                        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x",
                            "-keyout", folder("key"), "-out", path)
                    value = value.replace(f"/run/secrets/{secret}", path)
                environment[name] = value
            done = run(ANDON, "check", "--offline", "--config", in_repository("config/andon.yaml"), check=False, env=environment)
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertIn("central.password_file", done.stdout)

    def test_prepare_makes_every_secret_and_brokers_that_start(self):
        folder = Folder()
        self.addCleanup(folder.remove)
        # `prepare` works in its own repository: a copy of the files that it uses.
        for path in ("mosquitto", "scripts", "deploy"):
            shutil.copytree(in_repository(path), folder(path))
        run(folder("deploy/docker/prepare"), "plant-b")
        for name, secret in self.file["secrets"].items():
            self.assertTrue(os.path.getsize(folder(secret["file"])) > 0, name)
        before = read(folder("secrets/http-token"))
        run(folder("deploy/docker/prepare"), "plant-b")
        self.assertEqual(read(folder("secrets/http-token")), before, "a second run keeps what is there")
        # The certificate of the central database is of the host that the clients' addresses name.
        shown = run("openssl", "verify", "-CAfile", folder("secrets/central/ca.crt"), "-verify_hostname", "postgres",
                    folder("secrets/central/server.crt")).stdout
        self.assertIn("OK", shown)
        edge = read(folder("secrets/edge/edge.conf"))
        self.assertIn("topic andon/v1/plant-b/camera/+/event out 1\n", edge)
        self.assertIn(f"remote_password {read(folder('secrets/edge-password')).strip()}\n", edge)
        self.assertNotIn("plant-a", edge)
        # With these files the plant's broker accepts the edge of plant-b.
        port = free_port()
        if os.geteuid() == 0:
            for path in ("acl", "passwd", "certs/server.key"):
                shutil.chown(folder("secrets/plant", path), "mosquitto", "mosquitto")
        broker = Broker("plant", folder("secrets/plant"), {8883: port, 8884: free_port()}).start()
        self.addCleanup(broker.stop)
        login = ["--cafile", folder("secrets/plant/certs/ca.crt"), "-u", "edge-plant-b",
                 "-P", read(folder("secrets/edge-password")).strip()]
        self.assertEqual(publish(port, "andon/v1/plant-b/camera/c/event", ["{}"], *login).returncode, 0)

    def test_prometheus_and_grafana_find_what_they_are_given(self):
        scrape = load("deploy/docker/prometheus.yml")["scrape_configs"][0]
        self.assertEqual(scrape["static_configs"][0]["targets"], ["andon:8080"])
        token = os.path.basename(scrape["authorization"]["credentials_file"])
        self.assertEqual([secret["target"] for secret in self.services["prometheus"]["secrets"]], [token])
        mounts = dict(mount.split(":")[:2][::-1] for mount in self.services["prometheus"]["volumes"])
        for rule in load("deploy/docker/prometheus.yml")["rule_files"]:
            self.assertIn(rule, mounts)
        provider = load("deploy/grafana/provisioning/dashboards/andon.yaml")["providers"][0]["options"]["path"]
        self.assertTrue(any(mount.split(":")[1].startswith(provider + "/") for mount in self.services["grafana"]["volumes"]))
        source = load("deploy/grafana/provisioning/datasources/andon.yaml")["datasources"][0]
        self.assertEqual(source["url"], "http://prometheus:9090")
        for name in os.listdir(in_repository("deploy/grafana")):
            if name.endswith(".json"):
                self.assertIn(f"./deploy/grafana/{name}:{provider}/{name}:ro", self.services["grafana"]["volumes"])
        source = load("deploy/grafana/provisioning/datasources/central.yaml")["datasources"][0]
        self.assertEqual((source["url"], source["jsonData"]["database"]),
                         ("postgres:5432", self.services["postgres"]["environment"]["POSTGRES_DB"]))
        for path in re.findall(r"/run/secrets/([\w-]+)", str(source)):
            self.assertIn(path, self.services["grafana"]["secrets"])

    def test_the_central_database(self):
        """Its addresses lead to it with the secrets that its clients have, and its script makes the roles."""
        secrets = {}
        for name in ("andon", "central-init"):
            service = self.services[name]
            text = " ".join(service.get("command", [])) + str(service.get("environment", ""))
            self.assertRegex(text, r"postgresql://\w+@postgres/andon\?sslrootcert=/run/secrets/central-ca\b")
            for secret in re.findall(r"/run/secrets/(central-[\w-]+)", text):
                self.assertIn(secret, service["secrets"], name)
        script = read(in_repository("deploy/docker/central-roles.sh"))
        for line in self.services["postgres"]["command"]:
            for secret in re.findall(r"/run/secrets/([\w-]+)", line):
                self.assertIn(secret, self.services["postgres"]["secrets"])
        folder = Folder()
        self.addCleanup(folder.remove)
        for secret in re.findall(r"/run/secrets/([\w-]+)", script):
            self.assertIn(secret, self.services["postgres"]["secrets"])
            write(folder(secret), f"password of '{secret}'\n")
            secrets[secret] = f"password of '{secret}'"
        server = Postgres(folder.path).start()
        self.addCleanup(server.stop)
        server.text("CREATE DATABASE andon")
        write(folder("roles.sh"), script.replace("/run/secrets", folder.path))
        run("sh", folder("roles.sh"), env={**os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(server.port)})
        run(ANDON, "central", "init", "--url", server.url("andon"))
        for role in ("owner", "bridge", "reader"):
            write(folder("password"), secrets[f"central-{role}-password"], 0o600)
            done = run(ANDON, "central", "status" if role == "reader" else "migrate", "--url", server.url("andon", f"andon_{role}"),
                       "--password-file", folder("password"), check=False)
            # A bridge may not migrate: it was let in, and refused there.
            self.assertRegex(done.stdout, {"owner": "nothing to do", "reader": "schema 3", "bridge": "permission denied"}[role])

    def test_the_image_runs_as_a_number_and_only_with_what_it_needs(self):
        text = read(in_repository("Dockerfile"))
        runtime = text.split("\nFROM ")[-1]
        self.assertRegex(runtime, r"(?m)^USER 10001:10001$")
        self.assertRegex(runtime, r"(?m)^HEALTHCHECK ")
        self.assertNotRegex(runtime, r"(?m)^(ADD|COPY \.) ")
        self.assertEqual(re.search(r"(?m)^ENTRYPOINT (.*)$", runtime).group(1), '["andon"]')
        # The image installs every library that the program is linked to.
        packages = {"libcurl.so.4": "libcurl4", "libmosquitto.so.1": "libmosquitto1", "libsqlite3.so.0": "libsqlite3-0",
                    "libz.so.1": "zlib1g", "libpq.so.5": "libpq5"}
        needed = re.findall(r"NEEDED\s+(\S+)", run("objdump", "-p", ANDON).stdout)
        for library in needed:
            if library in packages:
                self.assertIn(packages[library], runtime)
        self.assertIn("libpq.so.5", needed)
        copied = [word for path in re.findall(r"(?m)^COPY (?!--from)(.*) \S+$", text) for word in path.split()]
        for word in copied:
            self.assertTrue(os.path.exists(in_repository(word)), word)
        # The build needs the folder of every target, and what the build plugin embeds.
        folders = re.findall(r'path: "([^/"]+)', read(in_repository("Package.swift")))
        for folder in {"Sources", "dashboard", *folders}:
            self.assertIn(folder, copied)


class Kubernetes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.documents = {}
        for name in ("namespace.yaml", "secret.example.yaml", "andon.yaml"):
            for document in load_all(f"deploy/kubernetes/{name}"):
                cls.documents[document["kind"]] = document
        cls.set = cls.documents["StatefulSet"]["spec"]
        cls.pod = cls.set["template"]["spec"]
        cls.container = cls.pod["containers"][0]

    VERSIONS = {"Namespace": "v1", "ConfigMap": "v1", "Secret": "v1", "Service": "v1", "StatefulSet": "apps/v1",
                "PodDisruptionBudget": "policy/v1", "NetworkPolicy": "networking.k8s.io/v1"}

    def test_kinds_versions_and_name_spaces(self):
        self.assertEqual({kind: document["apiVersion"] for kind, document in self.documents.items()}, self.VERSIONS)
        for kind, document in self.documents.items():
            self.assertRegex(document["metadata"]["name"], r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
            if kind != "Namespace":
                self.assertEqual(document["metadata"]["namespace"], "andon", kind)

    def test_selectors_and_references_meet(self):
        labels = self.set["template"]["metadata"]["labels"]
        self.assertEqual(self.set["selector"]["matchLabels"], labels)
        self.assertEqual(self.documents["Service"]["spec"]["selector"], labels)
        self.assertEqual(self.documents["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"], labels)
        self.assertEqual(self.documents["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"], labels)
        self.assertEqual(self.set["serviceName"], self.documents["Service"]["metadata"]["name"])
        volumes = {volume["name"]: volume for volume in self.pod["volumes"]}
        claims = {claim["metadata"]["name"] for claim in self.set["volumeClaimTemplates"]}
        mounts = {mount["name"] for mount in self.container["volumeMounts"]}
        self.assertEqual(mounts, set(volumes) | claims)
        self.assertEqual(volumes["configuration"]["configMap"]["name"], self.documents["ConfigMap"]["metadata"]["name"])
        self.assertEqual(volumes["secrets"]["secret"]["secretName"], self.documents["Secret"]["metadata"]["name"])
        ports = {port["name"]: port["containerPort"] for port in self.container["ports"]}
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            self.assertIn(self.container[probe]["httpGet"]["port"], ports)
        # An outage of the broker must not end the pod.
        self.assertEqual(self.container["livenessProbe"]["httpGet"]["path"], "/healthz")
        self.assertEqual(self.container["readinessProbe"]["httpGet"]["path"], "/readyz")

    def test_the_pod_is_one_that_the_name_space_admits(self):
        """The rules of the Pod Security Standard "restricted"."""
        labels = self.documents["Namespace"]["metadata"]["labels"]
        self.assertEqual(labels["pod-security.kubernetes.io/enforce"], "restricted")
        self.assertIs(self.pod["securityContext"]["runAsNonRoot"], True)
        self.assertEqual(self.pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault")
        context = self.container["securityContext"]
        self.assertIs(context["allowPrivilegeEscalation"], False)
        self.assertIs(context["readOnlyRootFilesystem"], True)
        self.assertEqual(context["capabilities"], {"drop": ["ALL"]})
        self.assertIs(self.pod["automountServiceAccountToken"], False)

    def test_each_site_is_in_one_pod_and_each_pod_has_its_file(self):
        files = self.documents["ConfigMap"]["data"]
        self.assertEqual(set(files), {f"andon-{number}.yaml" for number in range(self.set["replicas"])})
        sites, bridges = [], []
        secrets = self.documents["Secret"]["stringData"]
        mounts = {mount["name"]: mount["mountPath"] for mount in self.container["volumeMounts"]}
        for name, text in files.items():
            self.assertEqual(checked(text).returncode, 0, checked(text).stdout)
            settings = yaml.safe_load(text)
            sites += [site["id"] for site in settings["sites"]]
            bridges.append(settings["bridge"]["id"])
            for path in (settings["broker"]["password_file"], settings["broker"]["tls"]["ca_file"],
                         settings["http"]["token_file"]):
                self.assertEqual(os.path.dirname(path), mounts["secrets"])
                self.assertIn(os.path.basename(path), secrets)
        self.assertEqual(len(sites), len(set(sites)), f"a site in two pods: {sites}")
        self.assertEqual(len(bridges), len(set(bridges)), "two bridges of one name")
        self.assertIn("/etc/andon/$(POD_NAME).yaml", self.container["args"])
        self.assertIn("POD_NAME", [variable["name"] for variable in self.container["env"]])

    def test_the_broker_can_be_reached_through_the_policy(self):
        rules = self.documents["NetworkPolicy"]["spec"]["egress"]
        port = int(re.search(r"mqtts://\S+:(\d+)", self.documents["ConfigMap"]["data"]["andon-0.yaml"]).group(1))
        self.assertIn(port, [entry["port"] for rule in rules for entry in rule["ports"]])
        self.assertIn(53, [entry["port"] for rule in rules for entry in rule["ports"]])

    def test_the_central_history_as_written_in_the_comment(self):
        secrets = self.documents["Secret"]["stringData"]
        mount = {mount["name"]: mount["mountPath"] for mount in self.container["volumeMounts"]}["secrets"]
        for name, text in self.documents["ConfigMap"]["data"].items():
            lines = [line[2:] if line.startswith("# central:") or line.startswith("#   ") else line for line in text.splitlines()]
            settings = yaml.safe_load("\n".join(lines))
            self.assertEqual(settings["central"]["mode"], "history", name)
            for path in (settings["central"]["password_file"], re.search(r"sslrootcert=(\S+)", settings["central"]["url"]).group(1)):
                self.assertEqual(os.path.dirname(path), mount)
                self.assertIn(os.path.basename(path), secrets)
            self.assertEqual(checked("\n".join(lines)).returncode, 0, checked("\n".join(lines)).stdout)


class KubernetesCentral(unittest.TestCase):
    """central.yaml, central-init.yaml and their secret, beside those above."""

    @classmethod
    def setUpClass(cls):
        cls.documents = [document for name in ("central.yaml", "central-init.yaml", "central-secret.example.yaml")
                         for document in load_all(f"deploy/kubernetes/{name}")]
        cls.jobs = [document for document in cls.documents if document["kind"] == "Job"]

    def of(self, kind):
        return next(document for document in self.documents if document["kind"] == kind)

    def test_kinds_versions_and_name_spaces(self):
        self.assertEqual(sorted((document["kind"], document["apiVersion"]) for document in self.documents), [
            ("Job", "batch/v1"), ("Job", "batch/v1"), ("NetworkPolicy", "networking.k8s.io/v1"), ("Secret", "v1")])
        self.assertEqual({document["metadata"]["namespace"] for document in self.documents}, {"andon"})

    def test_a_job_runs_a_command_with_its_secret(self):
        secret, policy = self.of("Secret"), self.of("NetworkPolicy")["spec"]
        image = {c["image"] for d in load_all("deploy/kubernetes/andon.yaml") if d["kind"] == "StatefulSet"
                 for c in d["spec"]["template"]["spec"]["containers"]}
        self.assertEqual({job["spec"]["template"]["spec"]["containers"][0]["args"][1] for job in self.jobs}, {"init", "migrate"})
        for job in self.jobs:
            pod = job["spec"]["template"]["spec"]
            container = pod["containers"][0]
            self.assertEqual(container["image"], *image)
            known = run(ANDON, *container["args"][:2], "--help").stdout
            for option in (word for word in container["args"] if word.startswith("--")):
                self.assertIn(option, known)
            mount = container["volumeMounts"][0]["mountPath"]
            volume = pod["volumes"][0]["secret"]
            self.assertEqual(volume["secretName"], secret["metadata"]["name"])
            given = {item["key"] for item in volume["items"]}
            self.assertLessEqual(given, set(secret["stringData"]))
            self.assertEqual(set(re.findall(rf"{mount}/([\w.-]+)", " ".join(container["args"]))), given)
            self.assertIn(job["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"],
                          policy["podSelector"]["matchExpressions"][0]["values"])
            # The rules of the Pod Security Standard "restricted".
            self.assertIs(pod["securityContext"]["runAsNonRoot"], True)
            self.assertEqual(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault")
            self.assertIs(container["securityContext"]["allowPrivilegeEscalation"], False)
            self.assertIs(container["securityContext"]["readOnlyRootFilesystem"], True)
            self.assertEqual(container["securityContext"]["capabilities"], {"drop": ["ALL"]})
            self.assertIs(pod["automountServiceAccountToken"], False)
            self.assertIn(pod["restartPolicy"], ("OnFailure", "Never"))

    def test_the_database_can_be_reached_through_the_policy(self):
        policy = self.of("NetworkPolicy")["spec"]
        spaces = {rule["to"][0]["namespaceSelector"].get("matchLabels", {}).get("kubernetes.io/metadata.name"):
                  [port["port"] for port in rule["ports"]] for rule in policy["egress"]}
        self.assertEqual(spaces, {None: [53, 53], "database": [5432]})
        for job in self.jobs:
            self.assertRegex(" ".join(job["spec"]["template"]["spec"]["containers"][0]["args"]), r"@[\w-]+\.database\.svc/andon")
        self.assertIn("andon", policy["podSelector"]["matchExpressions"][0]["values"])


class KubernetesOverview(unittest.TestCase):
    """overview.yaml beside andon.yaml."""

    @classmethod
    def setUpClass(cls):
        cls.documents = {document["kind"]: document for document in load_all("deploy/kubernetes/overview.yaml")}
        cls.pod = cls.documents["Deployment"]["spec"]["template"]["spec"]
        cls.container = cls.pod["containers"][0]

    def test_selectors_and_references_meet(self):
        labels = self.documents["Deployment"]["spec"]["template"]["metadata"]["labels"]
        self.assertEqual(self.documents["Deployment"]["spec"]["selector"]["matchLabels"], labels)
        self.assertEqual(self.documents["Service"]["spec"]["selector"], labels)
        self.assertEqual(self.documents["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"], labels)
        self.assertEqual({document["metadata"]["namespace"] for document in self.documents.values()}, {"andon"})
        volumes = {volume["name"]: volume for volume in self.pod["volumes"]}
        self.assertEqual({mount["name"] for mount in self.container["volumeMounts"]}, set(volumes))
        self.assertEqual(volumes["configuration"]["configMap"]["name"], self.documents["ConfigMap"]["metadata"]["name"])
        self.assertEqual(self.container["livenessProbe"]["httpGet"]["path"], "/healthz")
        self.assertEqual(self.container["image"], *{c["image"] for d in load_all("deploy/kubernetes/andon.yaml") if d["kind"] == "StatefulSet"
                                                    for c in d["spec"]["template"]["spec"]["containers"]})

    def test_the_pod_is_one_that_the_name_space_admits(self):
        self.assertIs(self.pod["securityContext"]["runAsNonRoot"], True)
        self.assertEqual(self.pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault")
        self.assertEqual(self.container["securityContext"], {
            "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}})
        self.assertIs(self.pod["automountServiceAccountToken"], False)

    def test_the_program_takes_its_configuration(self):
        text, = self.documents["ConfigMap"]["data"].values()
        plain = re.sub(r"(?m)^# ?", "", text[text.index("# central:"):])
        known = run(ANDON, "overview", "--help").stdout
        for option in (word for word in self.container["args"] if word.startswith("--")):
            self.assertIn(option, known)
        for whole in (text, text + plain):
            folder = Folder()
            self.addCleanup(folder.remove)
            for name in ("http-token", "overview-password", "central-reader-password", "ca.crt", "central-ca.crt"):
                write(folder(name), "0123456789abcdef0123456789abcdef\n", 0o600)
            write(folder("overview.yaml"), whole.replace("/run/secrets/andon", folder.path))
            done = run(ANDON, "overview", "--config", folder("overview.yaml"), "--check", check=False)
            self.assertEqual(done.returncode, 0, f"{whole}\n{done.stdout}")


if __name__ == "__main__":
    unittest.main()
