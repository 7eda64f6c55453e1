"""Configurations from JSON and back, strictly: no unknown field, each of its type.

A configuration is a frozen dataclass that checks itself when it is made. A mistake is
one line that names the field by its dotted path, as in
"`train.langevin.step_size` must be positive. Received: step_size=-1.0".
"""

import dataclasses
import math
import types
import typing

import cattrs
import cattrs.gen

from ebm_tf import checks, json_files, registry, settings_errors

_SHOWN = "shown"
# Types of fields that are used as they are; an `int` is used as an int32, and a `float`
# as a float32, and bounded by it.
Int64 = typing.NewType("Int64", int)
Float64 = typing.NewType("Float64", float)


def display(**kwargs):
    """Returns a field that decides what is shown, and nothing that is computed.

    Args:
        **kwargs: For `dataclasses.field`, such as `default`.
    """
    return dataclasses.field(metadata={_SHOWN: True}, **kwargs)


def display_fields(config) -> list[str]:
    """Returns the dotted names of the fields of `config` that only show things.

    Beside those that `display` made, these are the names that the method
    `also_shown` of a configuration returns, of its own fields.
    """
    names = []
    also_shown = getattr(config, "also_shown", lambda: ())()
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if field.metadata.get(_SHOWN) or field.name in also_shown:
            names.append(field.name)
        else:
            names += [
                f"{field.name}.{name}{inner}"
                for name, each in _blocks_in(value)
                for inner in display_fields(each)
            ]
    return names


def _blocks_in(value) -> list[tuple[str, object]]:
    """Returns the configurations in the value of a field, each with its prefix."""
    if isinstance(value, dict):
        blocks = ((f"{name}.", each) for name, each in value.items())
        return [both for both in blocks if dataclasses.is_dataclass(both[1])]
    return [("", value)] if dataclasses.is_dataclass(value) else []


def from_dict(cls, data, name: str = ""):
    """Returns the configuration of class `cls` that `data` describes.

    A field whose type is a registry or a union of configurations holds "kind" beside
    its fields. One whose type is a dict of a registry's choices has them by their
    names, and need not repeat those as "kind". A field with a default may be absent.
    Whole numbers stand for floats too; true and false never for numbers.

    Args:
        cls: A dataclass, a registry of them (see `ebm_tf.registry`), or a union of
            dataclasses that have a `kind`.
        data: A dict as JSON gives it, a list for each tuple.
        name: Dotted path of `data`, for messages; "" for the root.

    Raises:
        ValueError: If a field is unknown, missing, or breaks a rule.
        TypeError: If a value has the wrong type.
    """
    try:
        return _CONVERTER.structure(data, cls)
    except Exception as error:  # a tree of them, a branch for each field
        path, leaf = settings_errors.first_leaf(error, name)
        raise settings_errors.as_line(leaf, path) from None


def from_file(cls, path: str, max_bytes: int = json_files.MAX_BYTES):
    """Returns what a JSON file holds, as `from_dict` reads it.

    Raises:
        FileNotFoundError: If there is no such file.
        TypeError, ValueError: As `from_dict`; the line begins with the path.
    """
    return from_dict_of(path, cls, json_files.read_json(path, max_bytes))


def from_dict_of(path: str, cls, data: dict):
    """As `from_dict`, of what is in the file at `path`: messages begin with it."""
    try:
        return from_dict(cls, data)
    except (checks.InvalidValueError, checks.InvalidTypeError) as error:
        raise type(error)(f"{path}: {error}") from error


def to_dict(config) -> dict:
    """Returns what `from_dict` turns back into an equal configuration."""
    fields = {"kind": config.kind} if hasattr(type(config), "kind") else {}
    for field in dataclasses.fields(config):
        fields[field.name] = plain(getattr(config, field.name))
    return fields


def completed(data: dict, config) -> dict:
    """Returns `data` with the fields that it lacks and that `config` has by default.

    What was stored before a field was there is of its default, which means "as
    before".

    Args:
        data: A dict as `to_dict` returns, of this code or older.
        config: A configuration of the same class.
    """
    found = dict(data)
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if field.name not in data and field.default is not dataclasses.MISSING:
            found[field.name] = plain(field.default)
        elif dataclasses.is_dataclass(value) and isinstance(data.get(field.name), dict):
            found[field.name] = completed(data[field.name], value)
    return found


def plain(value):
    """Returns the value of a field as `to_dict` has it, such as a list for a tuple."""
    if dataclasses.is_dataclass(value):
        return to_dict(value)
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return [plain(part) for part in value] if isinstance(value, tuple) else value


def _require(holds: bool, rule: str, value, error=checks.InvalidTypeError) -> None:
    if not holds:
        raise settings_errors.WrongValue(error, rule, value)


def _read_float64(value, _) -> float:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    _require(is_number, "a number", value)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    _require(math.isfinite(number), "finite", number, checks.InvalidValueError)
    return number


def _read_float(value, kind) -> float:
    number = _read_float64(value, kind)
    size = abs(number)
    is_one = size == 0 or checks.FLOAT32_MIN <= size <= checks.FLOAT32_MAX
    low, high = checks.FLOAT32_MIN, checks.FLOAT32_MAX
    rule = f"0 or {low:.8g} to {high:.8g} in size, as float32 is"
    _require(is_one, rule, value, checks.InvalidValueError)
    return number


