"""
Pickle's stack machine, inert: it follows every opcode and makes nothing.

It knows each global that would be asked for, wherever its name comes from (a memo, the stack, an
old opcode), and the memory of Python objects that is needed to know it. What it cannot follow to
the end is an error: a pickle is understood wholly or refused.
"""

import pickletools
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from models.preparation.untrusted.values import OPAQUE, Made, Mapping, Named, Sequence, Value

MOST_OPCODES = 20_000_000
_MARK = object()
_EMPTY = {"EMPTY_TUPLE": Sequence, "EMPTY_LIST": Sequence, "EMPTY_DICT": Mapping}
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_NUMBERS = {"INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4"}
_TEXTS = {"UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"}
_UNKNOWN = {
    "FLOAT", "BINFLOAT", "STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES",
    "BINBYTES8", "BYTEARRAY8", "EMPTY_SET",
}  # fmt: skip
_REFUSED = {
    "PERSID": "a persistent id", "BINPERSID": "a persistent id",
    "EXT1": "a name of the extension registry", "EXT2": "a name of the extension registry",
    "EXT4": "a name of the extension registry", "NEXT_BUFFER": "a buffer outside the file",
    "READONLY_BUFFER": "a buffer outside the file",
}  # fmt: skip


class UnreadableError(ValueError):
    """The file is no pickle, or one that this machine does not follow. The message says what."""


class Machine:
    """
    Runs one pickle of `stream`. `found` is told each global at once; `built` each BUILD, and can
    read on in the stream: joblib puts the bytes of arrays there.
    """

    def __init__(
        self,
        stream: BinaryIO,
        found: Callable[[Named], None],
        built: Callable[[Made], None],
        count: int = 0,
    ) -> None:
        self._stream, self._found, self._built = stream, found, built
        self.count = count
        self._stack: list[Any] = []
        self._memo: dict[int, Value] = {}

    def run(self) -> Value:
        for opcode, argument in self._opcodes():
            name = opcode.name
            if self.count > MOST_OPCODES:
                raise UnreadableError(f"it has more than {MOST_OPCODES} steps")
            if told := _REFUSED.get(name):
                raise UnreadableError(f"it needs {told}")
            if name == "STOP":
                return self._pop()
            self._step(name, argument)
        raise UnreadableError("it ends in the middle")

    def _opcodes(self) -> Iterator[tuple[Any, Any]]:
        try:
            for opcode, argument, _ in pickletools.genops(self._stream):
                self.count += 1
                yield opcode, argument
        except (ValueError, IndexError, OverflowError) as error:
            told = str(error).partition(";")[0][:80]
            raise UnreadableError(f"it is no pickle, or a damaged one ({told})") from error

    def _step(self, name: str, argument: Any) -> None:
        if name in _CONSTANTS:
            self._push(_CONSTANTS[name])
        elif name in _NUMBERS or name in _TEXTS:
            self._push(argument)
        elif name in _UNKNOWN:
            self._push(OPAQUE)
        elif name in _EMPTY:
            self._push(_EMPTY[name]())
        else:
            step = self._discard if name == "POP" else getattr(self, f"_{name.lower()}", None)
            if step is None:
                raise UnreadableError(f"it has the step {name}, which is not known here")
            step(argument)

    def _push(self, value: Value) -> None:
        self._stack.append(value)

    def _pop(self) -> Value:
        if not self._stack or self._stack[-1] is _MARK:
            raise UnreadableError("it takes what it did not put")
        return self._stack.pop()

    def _top(self) -> Value:
        self._push(value := self._pop())
        return value

    def _to_mark(self) -> list[Value]:
        items: list[Value] = []
        while self._stack:
            if (item := self._stack.pop()) is _MARK:
                return items[::-1]
            items.append(item)
        raise UnreadableError("it takes what it did not put")

    def _name(self, module: Value, name: Value) -> None:
        if not (isinstance(module, str) and isinstance(name, str)):
            raise UnreadableError("it asks for a global whose name it does not tell")
        named = Named(module, name)
        self._found(named)
        self._push(named)

    # Frames and protocols say nothing of values.
    def _proto(self, _: int) -> None: ...
    def _frame(self, _: int) -> None: ...

    def _mark(self, _: None) -> None:
        self._push(_MARK)

    def _discard(self, _: None) -> None:
        """POP takes a mark, too."""
        if not self._stack:
            raise UnreadableError("it takes what it did not put")
        self._stack.pop()

    def _pop_mark(self, _: None) -> None:
        self._to_mark()

    def _dup(self, _: None) -> None:
        self._push(self._top())

    # Names
    def _global(self, argument: str) -> None:
        self._name(*argument.split(" ", 1))

    def _stack_global(self, _: None) -> None:
        name, module = self._pop(), self._pop()
        self._name(module, name)

    def _inst(self, argument: str) -> None:
        arguments = self._to_mark()
        self._name(*argument.split(" ", 1))
        self._push(Made(self._pop(), Sequence(arguments)))

    # Calls
    def _obj(self, _: None) -> None:
        maker, *arguments = self._to_mark() or [None]
        self._call(maker, Sequence(arguments))

    def _reduce(self, _: None) -> None:
        arguments, maker = self._pop(), self._pop()
        self._call(maker, arguments)

    _newobj = _reduce

    def _newobj_ex(self, _: None) -> None:
        self._pop()
        self._reduce(None)

    def _call(self, maker: Value, arguments: Value) -> None:
        """An object that is made can be callable too: a scorer gets attributes by their names."""
        if not isinstance(maker, Named):
            raise UnreadableError("it calls what is no name")
        self._push(Made(maker, arguments))

    def _build(self, _: None) -> None:
        """On a class or a function it would change it for everybody."""
        state, made = self._pop(), self._top()
        if not isinstance(made, Made):
            raise UnreadableError("it sets the state of what it did not make")
        made.state = state
        self._built(made)

    # Memo
    def _put(self, index: int) -> None:
        self._memo[index] = self._top()

    _binput = _long_binput = _put

    def _memoize(self, _: None) -> None:
        self._put(len(self._memo))

    def _get(self, index: int) -> None:
        if index not in self._memo:
            raise UnreadableError("it refers to what it did not keep")
        self._push(self._memo[index])

    _binget = _long_binget = _get

    # Containers
    def _tuple(self, _: None) -> None:
        self._push(Sequence(self._to_mark()))

    _list = _frozenset = _tuple

    def _tuple1(self, _: None) -> None:
        self._push(Sequence([self._pop()]))

    def _tuple2(self, _: None) -> None:
        self._push(Sequence([self._pop(), self._pop()][::-1]))

    def _tuple3(self, _: None) -> None:
        self._push(Sequence([self._pop(), self._pop(), self._pop()][::-1]))

    def _dict(self, _: None) -> None:
        items = self._to_mark()
        self._push(Mapping([*zip(items[::2], items[1::2], strict=False)]))

    def _append(self, _: None) -> None:
        item = self._pop()
        if isinstance(held := self._top(), Sequence):
            held.items.append(item)

    def _appends(self, _: None) -> None:
        items = self._to_mark()
        if isinstance(held := self._top(), Sequence):
            held.items.extend(items)

    _additems = _appends

    def _setitem(self, _: None) -> None:
        value, key = self._pop(), self._pop()
        if isinstance(held := self._top(), Mapping):
            held.pairs.append((key, value))

    def _setitems(self, _: None) -> None:
        items = self._to_mark()
        if isinstance(held := self._top(), Mapping):
            held.pairs.extend(zip(items[::2], items[1::2], strict=False))
