"""The names of HTML elements, grouped by how their text is treated."""

# Elements that are not read: not shown, not text, or deleted.
HIDDEN = frozenset(
    "script style template noscript head iframe object svg canvas select textarea del".split()
)
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
BLOCKS = frozenset(
    """
    address article aside blockquote body center dd details dialog div dl dt fieldset figcaption
    figure footer form header html legend li main nav p section summary hr
    """.split()
)
# Blocks whose content is read by a method of its own.
OWN_BLOCKS = ("ul", "ol", "dl", "table", "pre")
TABLE_PARTS = frozenset(("table", "tbody", "thead", "tfoot", "tr", "td", "th", "caption"))
# Elements around the main text of a page.
FRAME = frozenset(("nav", "header", "footer", "aside", "form"))
BOLD = frozenset(("b", "strong"))
# All HTML elements. Any other name in angle brackets in Markdown is a placeholder, and so text.
ELEMENTS = (
    HIDDEN
    | HEADINGS
    | BLOCKS
    | BOLD
    | frozenset(
        """
    a abbr audio bdi bdo big br button caption cite code col colgroup data dfn em embed font i
    img input ins kbd label link map mark menu meta meter nobr ol optgroup option output param
    picture pre progress q rp rt ruby s samp small source span strike sub sup table tbody td tfoot
    th thead time title tr track tt u ul var video wbr
    """.split()
    )
)