def _read_int64(value, _) -> int:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    _require(is_whole, "a whole number", value)
    rule = f"at most {2**63 - 1} in size, as int64 is"
    _require(abs(value) < 2**63, rule, value, checks.InvalidValueError)
    return value


def _read_int(value, kind) -> int:
    number = _read_int64(value, kind)
    rule = f"at most {checks.INT32_MAX} in size, as int32 is"
    is_one = abs(number) <= checks.INT32_MAX
    _require(is_one, rule, value, checks.InvalidValueError)
    return number


def _read_bool(value, _) -> bool:
    _require(isinstance(value, bool), "true or false", value)
    return value


def _read_str(value, _) -> str:
    _require(isinstance(value, str), "a string", value)
    return value


def _tuple_reader(annotation, converter):
    items = list[typing.get_args(annotation)[0]]
    read = converter.get_structure_hook(items)

    def from_list(data, _):
        _require(isinstance(data, list), "a list", data)
        return tuple(read(data, items))

    return from_list


def _dataclass_reader(cls, converter):
    read = cattrs.gen.make_dict_structure_fn(
        cls, converter, _cattrs_forbid_extra_keys=True
    )
    fields = {field.name for field in dataclasses.fields(cls)}
    kind = None if "kind" in fields else getattr(cls, "kind", None)

    def from_object(data, _):
        _require(isinstance(data, dict), "a JSON object", data)
        if kind is not None:
            found = data.get("kind", kind)
            checks.require(found == kind, "kind", repr(kind), found)
            data = {key: data[key] for key in data if key != "kind"}
        return read(data, cls)

    return from_object


def _union_reader(union, converter):
    options = [each for each in typing.get_args(union) if each is not types.NoneType]
    has_none = len(options) < len(typing.get_args(union))
    lists = [option for option in options if _is_tuple(option)]
    others = [option for option in options if option not in lists]

    def from_one(data, _):
        if data is None and has_none:
            return None
        if len(options) == 1:
            return converter.structure(data, options[0])
        if lists:  # a number, or a list of them
            fits = isinstance(data, list)
            return converter.structure(data, lists[0] if fits else others[0])
        _require(isinstance(data, dict), "a JSON object", data)
        kinds = {option.kind: option for option in options}
        found = data.get("kind")
        is_known = isinstance(found, str) and found in kinds
        checks.require(is_known, "kind", f"one of {', '.join(kinds)}", found)
        return converter.structure(data, kinds[found])

    return from_one


def _registry_reader(base, converter):
    def from_choice(data, _):
        _require(isinstance(data, dict), "a JSON object", data)
        return converter.structure(data, base.of_kind(data.get("kind")))

    return from_choice


def _mapping_reader(annotation, converter):
    """Reads a dict whose values are of one type, or each the choice that its key names.

    Of a bare `dict` the values are any.
    """
    base = (typing.get_args(annotation) or (str, object))[1]

    def from_object(data, _):
        _require(isinstance(data, dict), "a JSON object", data)
        if base is object:
            return data
        found, errors = {}, []
        for kind, block in data.items():
            choice = _choice_of(base, kind, block) if _is_registry(base) else base
            try:
                found[kind] = converter.structure(block, choice)
            except Exception as error:  # as cattrs does for each field
                note = cattrs.AttributeValidationNote(kind, kind, base)
                error.__notes__ = [*getattr(error, "__notes__", ()), note]
                errors.append(error)
        if errors:
            raise cattrs.ClassValidationError("wrong blocks", errors, base)
        return found

    return from_object


def _choice_of(base, name, block) -> type:
    """Returns the choice that a block of a mapping is named after.

    Where no choice has the name, a "kind" in the block is what is looked at first.
    """
    has_kind = isinstance(block, dict) and "kind" in block
    if name in base.kinds() or not has_kind:
        return base.of_kind(name, name)
    choice = base.of_kind(block["kind"], f"{name}.kind")
    rule = f"named as its kind, {choice.kind!r}"
    checks.require(choice.kind == name, name, rule, name)
    return choice


def _is_registry(annotation) -> bool:
    is_class = isinstance(annotation, type)
    return (
        is_class
        and issubclass(annotation, registry.Registered)
        and "_choices" in annotation.__dict__
    )


def _is_dataclass(annotation) -> bool:
    return dataclasses.is_dataclass(annotation) and not _is_registry(annotation)


def _is_union(annotation) -> bool:
    return typing.get_origin(annotation) in (types.UnionType, typing.Union)


def _is_mapping(annotation) -> bool:
    return annotation is dict or typing.get_origin(annotation) is dict


def _is_tuple(annotation) -> bool:
    return typing.get_origin(annotation) is tuple


def _make_converter() -> cattrs.Converter:
    converter = cattrs.Converter(detailed_validation=True)
    readers = {float: _read_float, int: _read_int, bool: _read_bool, str: _read_str}
    for kind, reader in readers.items():
        converter.register_structure_hook(kind, reader)
    for kind, reader in ((Int64, _read_int64), (Float64, _read_float64)):
        converter.register_structure_hook_func(
            lambda annotation, kind=kind: annotation is kind, reader
        )
    for predicate, factory in (
        (_is_dataclass, _dataclass_reader),
        (_is_registry, _registry_reader),
        (_is_union, _union_reader),
        (_is_tuple, _tuple_reader),
        (_is_mapping, _mapping_reader),
    ):
        converter.register_structure_hook_factory(predicate)(factory)
    return converter


_CONVERTER = _make_converter()
