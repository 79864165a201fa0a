"""Holds payloads against the documents that a running bridge serves."""

import re

import jsonschema


class Documents:
    def __init__(self, plant):
        self.openapi = plant.get("/openapi.json")
        self.asyncapi = plant.get("/asyncapi.json")
        self.addresses = []
        for name, channel in self.asyncapi["channels"].items():
            pattern = "^" + re.sub(r"\\\{(\w+)\\\}", r"([^/]+)", re.escape(channel["address"])) + "$"
            self.addresses.append((re.compile(pattern), name, channel))

    @staticmethod
    def check(document, schema, value):
        validator = jsonschema.Draft202012Validator(
            {**schema, "components": document["components"]}, format_checker=jsonschema.FormatChecker())
        errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message[:300]}" for e in validator.iter_errors(value)]
        assert not errors, errors

    def named(self, name, value):
        self.check(self.openapi, {"$ref": f"#/components/schemas/{name}"}, value)

    def answer(self, path, method, status, content_type, value):
        """`path` is the template."""
        responses = self.openapi["paths"][path][method]["responses"]
        assert str(status) in responses, f"{method} {path} never says it may answer {status}"
        content = responses[str(status)]["content"]
        assert content_type in content, f"{method} {path} {status}: {content_type} is not among {list(content)}"
        self.check(self.openapi, content[content_type]["schema"], value)

    def message(self, topic, value):
        """Returns the channel's name."""
        for pattern, name, channel in self.addresses:
            match = pattern.match(topic)
            if not match:
                continue
            for (parameter, rule), text in zip(channel["parameters"].items(), match.groups()):
                assert "enum" not in rule or text in rule["enum"], f"{topic}: {parameter} is {text}"
            self.check(self.asyncapi, self.asyncapi["components"]["messages"][name]["payload"], value)
            return name
        raise AssertionError(f"no channel for {topic}")
