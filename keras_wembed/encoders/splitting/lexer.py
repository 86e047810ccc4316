r"""The lexer: one regular expression whose alternatives are the tokens.

They are tried in order, the first that matches is a token, and blanks are put around
it. RE2 runs it; it looks neither ahead nor behind, so where what follows decides, an
alternative takes in what follows too.
"""

import tensorflow as tf

# What joins letters in all scripts: an apostrophe, hyphens, and three unseen signs.
JOINERS = r"\x{ad}\x{200c}\x{200d}\x{2010}\x{2011}\x{2019}"
SIGN = rf"[^\x00-\x7f\p{{L}}\p{{M}}\p{{N}}{JOINERS}]"
# Flags, then any other sign outside ASCII with its marks, skin tone and joined signs.
SIGNS = (
    r"([\x{1f1e6}-\x{1f1ff}]{2}"
    rf"|{SIGN}(?:\p{{M}}|[\x{{1f3fb}}-\x{{1f3ff}}]|\x{{200d}}{SIGN})*)"
)

# Once signs stand alone, what is not ASCII is a letter; no need to list all scripts.
TICK = r"['\x{2019}]"
LETTER = r"[^\x00-@\[-`{-\x7f\x{2010}\x{2011}\x{2019}]"
CHARACTER = r"[^\x00-/:-@\[-^`{-\x7f\x{2010}\x{2011}\x{2019}]"
WORD = rf"{CHARACTER}+(?:{TICK}{LETTER}{CHARACTER}*)*"
NUMBER = r"[0-9]+(?:[.,:/][0-9]+)+"
HYPHEN = r"[-\x{2010}\x{2011}]"
COMPOUND = rf"(?:{HYPHEN}(?:{NUMBER}|{WORD}))*"

# Plain words in a row, most of a text: one match for all makes a lexer fast.
PLAIN = r"(?:[a-z0-9]+\s+)+"
# An address ends at no mark that more often belongs to the sentence.
END = r"[^\s<>\"]*[^\s<>\".,:;!?'\x{2019}()\[\]{}]"
TOP_LEVELS = (
    "biz|com|edu|gov|info|int|mil|net|org|(?:ac|co|com|gov|net|org)\\.[a-z][a-z]"
    "|au|br|ca|ch|cn|de|eu|fr|io|jp|nl|ru|se|tv|uk"
)
FILES = "asp|csv|docx?|exe|gif|html?|jpe?g|js|json|pdf|php|png|py|txt|xml|zip"
ADDRESSES = (
    rf"(?:(?:https?|ftp)://|www\.){END}"
    r"|[a-z0-9][a-z0-9._%+-]*@[a-z0-9-]+(?:\.[a-z0-9-]*[a-z0-9])+"
    rf"|(?:[a-z0-9-]+\.)+(?:{TOP_LEVELS})\b(?:/{END})?"
    rf"|[a-z0-9_-]+\.(?:{FILES})\b"
)
ACRONYM = r"(?:[a-z]\.)+[a-z]\b\.?"
# Each is a token of GloVe 6B with its full stop, and seldom the last word of a sentence
# without one (so not "ill", "sat", "in").
ABBREVIATION = (
    "(?:adj|adm|adv|ala|al|apr|ariz|assn|assoc|asst|attn|atty|aug|ave|bldg|blvd|brig"
    "|bros|calif|capt|cf|cie|cmdr|col|colo|comdr|conn|corp|cos|co|cpl|ct|dec|dept|det"
    "|dist|drs|dr|ed\\.d|eds|engl|esq|est|etc|feb|figs|fig|fla|fri|ft|ga|gen|gov|govs"
    "|govt|hrs|hwy|ibid|inc|insp|intl|jan|jnr|jr|jul|jun|kans|kan|ky|lbs|lb|lieut"
    "|ll\\.[bdm]|ltda|ltd|lt|maj|mar|md|messrs|mfg|mich|minn|mlle|mme|mont|mrs|mr|msgr"
    "|ms|mt|natl|neb|nev|nov|oct|okla|ont|oz|pa|penn|pfc|ph\\.d|plc|pp|pres|prof|profs"
    "|pte|pts|pty|pvt|rd|rep|reps|rev|sens|sen|sept|sep|sgt|spp|sq|sr|ste|st|sts|supt"
    "|tel|tenn|tex|thurs|thur|thu|treas|tues|tue|twp|univ|va|viz|vols|vs|vt|wis|wisc"
    "|wm|wyo)\\."
)


def lex(texts: tf.Tensor, *alternatives: str) -> tf.Tensor:
    """The texts with blanks around each token; case does not matter.

    Shapes:
        texts: `(batch,)`
        returns: `(batch,)`
    """
    signs = tf.strings.regex_replace(texts, SIGNS, r" \0 ")
    lexer = f"(?i){'|'.join(alternatives)}"
    return tf.strings.regex_replace(tf.strings.strip(signs), lexer, r" \0 ")
