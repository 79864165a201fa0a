"""Decodes Sparkplug B payloads with nothing but Python: no generated code, no code of Andon's.

Field numbers are those of the Sparkplug 3.0 specification, chapter 6. Anything malformed raises ValueError.
"""
import struct

INT32, INT64, DOUBLE, BOOLEAN, STRING, DATETIME = 3, 4, 10, 11, 12, 13
VALUE_FIELDS = {10: "int_value", 11: "long_value", 12: "float_value", 13: "double_value", 14: "boolean_value",
                15: "string_value", 16: "bytes_value", 17: "dataset_value", 18: "template_value"}
PROPERTY_FIELDS = {3: "int_value", 4: "long_value", 5: "float_value", 6: "double_value", 7: "boolean_value",
                   8: "string_value"}
# The field for a value of each type.
FIELD_OF_TYPE = {INT32: "int_value", INT64: "long_value", DOUBLE: "double_value", BOOLEAN: "boolean_value",
                 STRING: "string_value", DATETIME: "long_value"}


def varint(data, at):
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError("varint ends too late")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            if value >= 1 << 64:
                raise ValueError("varint is too large")
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 1:
            value, at = data[at:at + 8], at + 8
        elif kind == 2:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        elif kind == 5:
            value, at = data[at:at + 4], at + 4
        else:
            raise ValueError(f"wire type {kind}")
        if at > len(data):
            raise ValueError("a field is cut off")
        yield tag >> 3, kind, value


def scalar(name, kind, raw):
    expected = {"int_value": 0, "long_value": 0, "boolean_value": 0, "double_value": 1, "float_value": 5}.get(name, 2)
    if kind != expected:
        raise ValueError(f"{name} has wire type {kind}")
    if name == "int_value" and raw >= 1 << 32:
        raise ValueError("int_value is a uint32")
    return {"double_value": lambda: struct.unpack("<d", raw)[0], "float_value": lambda: struct.unpack("<f", raw)[0],
            "boolean_value": lambda: raw != 0, "string_value": lambda: raw.decode("utf-8")}.get(name, lambda: raw)()


class Property:
    def __init__(self, data):
        self.type = self.field = self.value = None
        self.is_null = False
        for number, kind, raw in fields(data):
            if number == 1:
                self.type = raw
            elif number == 2:
                self.is_null = bool(raw)
            elif number in PROPERTY_FIELDS:
                self.field = PROPERTY_FIELDS[number]
                self.value = scalar(self.field, kind, raw)


class Metric:
    def __init__(self, data):
        self.name = self.alias = self.timestamp = self.datatype = self.field = self.value = None
        self.is_historical = self.is_transient = self.is_null = False
        self.keys, self.properties = [], []
        for number, kind, raw in fields(data):
            if number == 1:
                self.name = raw.decode("utf-8")
            elif number == 2:
                self.alias = raw
            elif number == 3:
                self.timestamp = raw
            elif number == 4:
                self.datatype = raw
            elif number == 5:
                self.is_historical = bool(raw)
            elif number == 6:
                self.is_transient = bool(raw)
            elif number == 7:
                self.is_null = bool(raw)
            elif number == 9:
                for inner, _, part in fields(raw):
                    if inner == 1:
                        self.keys.append(part.decode("utf-8"))
                    elif inner == 2:
                        self.properties.append(Property(part))
            elif number in VALUE_FIELDS:
                if self.field:
                    raise ValueError("a metric has two values")
                self.field = VALUE_FIELDS[number]
                self.value = scalar(self.field, kind, raw)
            else:
                raise ValueError(f"field {number} is none of a metric")

    def property(self, key):
        return dict(zip(self.keys, self.properties)).get(key)


class Payload:
    def __init__(self, data):
        self.timestamp = self.seq = None
        self.metrics = []
        for number, _, raw in fields(data):
            if number == 1:
                self.timestamp = raw
            elif number == 2:
                self.metrics.append(Metric(raw))
            elif number == 3:
                self.seq = raw
            else:
                raise ValueError(f"field {number} is none that Andon should send")

    def metric(self, name):
        return next((m for m in self.metrics if m.name == name), None)


def field_varint(number, value):
    return encode_varint(number << 3) + encode_varint(value)


def field_bytes(number, value):
    return encode_varint(number << 3 | 2) + encode_varint(len(value)) + value


def encode_varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def metric(name=None, alias=None, at=None, type=None, long=None, boolean=None, null=False, quality=None):
    """One metric, right or wrong."""
    out = field_bytes(1, name.encode()) if name else b""
    for number, value in ((2, alias), (3, at), (4, type), (7, 1 if null else None)):
        out += b"" if value is None else field_varint(number, value)
    if quality is not None:
        kind, number = quality
        out += field_bytes(9, field_bytes(1, b"Quality") + field_bytes(2, field_varint(1, kind) + field_varint(3, number)))
    out += b"" if long is None else field_varint(11, long)
    return out + (b"" if boolean is None else field_varint(14, int(boolean)))


def payload(at, seq, *metrics):
    out = b"" if at is None else field_varint(1, at)
    out += b"".join(field_bytes(2, m) for m in metrics)
    return out + (b"" if seq is None else field_varint(3, seq))


def command(timestamp, boolean, name=None, alias=None):
    """An NCMD or DCMD payload: timestamp, one metric, no sequence number."""
    metric = field_bytes(1, name.encode()) if name else field_varint(2, alias)
    metric += field_varint(14, int(boolean))
    return field_varint(1, timestamp) + field_bytes(2, metric)
