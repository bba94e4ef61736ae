"""The frequent words of English, as SymSpell lists them: the most frequent first."""

from importlib.resources import files

_LIST = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt").read_text("utf-8-sig")
# Each word, and how often it is used.
FREQUENCIES = {word: int(count) for word, count in map(str.split, _LIST.splitlines())}
