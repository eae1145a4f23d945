"""Data classes for what the hook program loads: as the standard library's, but made without generating code.

A hook starts for every command of an agent, and most of what it costs is what it imports. `dataclasses` loads
`inspect`, and compiles six functions for each class, most of which are never called. Here a class gets an `__init__`
that is compiled when the first instance is made, and shares the rest. For type checkers, and for everything that
asks the standard library (`dataclasses.is_dataclass`, pydantic), the classes are data classes.
"""

TYPE_CHECKING = False  # the module `typing` is not loaded for this
if TYPE_CHECKING:
    from dataclasses import asdict, dataclass, field, fields, replace
else:
    import sys

    _MISSING = object()
    _PLAIN = frozenset((type(None), bool, int, float, str, bytes))

    class _Field:
        """What `field` says of an attribute."""

        __slots__ = ("compare", "default", "factory", "init", "name", "repr", "type")

        def __init__(self, default, factory=_MISSING, init=True, shown=True, compare=True):
            self.default, self.factory, self.init, self.repr, self.compare = default, factory, init, shown, compare
            self.name, self.type = "", None

    class _Record:
        """What a class was made with: its fields by name, those of its base classes first."""

        __slots__ = ("fields", "frozen", "kw_only")

        def __init__(self, fields_, frozen, kw_only):
            self.fields, self.frozen, self.kw_only = fields_, frozen, kw_only

    def field(*, default=_MISSING, default_factory=_MISSING, init=True, repr=True, compare=True):  # noqa: A002
        """A field with a default that is made anew for each instance, or that is left out of something."""
        return _Field(default, default_factory, init, repr, compare)

    def replace(instance, /, **changes):
        """A copy of an instance with other values; its class may be any data class."""
        record = getattr(type(instance), "__record__", None)
        if record is None:
            import dataclasses

            return dataclasses.replace(instance, **changes)
        kept = {name: getattr(instance, name) for name, one in record.fields.items() if one.init}
        return type(instance)(**(kept | changes))

    def fields(asked, /):
        """The fields of a class or an instance, in their order; each has a `name` and a `type`."""
        record = getattr(asked, "__record__", None)
        if record is None:
            import dataclasses

            return dataclasses.fields(asked)
        return tuple(record.fields.values())

    def asdict(instance, /):
        """The values of an instance by name, those of instances within it too; containers are made anew."""
        return {one.name: _copied(getattr(instance, one.name)) for one in fields(instance)}

    def _copied(value):
        kind = type(value)
        if kind in _PLAIN:
            return value
        if hasattr(kind, "__record__") or hasattr(kind, "__dataclass_fields__"):
            return asdict(value)
        if isinstance(value, dict):
            return kind((_copied(key), _copied(held)) for key, held in value.items())
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return kind(*map(_copied, value))
        if isinstance(value, (list, tuple)):
            return kind(map(_copied, value))
        import copy

        return copy.deepcopy(value)

    def dataclass(cls=None, /, *, frozen=False, kw_only=False):
        """Make a class a data class; see the standard library's `dataclass`."""
        return _made(cls, frozen, kw_only) if cls is not None else lambda given: _made(given, frozen, kw_only)

    def _made(cls, frozen, kw_only):
        base = getattr(cls, "__record__", None)
        found = dict(base.fields) if base is not None else {}
        for name, annotation in _annotations(cls).items():
            if "ClassVar" in str(annotation):
                continue
            value = cls.__dict__.get(name, _MISSING)
            one = value if isinstance(value, _Field) else _Field(value)
            one.name, one.type = name, annotation
            found[name] = one
            if one is value and one.default is _MISSING:
                delattr(cls, name)
            elif one is value:
                setattr(cls, name, one.default)
        cls.__record__ = _Record(found, frozen, kw_only)
        cls.__dataclass_fields__ = _Described()
        cls.__match_args__ = () if kw_only else tuple(name for name, one in found.items() if one.init)
        own_hash = cls.__dict__.get("__hash__")  # Python sets None for a class with an `__eq__` of its own
        for name, function in _shared(cls, found.values(), frozen).items():
            if name not in cls.__dict__ or (name == "__hash__" and own_hash is None):
                setattr(cls, name, function)
        return cls

    def _annotations(cls):
        if sys.version_info >= (3, 14):
            import annotationlib

            return annotationlib.get_annotations(cls, format=annotationlib.Format.FORWARDREF)
        return vars(cls).get("__annotations__", {})

    def _shared(owner, all_fields, frozen):
        compared = tuple(one.name for one in all_fields if one.compare)
        named = tuple(one.name for one in all_fields if one.repr)

        def begin(self, *args, **kwargs):
            owner.__init__ = _compiled(owner)
            owner.__init__(self, *args, **kwargs)

        def equal(self, other):
            if other.__class__ is not self.__class__:
                return NotImplemented
            return all(getattr(self, name) == getattr(other, name) for name in compared)

        def shown(self):
            return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in named)})"

        def hashed(self):
            return hash(tuple(getattr(self, name) for name in compared))

        found = {"__init__": begin, "__eq__": equal, "__repr__": shown, "__hash__": hashed if frozen else None}
        return found | ({"__setattr__": _refuse, "__delattr__": _refuse} if frozen else {})

    def _refuse(_, name, *_value):
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot assign to or delete field {name!r}")

    def _compiled(owner):
        """The `__init__` of a class; it writes to `__dict__`, which a frozen class does not keep it from."""
        known = {"_missing": _MISSING}
        required, optional, body = [], [], []
        for name, one in owner.__record__.fields.items():
            value = name
            if one.factory is not _MISSING:
                known[f"_f_{name}"] = one.factory
                value = f"_f_{name}() if {name} is _missing else {name}" if one.init else f"_f_{name}()"
                optional += [f"{name}=_missing"] if one.init else []
            elif not one.init:
                continue
            elif one.default is not _MISSING:
                known[f"_d_{name}"] = one.default
                optional.append(f"{name}=_d_{name}")
            else:
                required.append(name)
            body.append(f"d[{name!r}] = {value}")
        if hasattr(owner, "__post_init__"):
            body.append("self.__post_init__()")
        star = ["*"] if owner.__record__.kw_only and (required or optional) else []
        head = f"def __init__({', '.join(['self', *star, *required, *optional])}):"
        # The text is made of the names of the class's own attributes.
        exec("\n ".join([head, "d = self.__dict__", *body]), known)  # noqa: S102
        made = known["__init__"]
        made.__qualname__ = f"{owner.__qualname__}.__init__"
        return made

    class _Described:
        """What the standard library asks of a data class, worked out by itself when it asks."""

        def __get__(self, _, owner):
            import dataclasses

            record, rows = owner.__record__, []
            for one in record.fields.values():
                wanted = {"init": one.init, "repr": one.repr, "compare": one.compare}
                if one.factory is not _MISSING:
                    wanted["default_factory"] = one.factory
                elif one.default is not _MISSING:
                    wanted["default"] = one.default
                rows.append((one.name, one.type, dataclasses.field(**wanted)))
            made = dataclasses.make_dataclass(owner.__name__, rows, frozen=record.frozen, kw_only=record.kw_only)
            owner.__dataclass_fields__ = made.__dataclass_fields__
            return made.__dataclass_fields__


__all__ = ["asdict", "dataclass", "field", "fields", "replace"]
