"""Messages that ask whether something said elsewhere is true: "is this right?", "fact check"."""

import re

_THIS = r"(?:this|that|it|these|those|they|he|she|the\sabove|above)"
_RIGHT = (
    r"(?:true|right|correct|accurate|so|real|valid|legit|the\scase|a\sfact|current|up\sto\sdate|"
    r"how\sit\sis|what\s(?:we|they|(?:the\s|our\s)documents?)\ssays?)"
)
_FILLER = (
    r"(?:(?:hi|hey|hello|ok|okay|so|and|but|um|please|pls|thanks|thank\syou|actually|really|still|"
    r"bot|anyone|guys|all|folks|for\sme|for\sus|again|then|though)\s){0,6}"
)
_ASKS = re.compile(
    rf"""{_FILLER}(?:
      (?:is|are|was|were|isn't|isnt)\s{_THIS}\s(?:(?:still|really|even|actually|all|any)\s){{0,2}}{_RIGHT}
      |{_THIS}(?:'s|s)\s{_RIGHT}
      |(?:true|right|correct|really|source|sources|true\sor\sfalse|fact\scheck|factcheck|thoughts)
      |(?:(?:can|could|would|will)\s(?:you|u|someone|anyone)\s)?(?:please\s|pls\s)?
       (?:fact\scheck|check|verify|confirm|double\scheck)(?:\s{_THIS})?
      |(?:do|does|did)\s(?:the|our|your|any)\s(?:documents?|docs|handbook|policy|policies|rules)\s
       (?:really\s|actually\s)?(?:say|confirm|support|state)\s(?:{_THIS}|so)
      |(?:what\sabout|how\sabout)\s{_THIS}
      |who\ssays\s?(?:{_THIS}|so)?
      |where\s(?:is|does)\s(?:it\ssay\s)?{_THIS}(?:\s(?:say|written|from))?
      |(?:do|does)\s{_THIS}\s(?:still\s)?(?:hold|stand|apply)
    )(?:\s(?:please|pls|thanks|thank\syou|anyone|or\snot|or\swhat|then|now|today|bot)){{0,3}}""",
    re.X,
)
# A longer message says something itself.
MAX_LENGTH = 100


def asks_whether(text: str) -> bool:
    """Whether a message only asks if something is true that it does not state itself.

    >>> asks_whether("Hey, is this still right?"), asks_whether("is the truce still on?")
    (True, False)
    """
    if len(text) > MAX_LENGTH:
        return False
    said = " ".join(re.findall(r"[\w']+", text.casefold().replace("’", "'")))
    return bool(_ASKS.fullmatch(said))
