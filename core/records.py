"""Data classes for what the hook program loads: as the standard library's, but made without generating code.

A hook starts for every command of an agent, and most of what it costs is what it imports. `dataclasses` loads
`inspect`, and compiles six functions for each class, most of which are never called. Here a class gets an `__init__`
that is compiled when the first instance is made, and shares the rest. For type checkers, and for everything that
asks (`dataclasses.fields`, `asdict`, `replace`, `is_dataclass`), the classes are data classes.
"""

TYPE_CHECKING = False  # the module `typing` is not loaded for this
if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import field as field
    from dataclasses import replace as replace
else:
    _MISSING = object()

    class _Field:
        """What `field` says of an attribute."""

        __slots__ = ("compare", "default", "factory", "init", "repr")

        def __init__(self, default, factory, init, repr_, compare):
            self.default, self.factory, self.init, self.repr, self.compare = default, factory, init, repr_, compare

    def field(*, default=_MISSING, default_factory=_MISSING, init=True, repr=True, compare=True):  # noqa: A002
        """A field with a default that is made anew for each instance, or that is left out of something."""
        return _Field(default, default_factory, init, repr, compare)

    def replace(instance, /, **changes):
        """A copy of an instance with other values; its class may be any data class."""
        own = getattr(type(instance), "_record_fields", None)
        if own is None:
            import dataclasses

            return dataclasses.replace(instance, **changes)
        return type(instance)(**{name: getattr(instance, name) for name, one in own.items() if one.init} | changes)

    def dataclass(cls=None, /, *, frozen=False, kw_only=False):
        """Make a class a data class; see the standard library's `dataclass`."""
        return _made(cls, frozen, kw_only) if cls is not None else lambda given: _made(given, frozen, kw_only)

    def _made(cls, frozen, kw_only):
        fields = dict(getattr(cls, "_record_fields", {}))
        for name, annotation in cls.__dict__.get("__annotations__", {}).items():
            if "ClassVar" in str(annotation):
                continue
            value = cls.__dict__.get(name, _MISSING)
            fields[name] = value if isinstance(value, _Field) else _Field(value, _MISSING, True, True, True)
            if isinstance(value, _Field):
                if value.default is _MISSING:
                    delattr(cls, name)
                else:
                    setattr(cls, name, value.default)
        cls._record_fields = fields
        cls._record_options = (frozen, kw_only)
        cls.__dataclass_fields__ = _Described()
        for name, function in _shared(cls, fields, frozen).items():
            if name not in cls.__dict__:
                setattr(cls, name, function)
        return cls

    def _shared(owner, fields, frozen):
        compared = tuple(name for name, one in fields.items() if one.compare)
        shown = tuple(name for name, one in fields.items() if one.repr)

        def __init__(self, *args, **kwargs):
            owner.__init__ = _compiled(owner)
            owner.__init__(self, *args, **kwargs)

        def __eq__(self, other):
            if other.__class__ is not self.__class__:
                return NotImplemented
            return all(getattr(self, name) == getattr(other, name) for name in compared)

        def __repr__(self):
            return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

        found = {"__init__": __init__, "__eq__": __eq__, "__repr__": __repr__, "__hash__": None}
        if frozen:
            found |= {"__setattr__": _refuse, "__delattr__": _refuse}
            found["__hash__"] = lambda self: hash(tuple(getattr(self, name) for name in compared))
        if owner.__dict__.get("__hash__", _MISSING) is None:
            del owner.__hash__  # Python's, for a class that only has an __eq__ of its own.
        return found

    def _refuse(self, name, *_):
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot assign to or delete field {name!r}")

    def _compiled(owner):
        """The `__init__` of a class; it writes to `__dict__`, which no frozen class keeps it from."""
        known = {}
        required, optional, body = [], [], []
        for name, one in owner._record_fields.items():
            if not one.init:
                if one.factory is not _MISSING:
                    known[f"_f_{name}"] = one.factory
                    body.append(f"d[{name!r}] = _f_{name}()")
                continue
            value = name
            if one.factory is not _MISSING:
                known[f"_f_{name}"], known["_missing"] = one.factory, _MISSING
                optional.append(f"{name}=_missing")
                value = f"_f_{name}() if {name} is _missing else {name}"
            elif one.default is not _MISSING:
                known[f"_d_{name}"] = one.default
                optional.append(f"{name}=_d_{name}")
            else:
                required.append(name)
            body.append(f"d[{name!r}] = {value}")
        if hasattr(owner, "__post_init__"):
            body.append("self.__post_init__()")
        star = ["*"] if owner._record_options[1] and (required or optional) else []
        names = ", ".join(["self", *star, *required, *optional])
        text = f"def __init__({names}):\n d = self.__dict__\n " + "\n ".join(body or ["pass"])
        exec(text, known)  # noqa: S102 - the names are those of the class's own attributes
        made = known["__init__"]
        made.__qualname__ = f"{owner.__qualname__}.__init__"
        return made

    class _Described:
        """What the standard library asks of a data class, worked out by itself when it asks."""

        def __get__(self, _, owner):
            import dataclasses

            rows = []
            for name, one in owner._record_fields.items():
                wanted = {"init": one.init, "repr": one.repr, "compare": one.compare}
                if one.factory is not _MISSING:
                    wanted["default_factory"] = one.factory
                elif one.default is not _MISSING:
                    wanted["default"] = one.default
                rows.append((name, _annotation(owner, name), dataclasses.field(**wanted)))
            frozen, kw_only = owner._record_options
            shadow = dataclasses.make_dataclass(owner.__name__, rows, frozen=frozen, kw_only=kw_only)
            owner.__dataclass_fields__ = shadow.__dataclass_fields__
            return shadow.__dataclass_fields__

    def _annotation(owner, name):
        return next(
            one.__dict__["__annotations__"][name]
            for one in owner.__mro__
            if name in one.__dict__.get("__annotations__", {})
        )
